package io.github.blazepose_tf.core

import kotlin.math.min
import kotlin.math.sqrt

/**
 * Shows a point that jumps one frame late: one that jumps back at once never leaves. The same
 * decisions as `blazepose_tf/runtime/jumps.py`.
 */
class JumpGuard {
    private val given = Landmarks()
    private val seenX = DoubleArray(Topology.NUM_POINTS)
    private val seenY = DoubleArray(Topology.NUM_POINTS)
    private val stepX = DoubleArray(Topology.NUM_POINTS)
    private val stepY = DoubleArray(Topology.NUM_POINTS)
    private val held = BooleanArray(Topology.NUM_POINTS)
    private var lastSeconds = Double.NEGATIVE_INFINITY

    /** Forget the person; the next landmarks pass unchanged. */
    fun reset() {
        lastSeconds = Double.NEGATIVE_INFINITY
    }

    /**
     * Keep in place, for one frame, what has just jumped at [timestampSeconds], before smoothing. A
     * timestamp that does not grow leaves everything as it is and is not remembered.
     */
    fun hold(landmarks: Landmarks, timestampSeconds: Double) {
        val gap = timestampSeconds - lastSeconds
        if (!(gap > 0)) return
        val scale = landmarks.bodySize
        val comparable = gap <= SideGuard.MAX_GAP_S
        for (i in held.indices) {
            val x = landmarks.x(i).toDouble()
            val y = landmarks.y(i).toDouble()
            val jumped = comparable && scale >= LandmarkSmoother.MIN_OBJECT_SCALE && hasJumped(i, x, y, scale)
            held[i] = jumped && !held[i]
            stepX[i] = if (comparable) x - seenX[i] else 0.0
            stepY[i] = if (comparable) y - seenY[i] else 0.0
            seenX[i] = x
            seenY[i] = y
            if (held[i]) stay(landmarks, i)
        }
        given.set(landmarks)
        lastSeconds = timestampSeconds
    }

    private fun hasJumped(i: Int, x: Double, y: Double, scale: Double): Boolean {
        val dx = x - given.x(i)
        val dy = y - given.y(i)
        val inStep = length(dx - stepX[i], dy - stepY[i])
        return min(length(dx, dy), inStep) > JUMP * scale
    }

    private fun stay(landmarks: Landmarks, i: Int) {
        given.points.copyInto(landmarks.points, 3 * i, 3 * i, 3 * i + 3)
        if (i < Topology.NUM_LANDMARKS) given.world.copyInto(landmarks.world, 3 * i, 3 * i, 3 * i + 3)
    }

    private fun length(x: Double, y: Double) = sqrt(x * x + y * y)

    companion object {
        /** Share of the body's size. */
        private val JUMP = Constants.section("jumps").getDouble("jump")
    }
}
