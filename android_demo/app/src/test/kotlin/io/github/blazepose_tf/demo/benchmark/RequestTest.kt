package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.core.Delegate
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.Test

class RequestTest {
    private val good = mapOf<String, Any?>("benchmark" to "run-1", "model" to "/data/local/tmp/m.tflite")

    @Test
    fun `what is not given is the protocol's`() {
        val request = Request.of(good)
        assertEquals(Request("run-1", "/data/local/tmp/m.tflite", null, Delegate.XNNPACK, 1, FrameKind.BUNDLED, 1024, 60f, 600f, 30f, false), request)
    }

    @Test
    fun `what the harness gives is read`() {
        val request = Request.of(
            good + mapOf(
                "detector" to "/d.tflite", "delegate" to "gpu", "threads" to 4, "frames" to "camera", "min_inferences" to 10,
                "min_seconds" to 1.5f, "max_seconds" to 9f, "warmup_limit_s" to 0.5f, "quick" to true,
            ),
        )
        assertEquals(
            Request("run-1", "/data/local/tmp/m.tflite", "/d.tflite", Delegate.GPU, 4, FrameKind.CAMERA, 10, 1.5f, 9f, 0.5f, true),
            request,
        )
    }

    @Test
    fun `what cannot be used is named`() {
        val bad = mapOf<String, Any?>(
            "delegate" to "npu", "threads" to 0, "frames" to "movie", "min_seconds" to Float.NaN, "min_inferences" to "many",
            "quick" to "yes", "benchmark" to "../up",
        )
        for ((name, value) in bad) {
            val error = assertFailsWith<RequestException> { Request.of(good + (name to value)) }
            assertTrue(error.message!!.startsWith("$name: ") && '\n' !in error.message!!, error.message)
        }
        assertFailsWith<RequestException> { Request.of(good - "model") }
    }
}
