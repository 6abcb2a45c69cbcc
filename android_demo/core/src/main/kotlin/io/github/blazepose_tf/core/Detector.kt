package io.github.blazepose_tf.core

/**
 * Letterbox, network, decode, weighted suppression. Owns [engine].
 *
 * @throws ModelException the engine's tensors are not a detector's
 */
class Detector(model: ModelFile, val engine: InferenceEngine) : PersonFinder {
    override fun find(frame: Frame, target: Detection, times: StageTimes): Boolean = TODO()

    override fun close() = engine.close()
}
