package io.github.blazepose_tf.core

/**
 * Crop, landmark network, crop units to pixels. Owns [engine].
 *
 * @throws ModelException the engine's tensors are not a landmark network's
 */
class Landmarker(model: ModelFile, val engine: InferenceEngine) : LandmarkFinder {
    override fun find(frame: Frame, roi: Roi, target: Landmarks, times: StageTimes) = TODO()

    override fun close() = engine.close()
}
