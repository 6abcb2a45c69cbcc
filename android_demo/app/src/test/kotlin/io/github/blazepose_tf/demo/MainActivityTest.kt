package io.github.blazepose_tf.demo

import android.Manifest
import android.content.ComponentCallbacks2
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Color
import android.provider.Settings as SystemSettings
import android.view.View
import android.widget.Button
import android.widget.TextView
import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Drawing
import io.github.blazepose_tf.core.Precision
import io.github.blazepose_tf.core.Side
import io.github.blazepose_tf.demo.camera.CameraState
import io.github.blazepose_tf.demo.camera.Lens
import io.github.blazepose_tf.demo.model.ModelChoice
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.json.JSONObject
import org.junit.After
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config

/** What the user sees in every state. The networks really run, on the JVM's TFLite. */
@RunWith(RobolectricTestRunner::class)
@Config(qualifiers = "w411dp-h731dp-xhdpi")
class MainActivityTest {
    private val application = RuntimeEnvironment.getApplication() as DemoApplication
    private val engines = CountingEngines()
    private lateinit var controller: ActivityController<MainActivity>
    private val activity get() = controller.get()

    @Before
    fun useTheJvm() {
        application.engines = engines
    }

    @After
    fun nothingIsLeftOpen() {
        controller.pause().stop().destroy()
        waitUntil("networks closed") { engines.open == 0 }
    }

    @Test
    fun `asks for the camera, and says why it is needed`() {
        start(granted = false)
        assertEquals(listOf(Manifest.permission.CAMERA), shadowOf(activity).lastRequestedPermission.requestedPermissions.toList())
        assertNotice(R.string.permission_needed, R.string.permission_allow)
    }

    @Test
    fun `a refusal is explained, and the button leads to the settings`() {
        start(granted = false)
        activity.onRequestPermissionsResult(1, arrayOf(Manifest.permission.CAMERA), intArrayOf(PackageManager.PERMISSION_DENIED))
        assertNotice(R.string.permission_denied, R.string.permission_settings)
        activity.findViewById<Button>(R.id.notice_action).performClick()
        assertEquals(SystemSettings.ACTION_APPLICATION_DETAILS_SETTINGS, shadowOf(activity).nextStartedActivity.action)
    }

    @Test
    fun `a missing camera is told, and the other one offered`() {
        start()
        offerTexture(activity)
        assertNotice(R.string.camera_none, R.string.switch_camera)
        addCamera(application, "0", Lens.BACK)
        activity.findViewById<Button>(R.id.notice_action).performClick()
        waitUntil("back camera") { "640x480 back" in hud }
        assertNoNotice()
    }

    @Test
    fun `a camera that another app takes comes back when it is free`() {
        addCamera(application, "1", Lens.FRONT)
        start()
        offerTexture(activity)
        waitUntil("camera") { "640x480 front" in hud }
        cameras(application).triggerDisconnect()
        waitUntil("notice") { notice == activity.getString(R.string.camera_in_use) }
        cameras(application).removeCamera("1")
        addCamera(application, "1", Lens.FRONT)
        waitUntil("camera again") { "640x480 front" in hud }
        assertNoNotice()
    }

    @Test
    fun `the camera is let go in the background`() {
        addCamera(application, "1", Lens.FRONT)
        start()
        offerTexture(activity)
        waitUntil("camera") { "640x480 front" in hud }
        controller.pause().stop()
        assertEquals(CameraState.Closed, activity.cameraState)
        controller.start().resume()
        waitUntil("camera again") { "640x480 front" in hud }
    }

    @Test
    fun `memory is given back in the background and taken again`() {
        start()
        waitUntil("networks") { engines.open == 2 && hud.startsWith("lite float32") }
        controller.pause().stop()
        activity.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        waitUntil("networks closed") { engines.open == 0 }
        controller.start().resume()
        waitUntil("networks again") { engines.open == 2 }
    }

