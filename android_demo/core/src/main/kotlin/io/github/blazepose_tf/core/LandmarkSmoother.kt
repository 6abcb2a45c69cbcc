package io.github.blazepose_tf.core

/** The four filters of one tracked person: landmarks, alignment points, world, visibility. */
class LandmarkSmoother {
    private val body = OneEuroFilter(BODY, 3 * Topology.NUM_LANDMARKS)
    private val auxiliary = OneEuroFilter(AUXILIARY, 3 * (Topology.NUM_POINTS - Topology.NUM_LANDMARKS))
    private val world = OneEuroFilter(WORLD, 3 * Topology.NUM_LANDMARKS)
    private val visibility = LowPassFilter(VISIBILITY_ALPHA, Topology.NUM_LANDMARKS)
    private val bodyValues = DoubleArray(3 * Topology.NUM_LANDMARKS)
    private val auxiliaryValues = DoubleArray(3 * (Topology.NUM_POINTS - Topology.NUM_LANDMARKS))
    private val visibilityValues = DoubleArray(Topology.NUM_LANDMARKS)

    /** Forget the person. */
    fun reset() {
        body.reset()
        auxiliary.reset()
        world.reset()
        visibility.reset()
    }

    /** Smooth in place the landmarks of the frame at [timestampSeconds]; presence is unchanged. */
    fun smooth(landmarks: Landmarks, timestampSeconds: Double) {
        val scale = landmarks.bodySize
        if (scale >= MIN_OBJECT_SCALE) {
            val points = landmarks.points
            load(points, 0, bodyValues)
            load(points, bodyValues.size, auxiliaryValues)
            body.filter(bodyValues, timestampSeconds, 1.0 / scale)
            auxiliary.filter(auxiliaryValues, timestampSeconds, 1.0 / scale)
            store(bodyValues, points, 0)
            store(auxiliaryValues, points, bodyValues.size)
        }
        load(landmarks.visibility, 0, visibilityValues)
        visibility.filter(visibilityValues)
        store(visibilityValues, landmarks.visibility, 0)
        load(landmarks.world, 0, bodyValues)
        world.filter(bodyValues, timestampSeconds)
        store(bodyValues, landmarks.world, 0)
    }

    private fun load(from: FloatArray, start: Int, to: DoubleArray) {
        for (i in to.indices) to[i] = from[start + i].toDouble()
    }

    private fun store(from: DoubleArray, to: FloatArray, start: Int) {
        for (i in from.indices) to[start + i] = from[i].toFloat()
    }

    companion object {
        private val json = Constants.section("smoothing")
        val BODY = OneEuroOptions(json.getJSONObject("body"))
        val AUXILIARY = OneEuroOptions(json.getJSONObject("auxiliary"))
        val WORLD = OneEuroOptions(json.getJSONObject("world"))
        val VISIBILITY_ALPHA: Double = json.getDouble("visibility_alpha")
        val MIN_OBJECT_SCALE: Double = json.getDouble("min_object_scale")
    }
}
