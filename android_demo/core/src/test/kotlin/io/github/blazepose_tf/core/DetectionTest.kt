package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.optional
import io.github.blazepose_tf.core.testing.roi
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.json.JSONObject

class DetectionTest {
    private val golden = Golden.vectors("detection")
    private val cases = golden.objects("cases")

    private fun decode(case: JSONObject, target: Detection): Boolean {
        val threshold = case.getDouble("threshold").toFloat()
        val decoder = DetectionDecoder(golden.floats("anchors"), golden.getInt("input_size"), threshold)
        val letterbox = Roi().apply { setLetterbox(case.getInt("width"), case.getInt("height")) }
        return decoder.decode(case.floats("boxes"), case.floats("scores"), letterbox, target)
    }

    @Test
    fun `the best person and its ROI are Python's`() {
        var people = 0
        for (case in cases) {
            val found = Detection()
            val best = case.optional("best")
            assertEquals(best != null, decode(case, found))
            if (best == null) continue
            people++
            assertEquals(best.getDouble("score"), found.score.toDouble(), 1e-6)
            val scale = maxOf(case.getInt("width"), case.getInt("height")) / 64.0 // pixels per input pixel
            assertClose(best.floats("box"), found.box, 1e-4 * scale)
            assertClose(best.floats("keypoints"), found.keypoints, 1e-4 * scale)
            assertSame(best.roi("roi"), Roi().also(found::roi), 1e-3 * scale)
        }
        assertEquals(3, people)
    }

    @Test
    fun `suppression gives Python's people, best first`() {
        for (case in cases) {
            val values = case.floats("candidates")
            val nms = WeightedNms(maxOf(1, values.size / WeightedNms.VALUES))
            values.copyInto(nms.values)
            case.floats("candidate_scores").copyInto(nms.scores)
            nms.start(values.size / WeightedNms.VALUES)
            val person = FloatArray(WeightedNms.VALUES)
            val people = case.floats("people").toList().chunked(WeightedNms.VALUES)
            for ((expected, score) in people.zip(case.floats("people_scores").toList())) {
                assertTrue(nms.next(person))
                assertEquals(score, nms.score)
                assertClose(expected.toFloatArray(), person, 1e-4)
            }
            assertFalse(nms.next(person))
        }
    }

    @Test
    fun `scores that are no numbers are nobody`() {
        val case = cases[0]
        val decoder = DetectionDecoder(golden.floats("anchors"), 64)
        val scores = FloatArray(case.floats("scores").size) { Float.NaN }
        assertFalse(decoder.decode(case.floats("boxes"), scores, Roi(32.0, 32.0, 64.0), Detection()))
    }
}
