package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Clip
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.optional
import io.github.blazepose_tf.core.testing.roi
import kotlin.math.abs
import kotlin.math.hypot
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The whole pipeline with real inference against Python's tracker on the same frames. */
class ClipTest {
    private val clip = Clip.open()

    @Test
    fun `pictures give Python's poses`() = assertFollows("rgb") { clip.argb(it) }

    @Test
    fun `camera frames give Python's poses`() = assertFollows("yuv") { clip.camera(it) }

    private fun assertFollows(name: String, frame: (Int) -> Frame) {
        val expected = clip.expected(name)
        val poses = expected.getJSONArray("poses")
        var worst = 0.0
        var worstMetres = 0.0
        clip.tracker().use { tracker ->
            for (number in 0 until clip.frames) {
                val pose = tracker.process(frame(number), clip.seconds(number))
                val known = poses.optJSONObject(number)
                assertEquals(known != null, pose != null, "frame $number")
                if (known == null || pose == null) continue
                assertEquals(known.getBoolean("detector_ran"), pose.detectorRan, "frame $number")
                assertSame(known.roi("roi"), pose.roi, PIXELS)
                val points = known.floats("points")
                for (i in points.indices step 3) {
                    val distance = hypot(points[i] - pose.landmarks.points[i], points[i + 1] - pose.landmarks.points[i + 1])
                    worst = maxOf(worst, distance.toDouble())
                }
                known.floats("world").forEachIndexed { i, metres ->
                    worstMetres = maxOf(worstMetres, abs(metres - pose.landmarks.world[i]).toDouble())
                }
                assertClose(known.floats("visibility"), pose.landmarks.visibility, 0.01)
                assertEquals(known.getDouble("presence"), pose.landmarks.presence.toDouble(), 0.01)
            }
            assertEquals(expected.getLong("found"), tracker.counts.poses)
            assertEquals(expected.getLong("detector_runs"), tracker.counts.detectorRuns)
            assertEquals(expected.getLong("lost_frames"), tracker.counts.lostFrames)
        }
        println("$name: landmarks within %.4f px and %.5f m of Python's".format(worst, worstMetres))
        assertTrue(worst <= PIXELS, "$worst px")
        assertTrue(worstMetres <= 0.01, "$worstMetres m")
        assertEquals(2, expected.getInt("lost_frames"))
    }

    private companion object {
        /** One last bit of a runtime's float32 or of a rounded colour is 0.1 to 0.4 px here. */
        const val PIXELS = 0.5
    }
}
