package io.github.blazepose_tf.demo

import android.content.Intent
import io.github.blazepose_tf.core.testing.JvmEngine
import io.github.blazepose_tf.demo.benchmark.ResultFile
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.json.JSONObject
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowLog

/** Started as `am start` does; the networks really run. tests/android checks the results by the schema. */
@RunWith(RobolectricTestRunner::class)
class BenchmarkActivityTest {
    private val application = RuntimeEnvironment.getApplication() as DemoApplication

    @Before
    fun useTheJvm() {
        application.engines = JvmEngine.FACTORY
    }

    @Test
    fun `whole frames are measured, tracked and re-detected`() {
        val result = run("tracked", "model" to asset("landmark_lite"), "detector" to asset("detector"))
        assertEquals("ok", result.getString("status"), result.optString("error"))
        val samples = result.getJSONObject("samples")
        val latencies = samples.getJSONArray("latency_us")
        assertTrue(latencies.length() >= MIN_INFERENCES)
        val redetected = samples.getJSONArray("redetected")
        assertTrue(redetected.length() in latencies.length() / 20..latencies.length() / 2, "${redetected.length()}")
        assertEquals(setOf("crop", "detector", "landmarks", "smoothing"), result.getJSONObject("stages_ms").keys().asSequence().toSet())
        assertEquals("full", result.getJSONObject("delegate").getString("extent"))
    }

    @Test
    fun `without a detector crops are measured and nothing is re-detected`() {
        val result = run("crops", "model" to asset("landmark_lite"), "delegate" to "gpu")
        assertEquals(0, result.getJSONObject("samples").getJSONArray("redetected").length())
        val delegate = result.getJSONObject("delegate")
        assertEquals(listOf("gpu", "none"), listOf("requested", "extent").map(delegate::getString))
        assertTrue(delegate.getString("message").isNotEmpty())
    }

    @Test
    fun `a bad request gives an error and says what is wrong`() {
        for ((name, extra) in listOf("threads" to ("threads" to 0), "model" to ("model" to "/nowhere.tflite"))) {
            val result = run("bad-$name", "model" to asset("landmark_lite"), extra)
            assertEquals("error", result.getString("status"))
            assertTrue(name in result.getString("error"), result.getString("error"))
        }
        val swapped = run("bad-kind", "model" to asset("detector"))
        assertTrue("is no landmark network" in swapped.getString("error"))
    }

    @Test
    fun `the camera's frames need its permission`() {
        val result = run("bad-camera", "model" to asset("landmark_lite"), "frames" to "camera")
        assertTrue("pm grant ${application.packageName} android.permission.CAMERA" in result.getString("error"))
    }

    @Test
    fun `an identity that is no file name leaves no file`() {
        start("../up", mapOf("model" to asset("landmark_lite")))
        waitUntil("error in the log") { ShadowLog.getLogsForTag(ResultFile.LOG_TAG).orEmpty().any { "benchmark:" in it.msg } }
        assertNull(announcement("../up"))
    }

    @Test
    fun `without an identity the app starts as usual`() {
        val activity = Robolectric.buildActivity(BenchmarkActivity::class.java, Intent()).create().get()
        assertTrue(activity.isFinishing)
        assertEquals(MainActivity::class.java.name, shadowOf(activity).nextStartedActivity.component?.className)
    }

    private fun run(id: String, vararg extras: Pair<String, Any>): JSONObject {
        start(id, extras.toMap())
        waitUntil("result of $id") { announcement(id) != null }
        val file = File(application.getExternalFilesDir(null), "benchmark/$id.json")
        val shown = File(System.getProperty("shown")!!, "benchmark/$id.json")
        file.copyTo(shown, overwrite = true)
        return JSONObject(file.readText())
    }

    private fun start(id: String, extras: Map<String, Any>) {
        val intent = Intent()
            .putExtra("benchmark", id).putExtra("min_inferences", MIN_INFERENCES)
            .putExtra("min_seconds", 0.3f).putExtra("max_seconds", 60f).putExtra("warmup_limit_s", 0.3f).putExtra("quick", true)
        for ((name, value) in extras) if (value is Int) intent.putExtra(name, value) else intent.putExtra(name, value as String)
        Robolectric.buildActivity(BenchmarkActivity::class.java, intent).setup()
    }

    /** The log line that the harness waits for: tag, words and path as in benchmarks/README.md. */
    private fun announcement(id: String) = ShadowLog.getLogsForTag(ResultFile.LOG_TAG).orEmpty()
        .find { it.msg.startsWith("result $id ") && it.msg.endsWith("/benchmark/$id.json") }

    /** A bundled network as a file, the first precision there is. */
    private fun asset(network: String): String {
        val name = application.assets.list("models")!!.first { it.startsWith("pose_${network}_") && "float32" in it }
        val file = File(application.cacheDir, name)
        application.assets.open("models/$name").use { source -> file.outputStream().use(source::copyTo) }
        return file.path
    }

    private companion object {
        const val MIN_INFERENCES = 30
    }
}
