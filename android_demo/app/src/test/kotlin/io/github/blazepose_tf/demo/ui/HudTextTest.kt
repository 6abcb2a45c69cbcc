package io.github.blazepose_tf.demo.ui

import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.Extent
import io.github.blazepose_tf.core.Precision
import io.github.blazepose_tf.core.StageTimes
import io.github.blazepose_tf.demo.device.ThermalStatus
import io.github.blazepose_tf.demo.pipeline.LiveStatistics
import io.github.blazepose_tf.demo.pipeline.Loaded
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.Test

class HudTextTest {
    @Test
    fun `says networks, speed, stages, detector and temperature`() {
        val statistics = LiveStatistics()
        val times = StageTimes()
        for (frame in 0..10) {
            times.crop = 1.0
            times.detector = if (frame == 0) 8.0 else 0.0
            times.landmarks = 5.0 + frame // median 10
            statistics.add(times, cameraMs = 20.0, detectorRan = frame == 0, endSeconds = frame / 25.0)
        }
        statistics.addDrawing(2.0)
        val text = hudText(loaded(Delegation(Delegate.XNNPACK, Delegate.XNNPACK, Extent.FULL)), statistics.numbers(), ThermalStatus.LIGHT, "640x480 front", null)
        assertEquals(
            """
            lite float16 · XNNPACK (whole graph) · 2 threads
            25.0 FPS · 640x480 front · thermal light
            camera 20.0  crop 1.0  detector 8.0 ms
            landmarks 10.0  smoothing –  drawing 2.0 ms
            detector ran in 1 of 11 frames
            """.trimIndent(),
            text,
        )
    }

    @Test
    fun `a delegate that refused is named with its reason`() {
        val refused = Delegation(Delegate.GPU, Delegate.XNNPACK, Extent.NONE, "no OpenCL")
        val text = hudText(loaded(refused), LiveStatistics().numbers(), ThermalStatus.UNKNOWN, "no camera", "short of memory")
        assertTrue("GPU refused, XNNPACK runs · 2 threads\n! no OpenCL\n" in text)
        assertTrue(text.endsWith("\n! short of memory"))
    }

    private fun loaded(delegation: Delegation) = Loaded(
        "pose_landmark_lite_float16.tflite", "", "pose_detector_float16.tflite", "", "lite", Precision.FLOAT16, delegation, 2, 1.0,
    )
}
