package io.github.blazepose_tf.demo

import android.content.Context
import android.graphics.SurfaceTexture
import android.media.Image
import android.os.Handler
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.demo.camera.CameraSource
import io.github.blazepose_tf.demo.camera.CameraState
import io.github.blazepose_tf.demo.camera.Lens
import io.github.blazepose_tf.demo.camera.Orientation
import io.github.blazepose_tf.demo.camera.Preview
import io.github.blazepose_tf.demo.camera.displayDegrees
import io.github.blazepose_tf.demo.model.ModelStore
import io.github.blazepose_tf.demo.pipeline.CameraImage
import io.github.blazepose_tf.demo.pipeline.LivePipeline
import io.github.blazepose_tf.demo.pipeline.Status
import io.github.blazepose_tf.demo.settings.Settings

/** The camera joined to the networks. Main thread. */
class LiveCamera(
    private val context: Context,
    models: ModelStore,
    engines: EngineFactory,
    main: Handler,
    onStatus: (Status) -> Unit,
    private val onCamera: (CameraState) -> Unit,
    onFrame: () -> Unit,
) : AutoCloseable {
    val pipeline = LivePipeline(models, engines, main, onStatus, onFrame)
    var state: CameraState = CameraState.Closed; private set

    private val camera = CameraSource(context, main, pipeline.handler, ::onImage, ::onState)
    private var lens: Lens? = null
    private var isLoaded = false

    /** Read by the camera's thread. */
    @Volatile
    private var orientation: Orientation? = null

    fun load(settings: Settings) {
        isLoaded = true
        pipeline.load(settings)
    }

    /** Loads again what [unload] gave back. */
    fun reload(settings: Settings) {
        if (!isLoaded) load(settings)
    }

    fun unload() {
        isLoaded = false
        pipeline.unload()
    }

    /** Opens [lens] unless it is open, and puts its picture upright. */
    fun run(lens: Lens, texture: SurfaceTexture, preview: Preview) {
        if (this.lens != lens) {
            stop()
            this.lens = lens
            pipeline.hasRealtimeTimestamps = camera.hasRealtimeTimestamps(lens)
            camera.open(lens, texture)
        }
        val sensor = camera.sensorDegrees(lens) ?: return
        val now = Orientation(lens, sensor, displayDegrees(context))
        if (now != orientation) pipeline.restart()
        orientation = now
        (state as? CameraState.Running)?.let { preview.fit(now, it.size) }
    }

    /** Lets go of the camera; [run] opens it again. */
    fun stop() {
        if (lens == null) return
        lens = null
        orientation = null
        camera.shut()
        pipeline.restart()
    }

    override fun close() {
        stop()
        camera.close()
        pipeline.close()
    }

    private fun onState(state: CameraState) {
        this.state = state
        if (lens != null) onCamera(state)
    }

    private fun onImage(image: Image) {
        val orientation = orientation ?: return image.close()
        pipeline.put(CameraImage(image, orientation))
    }
}
