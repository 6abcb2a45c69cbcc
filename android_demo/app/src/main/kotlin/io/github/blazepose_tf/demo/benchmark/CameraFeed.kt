package io.github.blazepose_tf.demo.benchmark

import android.content.Context
import android.media.Image
import android.os.Handler
import android.os.Looper
import io.github.blazepose_tf.core.Frame
import io.github.blazepose_tf.core.Roi
import io.github.blazepose_tf.core.YuvFrame
import io.github.blazepose_tf.demo.camera.CameraSource
import io.github.blazepose_tf.demo.camera.CameraState
import io.github.blazepose_tf.demo.camera.Lens
import io.github.blazepose_tf.demo.camera.Orientation
import io.github.blazepose_tf.demo.camera.displayDegrees
import io.github.blazepose_tf.demo.pipeline.CameraImage
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.TimeUnit

/** The back camera's newest frame. [reading]: the thread that measures. */
class CameraFeed(private val context: Context, reading: Handler) : FrameFeed {
    private val main = Handler(Looper.getMainLooper())
    private val newest = ArrayBlockingQueue<CameraImage>(1)
    private val camera = CameraSource(context, main, reading, ::onImage, ::onState)
    private val yuv = YuvFrame()
    private var held: CameraImage? = null
    private val orientation = Orientation(
        Lens.BACK,
        camera.sensorDegrees(Lens.BACK) ?: throw RequestException("frames: this phone has no back camera; give bundled"),
        displayDegrees(context),
    )

    @Volatile
    private var failure: String? = null

    init {
        main.post { camera.open(Lens.BACK, texture = null) }
    }

    override val frame: Frame get() = yuv
    override val knownRoi: Roi? get() = null
    override val isNewPerson: Boolean get() = false

    override fun advance() {
        held?.close()
        val image = newest.poll(WAIT_S, TimeUnit.SECONDS)
            ?: throw RequestException("frames: the camera gives none (${failure ?: "no answer"}); close other apps")
        held = image
        image.show(yuv)
    }

    override fun close() {
        held?.close()
        main.post(camera::close)
    }

    private fun onImage(image: Image) {
        val next = CameraImage(image, orientation)
        newest.poll()?.close()
        if (!newest.offer(next)) next.close()
    }

    private fun onState(state: CameraState) {
        failure = (state as? CameraState.Failed)?.failure?.name?.lowercase()
    }

    private companion object {
        /** A camera that has just been opened may take a second or two. */
        const val WAIT_S = 10L
    }
}
