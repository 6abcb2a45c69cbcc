package io.github.blazepose_tf.core

import kotlin.math.sqrt

/** One person in one frame. Mutable and reused: keep a copy with [set] where it must outlive the frame. */
class Landmarks {
    /** 35 x (x, y, z): pixels of the upright frame, z on the same scale with the hips at 0. */
    val points = FloatArray(Topology.NUM_POINTS * 3)

    /** 33 probabilities that the landmark is in the picture and not covered. */
    val visibility = FloatArray(Topology.NUM_LANDMARKS)

    /** 33 x (x, y, z) in metres, origin between the hips. */
    val world = FloatArray(Topology.NUM_LANDMARKS * 3)

    /** Probability that the crop shows a person. */
    var presence = 0f

    fun x(landmark: Int): Float = points[3 * landmark]

    fun y(landmark: Int): Float = points[3 * landmark + 1]

    fun z(landmark: Int): Float = points[3 * landmark + 2]

    fun set(other: Landmarks) {
        other.points.copyInto(points)
        other.visibility.copyInto(visibility)
        other.world.copyInto(world)
        presence = other.presence
    }

    /** False where a number is NaN or infinite: a network gone wrong. */
    val isFinite: Boolean
        get() = allFinite(points) && allFinite(world) && allFinite(visibility)

    /** Pixels: diameter of the circle around the body (MediaPipe's OBJECT_SCALE_ROI). */
    val bodySize: Double
        get() {
            val dx = x(Topology.FULL_BODY_CIRCLE) - x(Topology.MID_HIP)
            val dy = y(Topology.FULL_BODY_CIRCLE) - y(Topology.MID_HIP)
            return 2.0 * sqrt(dx * dx + dy * dy)
        }

    /** Where to look in the next frame. */
    fun nextRoi(target: Roi) {
        val hip = Topology.MID_HIP
        val circle = Topology.FULL_BODY_CIRCLE
        target.setFromAlignment(x(hip), y(hip), x(circle), y(circle))
    }

    private fun allFinite(values: FloatArray): Boolean {
        for (value in values) if (!value.isFinite()) return false
        return true
    }
}
