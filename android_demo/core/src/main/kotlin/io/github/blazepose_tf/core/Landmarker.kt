package io.github.blazepose_tf.core

/**
 * Crop, landmark network, crop units to pixels. Owns [engine].
 *
 * @throws ModelException the file is no landmark model, or the engine's tensors are not one's
 */
class Landmarker(model: ModelFile, val engine: InferenceEngine) : LandmarkFinder {
    private val input = ImageInput(engine.input(model, "landmark"))
    private val landmarks = engine.output(model, "landmark", "landmarks", 1, Topology.NUM_POINTS, 3)
    private val visibility = engine.output(model, "landmark", "visibility", 1, Topology.NUM_LANDMARKS)
    private val presence = engine.output(model, "landmark", "presence", 1, 1)
    private val world = engine.output(model, "landmark", "world", 1, Topology.NUM_LANDMARKS, 3)
    private val presenceValue = FloatArray(1)
    private val projection = LandmarkProjection()

    override fun find(frame: Frame, roi: Roi, target: Landmarks, times: StageTimes) {
        val start = System.nanoTime()
        frame.crop(roi, Border.REPLICATE, input)
        val cropped = System.nanoTime()
        engine.run()
        landmarks.read(target.points)
        visibility.read(target.visibility)
        world.read(target.world)
        presence.read(presenceValue)
        target.presence = presenceValue[0]
        projection.toImage(target, roi)
        times.crop += (cropped - start) / 1e6
        times.landmarks += millisecondsSince(cropped)
    }

    override fun close() = engine.close()
}
