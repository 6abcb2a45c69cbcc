package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.doubles
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.shape
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.json.JSONObject

class SmoothingTest {
    private val golden = Golden.vectors("smoothing")
    private val times = golden.doubles("times")
    private val values = golden.doubles("values")
    private val size = golden.shape("values")[1]

    private fun filtered(filter: (DoubleArray, Double) -> Unit): DoubleArray =
        times.indices.flatMap { step ->
            val row = values.copyOfRange(step * size, (step + 1) * size)
            filter(row, times[step])
            row.toList()
        }.toDoubleArray()

    @Test
    fun `One Euro is Python's`() {
        val cases = golden.objects("one_euro")
        assertEquals(6, cases.size)
        for (case in cases) {
            val filter = OneEuroFilter(OneEuroOptions(case), size)
            val scale = case.getDouble("scale")
            assertClose(case.doubles("filtered"), filtered { row, time -> filter.filter(row, time, scale) }, 1e-6)
        }
    }

    @Test
    fun `after a reset the next value passes unchanged`() {
        val filter = OneEuroFilter(LandmarkSmoother.BODY, size)
        filtered { row, time -> filter.filter(row, time) }
        filter.reset()
        val row = DoubleArray(size) { -1e4 * it }
        filter.filter(row, times.last() + 0.1)
        assertClose(DoubleArray(size) { -1e4 * it }, row, 0.0)
    }

    @Test
    fun `the low-pass is Python's`() {
        val expected = golden.getJSONObject("low_pass")
        val filter = LowPassFilter(expected.getDouble("alpha"), size)
        assertClose(expected.doubles("filtered"), filtered { row, _ -> filter.filter(row) }, 1e-6)
    }

    /** How many of 50 frames a guard changes, each as in Python. */
    private fun changed(case: String, hold: (Landmarks, Double) -> Unit): Int {
        var count = 0
        for (step in golden.getJSONObject(case).objects("steps")) {
            val given = landmarks(step.getJSONObject("given"))
            val landmarks = Landmarks().apply { set(given) }
            hold(landmarks, step.getDouble("time"))
            val expected = step.getJSONObject("held")
            assertClose(expected.floats("points"), landmarks.points, 0.0)
            assertClose(expected.floats("visibility"), landmarks.visibility, 0.0)
            assertClose(expected.floats("world"), landmarks.world, 0.0)
            if (!landmarks.points.contentEquals(given.points)) count++
        }
        return count
    }

    @Test
    fun `sides are held as in Python`() {
        val frames = changed("sides", SideGuard()::hold)
        assertTrue(frames in 20..45, "$frames of 50 frames exchanged")
    }

    @Test
    fun `jumps are held as in Python`() {
        val frames = changed("jumps", JumpGuard()::hold)
        assertTrue(frames in 40..49, "$frames of 50 frames held")
    }

    @Test
    fun `a body is smoothed as in Python`() {
        val smoother = LandmarkSmoother()
        for (step in golden.getJSONObject("smoother").objects("steps")) {
            val landmarks = landmarks(step.getJSONObject("given"))
            smoother.smooth(landmarks, step.getDouble("time"))
            val expected = step.getJSONObject("smoothed")
            assertClose(expected.floats("points"), landmarks.points, 1e-4)
            assertClose(expected.floats("visibility"), landmarks.visibility, 1e-6)
            assertClose(expected.floats("world"), landmarks.world, 1e-6)
        }
    }
}

/** Landmarks that `blazepose_tf/golden/tracking.py` wrote. */
internal fun landmarks(json: JSONObject) = Landmarks().apply {
    json.floats("points").copyInto(points)
    json.floats("visibility").copyInto(visibility)
    json.floats("world").copyInto(world)
    presence = json.getDouble("presence").toFloat()
}
