package io.github.blazepose_tf.core

/** Turns the detector's raw numbers into people. [anchors]: centres x, y, x, y, ... in 0..1. */
class DetectionDecoder(
    private val anchors: FloatArray,
    private val inputSize: Int,
    private val scoreThreshold: Float = SCORE_THRESHOLD,
) {
    private val nms = WeightedNms(anchors.size / 2)
    private val best = FloatArray(WeightedNms.VALUES)
    private val toImage = CropTransform()

    /**
     * The best person, in pixels of the frame whose [letterbox] the network saw, false where nobody
     * reaches the threshold.
     *
     * @param boxes per anchor 12 values: pixels of the input relative to the anchor's centre: box
     *     centre x, y, width, height, then four points
     * @param scores per anchor a probability
     */
    fun decode(boxes: FloatArray, scores: FloatArray, letterbox: Roi, target: Detection): Boolean {
        nms.start(candidates(boxes, scores))
        if (!nms.next(best)) return false
        toImage.set(letterbox)
        target.score = nms.score
        for (i in best.indices step 2) {
            val x = toImage.imageX(best[i].toDouble(), best[i + 1].toDouble()).toFloat()
            val y = toImage.imageY(best[i].toDouble(), best[i + 1].toDouble()).toFloat()
            val values = if (i < 4) target.box else target.keypoints
            val at = if (i < 4) i else i - 4
            values[at] = x
            values[at + 1] = y
        }
        return true
    }

    /** Decode the anchors that reach the threshold into the suppression's arrays; how many they are. */
    private fun candidates(boxes: FloatArray, scores: FloatArray): Int {
        val size = inputSize.toFloat()
        var count = 0
        for (anchor in scores.indices) {
            if (!(scores[anchor] >= scoreThreshold)) continue
            val from = anchor * WeightedNms.VALUES
            val to = count * WeightedNms.VALUES
            for (axis in 0..1) {
                val center = boxes[from + axis] / size + anchors[2 * anchor + axis]
                val half = boxes[from + 2 + axis] / size / 2
                nms.values[to + axis] = center - half
                nms.values[to + 2 + axis] = center + half
                for (point in 0 until WeightedNms.NUM_KEYPOINTS) {
                    val i = 4 + 2 * point + axis
                    nms.values[to + i] = boxes[from + i] / size + anchors[2 * anchor + axis]
                }
            }
            nms.scores[count++] = scores[anchor]
        }
        return count
    }

    companion object {
        val SCORE_THRESHOLD: Float = Constants.section("detector").getDouble("score_threshold").toFloat()
    }
}
