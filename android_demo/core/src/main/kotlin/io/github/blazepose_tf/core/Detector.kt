package io.github.blazepose_tf.core

/**
 * Letterbox, network, decode, weighted suppression. Owns [engine].
 *
 * @throws ModelException the file is no detector, or the engine's tensors are not a detector's
 */
class Detector(model: ModelFile, val engine: InferenceEngine) : PersonFinder {
    private val input: ImageInput
    private val boxes: Tensor
    private val scores: Tensor
    private val boxValues: FloatArray
    private val scoreValues: FloatArray
    private val decoder: DetectionDecoder
    private val letterbox = Roi()

    init {
        val anchors = model.anchors?.centers() ?: throw otherLayout(model, "detector")
        val count = anchors.size / 2
        input = ImageInput(engine.input(model, "detector"))
        boxes = engine.output(model, "detector", "boxes", 1, count, WeightedNms.VALUES)
        scores = engine.output(model, "detector", "scores", 1, count)
        boxValues = FloatArray(boxes.count)
        scoreValues = FloatArray(scores.count)
        decoder = DetectionDecoder(anchors, model.inputSize)
    }

    override fun find(frame: Frame, target: Detection, times: StageTimes): Boolean {
        val start = System.nanoTime()
        letterbox.setLetterbox(frame.width, frame.height)
        frame.crop(letterbox, Border.BLACK, input)
        engine.run()
        boxes.read(boxValues)
        scores.read(scoreValues)
        val found = decoder.decode(boxValues, scoreValues, letterbox, target)
        times.detector += millisecondsSince(start)
        return found
    }

    override fun close() = engine.close()
}
