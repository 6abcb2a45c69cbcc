package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.optional
import io.github.blazepose_tf.core.testing.roi
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.json.JSONObject

/** The tracker's decisions with made-up networks, frame by frame against Python's. */
class PoseTrackerTest {
    private val golden = Golden.vectors("tracking")

    /** Answers as the current frame's script says; [calls] is what was asked. */
    private class Networks {
        lateinit var script: JSONObject
        var calls = ""

        val detector = object : PersonFinder {
            override fun find(frame: Frame, target: Detection, times: StageTimes): Boolean {
                calls += "D"
                val keypoints = script.optional("keypoints") ?: return false
                check(keypoints.getString("type") == "float32")
                script.floats("keypoints").copyInto(target.keypoints)
                return true
            }

            override fun close() {
                calls += "d"
            }
        }
        val landmarker = object : LandmarkFinder {
            override fun find(frame: Frame, roi: Roi, target: Landmarks, times: StageTimes) {
                calls += "L"
                target.set(landmarks(script.objects("looks")[calls.count { it == 'L' } - 1]))
            }

            override fun close() {
                calls += "l"
            }
        }
    }

    private class Blank(override val width: Int, override val height: Int) : Frame {
        override fun crop(roi: Roi, border: Border, target: ImageInput) = error("nobody looks")
    }

    @Test
    fun `decisions, results and counts are Python's`() {
        for (run in golden.objects("runs")) {
            val networks = Networks()
            val tracker = PoseTracker(networks.detector, networks.landmarker, run.getBoolean("smoothing"))
            for ((script, expected) in golden.objects("frames").zip(run.objects("results"))) {
                networks.script = script
                networks.calls = ""
                val pose = tracker.process(Blank(script.getInt("width"), script.getInt("height")), script.getDouble("time"))
                assertEquals(expected.getString("calls"), networks.calls)
                assertEquals("D" in networks.calls, tracker.detectorRan)
                val known = expected.optional("pose")
                if (known == null) assertNull(pose) else assertSame(known, checkNotNull(pose))
            }
            val counts = tracker.counts
            val expected = listOf("frames", "poses", "detector_runs", "lost_frames").map(run::getLong)
            assertEquals(expected, listOf(counts.frames, counts.poses, counts.detectorRuns, counts.lostFrames))
            assertTrue(counts.lostFrames > 2 && counts.poses > 10)
        }
    }

    private fun assertSame(expected: JSONObject, pose: Pose) {
        val landmarks = expected.getJSONObject("landmarks")
        assertClose(landmarks.floats("points"), pose.landmarks.points, 1e-3)
        assertClose(landmarks.floats("visibility"), pose.landmarks.visibility, 1e-6)
        assertClose(landmarks.floats("world"), pose.landmarks.world, 1e-6)
        assertEquals(landmarks.getDouble("presence"), pose.landmarks.presence.toDouble(), 1e-6)
        assertSame(expected.roi("roi"), pose.roi, 1e-3)
        assertEquals(expected.getBoolean("detector_ran"), pose.detectorRan)
    }

    @Test
    fun `a reset forgets the person and the counts, forget only the person`() {
        val networks = Networks()
        val tracker = PoseTracker(networks.detector, networks.landmarker)
        networks.script = golden.objects("frames").first { frame ->
            !frame.isNull("keypoints") && landmarks(frame.objects("looks")[0]).run { isFinite && presence > 0.5f }
        }
        val frame = Blank(320, 240)
        fun calls(time: Double): String {
            networks.calls = ""
            tracker.process(frame, time)
            return networks.calls
        }
        assertEquals(listOf("DL", "L"), listOf(calls(0.0), calls(0.1)))
        tracker.forget()
        assertEquals("DL" to 3L, calls(0.2) to tracker.counts.frames)
        tracker.reset()
        assertEquals("DL" to 1L, calls(0.0) to tracker.counts.frames)
        assertFailsWith<IllegalArgumentException> { tracker.process(frame, Double.NaN) }
        tracker.close()
        assertTrue(networks.calls.endsWith("dl"))
    }
}
