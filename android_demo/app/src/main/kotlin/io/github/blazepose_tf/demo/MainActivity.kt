package io.github.blazepose_tf.demo

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.graphics.Bitmap
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.WindowManager
import android.widget.ImageView
import android.widget.TextView
import io.github.blazepose_tf.demo.camera.CameraPermission
import io.github.blazepose_tf.demo.camera.CameraState
import io.github.blazepose_tf.demo.camera.Preview
import io.github.blazepose_tf.demo.device.Thermal
import io.github.blazepose_tf.demo.engine.runtimeVersion
import io.github.blazepose_tf.demo.model.ModelStore
import io.github.blazepose_tf.demo.pipeline.Loaded
import io.github.blazepose_tf.demo.pipeline.Status
import io.github.blazepose_tf.demo.report.liveReport
import io.github.blazepose_tf.demo.report.shareIntent
import io.github.blazepose_tf.demo.settings.Settings
import io.github.blazepose_tf.demo.settings.SettingsStore
import io.github.blazepose_tf.demo.still.frameOf
import io.github.blazepose_tf.demo.still.readPicture
import io.github.blazepose_tf.demo.ui.Controls
import io.github.blazepose_tf.demo.ui.Notice
import io.github.blazepose_tf.demo.ui.OverlayView
import io.github.blazepose_tf.demo.ui.hudText
import io.github.blazepose_tf.demo.ui.messageOf
import io.github.blazepose_tf.demo.ui.remedyOf

/** The camera's picture with the skeleton over it, or a picture from the gallery. */
class MainActivity : Activity(), Controls.Actions {
    private val main = Handler(Looper.getMainLooper())
    private lateinit var store: SettingsStore
    private lateinit var controls: Controls
    private lateinit var notice: Notice
    private lateinit var preview: Preview
    private lateinit var thermal: Thermal
    private lateinit var live: LiveCamera
    private val permission = CameraPermission(this)
    private val hud: TextView by lazy { findViewById(R.id.hud) }
    private val overlay: OverlayView by lazy { findViewById(R.id.overlay) }
    private val stillView: ImageView by lazy { findViewById(R.id.still) }

    internal var settings = Settings(); private set
    internal val cameraState: CameraState get() = live.state
    private var status: Status = Status.Loading
    private var still: Bitmap? = null
    private var isShown = false
    private var isShortOfMemory = false
    private val tick = object : Runnable {
        override fun run() {
            showNumbers()
            main.postDelayed(this, HUD_MS)
        }
    }

