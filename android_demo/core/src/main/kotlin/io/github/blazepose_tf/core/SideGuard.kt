package io.github.blazepose_tf.core

import kotlin.math.sqrt

/**
 * Puts back the sides of one tracked person that a network exchanged for a few frames: arms or legs
 * would jump across and back. The same decisions as `blazepose_tf/runtime/sides.py`.
 */
class SideGuard {
    private val lastX = FloatArray(Topology.NUM_LANDMARKS)
    private val lastY = FloatArray(Topology.NUM_LANDMARKS)
    private val exchangedSince = DoubleArray(PARTS.size)
    private var lastSeconds = Double.NEGATIVE_INFINITY

    /** Forget the person; the next landmarks pass unchanged. */
    fun reset() {
        lastSeconds = Double.NEGATIVE_INFINITY
        exchangedSince.fill(Double.NaN)
    }

    init {
        reset()
    }

    /**
     * Exchange in place what is on the wrong side at [timestampSeconds], before smoothing. A timestamp
     * that does not grow leaves everything as it is and is not remembered.
     */
    fun hold(landmarks: Landmarks, timestampSeconds: Double) {
        val gap = timestampSeconds - lastSeconds
        if (!(gap > 0)) return
        val scale = landmarks.bodySize
        val comparable = gap <= MAX_GAP_S && scale >= LandmarkSmoother.MIN_OBJECT_SCALE
        for (number in PARTS.indices) {
            val part = PARTS[number]
            if (!comparable || !isExchanged(landmarks, part, scale)) {
                exchangedSince[number] = Double.NaN
                continue
            }
            if (exchangedSince[number].isNaN()) exchangedSince[number] = timestampSeconds
            if (timestampSeconds - exchangedSince[number] < HOLD_S) exchange(landmarks, part) else exchangedSince[number] = Double.NaN
        }
        for (i in lastX.indices) {
            lastX[i] = landmarks.x(i)
            lastY[i] = landmarks.y(i)
        }
        lastSeconds = timestampSeconds
    }

    private fun isExchanged(landmarks: Landmarks, part: IntArray, scale: Double): Boolean {
        var straight = 0.0
        var crossed = 0.0
        for (i in part) {
            straight += distance(landmarks, i, i)
            crossed += distance(landmarks, Topology.MIRRORED[i], i)
        }
        straight /= part.size
        crossed /= part.size
        return crossed < RATIO * straight && straight - crossed > MARGIN * scale
    }

    /** Pixels from landmark [now] to where [before] was. */
    private fun distance(landmarks: Landmarks, now: Int, before: Int): Double {
        val dx = landmarks.x(now).toDouble() - lastX[before]
        val dy = landmarks.y(now).toDouble() - lastY[before]
        return sqrt(dx * dx + dy * dy)
    }

    private fun exchange(landmarks: Landmarks, part: IntArray) {
        for (i in part) {
            val other = Topology.MIRRORED[i]
            if (other <= i) continue // each pair once
            for (axis in 0 until 3) {
                swap(landmarks.points, 3 * i + axis, 3 * other + axis)
                swap(landmarks.world, 3 * i + axis, 3 * other + axis)
            }
            swap(landmarks.visibility, i, other)
        }
    }

    private fun swap(values: FloatArray, a: Int, b: Int) {
        val kept = values[a]
        values[a] = values[b]
        values[b] = kept
    }

    companion object {
        private val json = Constants.section("sides")

        /** Landmarks that change sides together. */
        private val PARTS: Array<IntArray> = json.getJSONArray("parts").let { parts ->
            Array(parts.length()) { parts.getJSONArray(it).ints() }
        }
        private val RATIO = json.getDouble("ratio")
        private val MARGIN = json.getDouble("margin")

        /** Seconds after which the network is believed. */
        private val HOLD_S = json.getDouble("hold_s")

        /** Seconds between frames up to which a point is near where it was. */
        val MAX_GAP_S = json.getDouble("max_gap_s")
    }
}