    @Test
    fun `a pushed file appears in the list, and a damaged one is named`() {
        val folder = application.getExternalFilesDir("models")!!
        application.assets.open("models/pose_landmark_lite_float32.tflite").use { File(folder, "cut.tflite").writeBytes(it.readBytes().copyOf(4000)) }
        start()
        activity.choose(activity.settings.copy(model = ModelChoice.Pushed("cut.tflite")))
        waitUntil("message") { notice.startsWith("cut.tflite: is truncated") }
        activity.choose(activity.settings.copy(model = ModelChoice.Pushed("gone.tflite")))
        waitUntil("message") { notice.startsWith("gone.tflite: is not in ") }
        activity.choose(activity.settings.copy(model = ModelChoice.Bundled("lite")))
        waitUntil("networks") { hud.startsWith("lite float32") }
        assertNoNotice()
    }

    @Test
    fun `a picture from the gallery shows its skeleton, a refused GPU, and a report`() {
        start()
        waitUntil("networks") { hud.startsWith("lite float32") }
        activity.choose(activity.settings.copy(delegate = Delegate.GPU, threads = 1))
        activity.showPicture(person())
        // The numbers may be seen a moment before the word that the new networks are ready.
        waitUntil("refused GPU") { "GPU refused, XNNPACK runs · 1 thread\n! ${CountingEngines.NO_GPU}" in hud }
        waitUntil("person") { "detector ran in 1 of 1 frames" in hud }
        val screen = show(picture(activity.findViewById(android.R.id.content), 822, 1462), "app.png")
        val skeleton = pixels(screen).count { it in SKELETON_COLORS }
        assertTrue(skeleton > 2000, "$skeleton pixels of a skeleton")

        shadowOf(activity).clearNextStartedActivities()
        activity.window.decorView.findViewWithTag<View>(R.string.share).performClick()
        val send = shadowOf(activity).nextStartedActivity.getParcelableExtra(Intent.EXTRA_INTENT, Intent::class.java)!!
        val report = JSONObject(send.getStringExtra(Intent.EXTRA_TEXT)!!)
        val networks = report.getJSONObject("networks")
        assertEquals("lite float32", networks.getString("preset") + " " + networks.getString("precision"))
        assertEquals(CountingEngines.NO_GPU, networks.getJSONObject("delegate").getString("message"))
        assertTrue(report.getJSONObject("median_ms").getDouble("landmarks") > 0)

        @Suppress("DEPRECATION")
        activity.onBackPressed()
        assertEquals(View.GONE, activity.findViewById<View>(R.id.still).visibility)
    }

    @Test
    fun `nobody in the picture is said`() {
        start()
        waitUntil("networks") { hud.startsWith("lite float32") }
        val empty = Bitmap.createBitmap(320, 240, Bitmap.Config.ARGB_8888).apply { eraseColor(Color.GRAY) }
        activity.showPicture(empty)
        waitUntil("nobody") { activity.getString(R.string.nobody) in hud }
    }

    @Test
    fun `settings are kept over a restart`() {
        start()
        val chosen = activity.settings.copy(precision = Precision.FLOAT32, delegate = Delegate.CPU, threads = 4, lens = Lens.BACK)
        activity.choose(chosen)
        controller.pause().stop().destroy()
        controller = Robolectric.buildActivity(MainActivity::class.java).setup()
        assertEquals(chosen, activity.settings)
    }

    private val hud get() = activity.findViewById<TextView>(R.id.hud).text.toString()
    private val notice get() = activity.findViewById<TextView>(R.id.notice_text).text.toString()

    private fun start(granted: Boolean = true) {
        if (granted) shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        controller = Robolectric.buildActivity(MainActivity::class.java).setup()
    }

    private fun assertNotice(text: Int, action: Int) {
        assertEquals(View.VISIBLE, activity.findViewById<View>(R.id.notice).visibility)
        assertEquals(activity.getString(text), notice)
        assertEquals(activity.getString(action), activity.findViewById<Button>(R.id.notice_action).text)
    }

    private fun assertNoNotice() {
        waitUntil("no notice") { activity.findViewById<View>(R.id.notice).visibility == View.GONE }
    }

    private fun person(): Bitmap {
        val name = application.assets.list("pictures")!!.first { it.endsWith(".jpg") }
        return application.assets.open("pictures/$name").use(BitmapFactory::decodeStream)
    }

    private companion object {
        val SKELETON_COLORS = Side.entries.map(Drawing::color).toSet()
    }
}