    private val loaded: Loaded? get() = (status as? Status.Ready)?.loaded

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_main)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        val models = ModelStore(this)
        store = SettingsStore(this)
        settings = store.load().takeIf { it.model in models.choices() } ?: Settings()
        thermal = Thermal(this)
        notice = Notice(findViewById(R.id.notice))
        controls = Controls(findViewById(R.id.controls), models, this)
        live = LiveCamera(this, models, engines, main, ::onStatus, { update() }, overlay::invalidate)
        preview = Preview(findViewById(R.id.preview), ::update, live::stop)
        overlay.board = live.pipeline.board
        overlay.onDrawn = live.pipeline.statistics::addDrawing
        live.load(settings)
        if (!permission.isGranted) permission.ask()
    }

    override fun onResume() {
        super.onResume()
        isShown = true
        live.reload(settings)
        update()
        tick.run()
    }

    override fun onPause() {
        isShown = false
        main.removeCallbacks(tick)
        live.stop()
        super.onPause()
    }

    override fun onDestroy() {
        preview.close()
        live.close()
        super.onDestroy()
    }

    override fun onTrimMemory(level: Int) {
        super.onTrimMemory(level)
        // In the background: give all back before Android takes all.
        if (level >= TRIM_MEMORY_BACKGROUND && !isShown) live.unload()
        @Suppress("DEPRECATION") // Android 14 and later do not send it any more
        isShortOfMemory = level == TRIM_MEMORY_RUNNING_LOW || level == TRIM_MEMORY_RUNNING_CRITICAL
    }

    override fun onRequestPermissionsResult(requestCode: Int, permissions: Array<out String>, grantResults: IntArray) {
        permission.onAnswer(requestCode)
        update()
    }

    override fun choose(settings: Settings) {
        val before = this.settings
        this.settings = settings
        store.save(settings)
        if (settings.needsReload(before)) live.load(settings)
        if (settings.lens != before.lens) live.stop()
        update()
    }

    override fun pickPicture() {
        val pick = Intent(Intent.ACTION_GET_CONTENT).setType("image/*").addCategory(Intent.CATEGORY_OPENABLE)
        try {
            @Suppress("DEPRECATION") // its replacement needs androidx
            startActivityForResult(pick, PICK)
        } catch (_: ActivityNotFoundException) {
            notice.show(getString(R.string.picker_missing))
        }
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val uri = data?.data
        if (requestCode != PICK || resultCode != RESULT_OK || uri == null) return
        val picture = readPicture(contentResolver, uri)
        if (picture == null) notice.show(getString(R.string.picture_unreadable)) else showPicture(picture)
    }

    override fun backToCamera() = showPicture(null)

    @Deprecated("Deprecated in Java")
    override fun onBackPressed() {
        @Suppress("DEPRECATION")
        if (still == null) super.onBackPressed() else backToCamera()
    }

    override fun share() = startActivity(shareIntent(this, report()))

    internal fun report() = liveReport(
        appVersion(this), runtimeVersion(), loaded, live.pipeline.statistics.numbers(), thermal.status, source(),
    )

    internal fun showPicture(picture: Bitmap?) {
        still = picture
        stillView.setImageBitmap(picture)
        stillView.visibility = if (picture == null) View.GONE else View.VISIBLE
        live.stop()
        picture?.let { live.pipeline.look(frameOf(it)) }
        update()
    }

    private fun onStatus(status: Status) {
        this.status = status
        if (status is Status.Ready) still?.let { live.pipeline.look(frameOf(it)) }
        update()
    }

    /** Brings camera, message and buttons in line with what is wanted and possible now. */
    private fun update() {
        if (isShown && still == null && permission.isGranted) preview.texture?.let { live.run(settings.lens, it, preview) }
        controls.show(settings, isStill = still != null)
        showNotice()
        showNumbers()
    }

    private fun showNotice() {
        val status = status
        val camera = live.state
        when {
            still == null && !permission.isGranted -> askForPermission()
            status is Status.Failed -> notice.show(status.message)
            still == null && camera is CameraState.Failed -> notice.show(
                getString(messageOf(camera.failure)), remedyOf(camera.failure),
            ) {
                live.stop()
                if (remedyOf(camera.failure) == R.string.switch_camera) choose(settings.copy(lens = settings.lens.other)) else update()
            }
            status is Status.Loading -> notice.show(getString(R.string.loading))
            else -> notice.hide()
        }
    }

    private fun askForPermission() = if (permission.canAsk) {
        notice.show(getString(R.string.permission_needed), R.string.permission_allow, permission::ask)
    } else {
        notice.show(getString(R.string.permission_denied), R.string.permission_settings, permission::openSettings)
    }

    private fun showNumbers() {
        val warning = when {
            isShortOfMemory -> getString(R.string.low_memory)
            live.pipeline.board.showsNobody -> getString(R.string.nobody)
            else -> null
        }
        hud.text = hudText(loaded, live.pipeline.statistics.numbers(), thermal.status, source(), warning)
    }

    private fun source(): String {
        val camera = live.state
        return still?.let { "${it.width}x${it.height} picture" }
            ?: (camera as? CameraState.Running)?.let { "${it.size} ${it.lens.name.lowercase()}" }
            ?: getString(R.string.no_camera_yet)
    }

    private companion object {
        const val PICK = 2
        const val HUD_MS = 500L
    }
}
