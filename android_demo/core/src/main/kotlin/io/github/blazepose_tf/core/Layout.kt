package io.github.blazepose_tf.core

/** Looking up an engine's tensors; what is missing or of another shape names the file. */
internal fun InferenceEngine.input(model: ModelFile, what: String): Tensor =
    tensor(inputs, model, what, "image", intArrayOf(1, model.inputSize, model.inputSize, 3))

internal fun InferenceEngine.output(model: ModelFile, what: String, name: String, vararg shape: Int): Tensor =
    tensor(outputs, model, what, name, shape)

internal fun otherLayout(model: ModelFile, what: String) =
    ModelException("${model.name}: is no pose $what model; copy a pose_${what}_*.tflite file of tools/convert.py")

private fun tensor(tensors: Map<String, Tensor>, model: ModelFile, what: String, name: String, shape: IntArray): Tensor =
    tensors[name]?.takeIf { it.shape.contentEquals(shape) } ?: throw otherLayout(model, what)

internal fun millisecondsSince(start: Long): Double = (System.nanoTime() - start) / 1e6
