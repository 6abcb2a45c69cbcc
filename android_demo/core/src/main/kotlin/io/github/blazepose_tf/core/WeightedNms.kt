package io.github.blazepose_tf.core

import kotlin.math.max
import kotlin.math.min

/**
 * Weighted non-maximum suppression over at most `capacity` candidates.
 *
 * Boxes that overlap the best one by more than [iouThreshold] are averaged with their scores as
 * weights, key points too; the best score is kept. Fill [values] and [scores], then [next].
 */
class WeightedNms(capacity: Int, private val iouThreshold: Float = IOU_THRESHOLD) {
    /** Per candidate 12 values: box x0, y0, x1, y1, then four points. */
    val values = FloatArray(capacity * VALUES)
    val scores = FloatArray(capacity)
    private val order = IntArray(capacity)
    private val group = IntArray(capacity)
    private var left = 0

    /** Score of the person that [next] wrote. */
    var score = 0f; private set

    /** Take the first [count] candidates; [next] then gives people, best first. */
    fun start(count: Int) {
        left = count
        for (i in 0 until count) { // insertion: stable, and the candidates are few
            var at = i
            while (at > 0 && scores[order[at - 1]] < scores[i]) order[at] = order[--at]
            order[at] = i
        }
    }

    /** Write the best person that is left to [target] (12 values); false where nobody is left. */
    fun next(target: FloatArray): Boolean {
        if (left == 0) return false
        val best = order[0]
        var members = 0
        var others = 0
        var total = 0f
        for (i in 0 until left) {
            val candidate = order[i]
            if (candidate == best || overlap(best, candidate) > iouThreshold) {
                group[members++] = candidate
                total += scores[candidate]
            } else {
                order[others++] = candidate
            }
        }
        left = others
        score = scores[best]
        target.fill(0f, 0, VALUES)
        for (i in 0 until members) {
            val weight = scores[group[i]] / total
            for (k in 0 until VALUES) target[k] += values[group[i] * VALUES + k] * weight
        }
        return true
    }

    /** Intersection over union of two boxes, 0 where both are empty. */
    private fun overlap(first: Int, second: Int): Float {
        val a = first * VALUES
        val b = second * VALUES
        val width = min(values[a + 2], values[b + 2]) - max(values[a], values[b])
        val height = min(values[a + 3], values[b + 3]) - max(values[a + 1], values[b + 1])
        val both = max(width, 0f) * max(height, 0f)
        val union = area(a) + area(b) - both
        return if (union > 0) both / max(union, 1e-12f) else 0f
    }

    private fun area(box: Int): Float =
        max(values[box + 2] - values[box], 0f) * max(values[box + 3] - values[box + 1], 0f)

    companion object {
        private val json = Constants.section("detector")
        val IOU_THRESHOLD: Float = json.getDouble("iou_threshold").toFloat()
        val NUM_KEYPOINTS: Int = json.getInt("num_keypoints")

        /** Numbers per candidate: a box and [NUM_KEYPOINTS] points. */
        val VALUES: Int = 4 + 2 * NUM_KEYPOINTS
    }
}
