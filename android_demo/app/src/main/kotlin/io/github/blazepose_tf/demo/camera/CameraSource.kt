package io.github.blazepose_tf.demo.camera

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.util.Size
import android.view.Surface

/**
 * The camera on a thread of its own: frames to [onFrame] and to a preview.
 *
 * [onFrame] runs on the camera's thread, must be quick and must close the image. [onState] runs on
 * the main thread. Images that outlive [onFrame] are read on the thread of [reading]: there the
 * buffers are freed, behind the image that is being read. A camera that another app took is opened
 * again when it is free.
 */
class CameraSource(
    context: Context,
    private val main: Handler,
    private val reading: Handler,
    private val onFrame: (Image) -> Unit,
    private val onState: (CameraState) -> Unit,
) : AutoCloseable {
    private val manager = context.getSystemService(CameraManager::class.java)
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private var wanted: Wanted? = null
    private var session: CameraSession? = null
    private var isTaken = false
    private var availability: CameraManager.AvailabilityCallback? = null

    private data class Wanted(val id: String, val lens: Lens, val size: Size, val texture: SurfaceTexture?)

    /** Sensor orientation in degrees of the camera [lens]; null if there is none. */
    fun sensorDegrees(lens: Lens): Int? =
        find(lens)?.let { manager.getCameraCharacteristics(it).get(CameraCharacteristics.SENSOR_ORIENTATION) }

    /** True if the frames' timestamps count as SystemClock.elapsedRealtimeNanos does. */
    fun hasRealtimeTimestamps(lens: Lens): Boolean = find(lens)?.let {
        manager.getCameraCharacteristics(it).get(CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE)
    } == CameraCharacteristics.SENSOR_INFO_TIMESTAMP_SOURCE_REALTIME

    /** Opens the camera, closing whichever was open. [texture] is the preview's, null for none. */
    fun open(lens: Lens, texture: SurfaceTexture?) {
        shut()
        val id = find(lens) ?: return onState(CameraState.Failed(CameraFailure.NONE))
        val size = frameSize(id) ?: return onState(CameraState.Failed(CameraFailure.BROKEN))
        wanted = Wanted(id, lens, size, texture)
        watch(id)
        start()
    }

    /** Lets go of the camera. */
    fun shut() {
        wanted = null
        availability?.let(manager::unregisterAvailabilityCallback)
        availability = null
        session?.close()
        session = null
        onState(CameraState.Closed)
    }

    override fun close() {
        shut()
        thread.quitSafely()
    }

    @SuppressLint("MissingPermission") // its absence is a state of its own
    private fun start() {
        val wanted = wanted ?: return
        isTaken = false
        onState(CameraState.Opening)
        wanted.texture?.setDefaultBufferSize(wanted.size.width, wanted.size.height)
        val reader = ImageReader.newInstance(
            wanted.size.width, wanted.size.height, ImageFormat.YUV_420_888, CameraSession.IMAGES,
        )
        reader.setOnImageAvailableListener({ it.acquireLatestImage()?.let(onFrame) }, handler)
        val opened = CameraSession(wanted.texture?.let(::Surface), reader, handler, reading) { failure ->
            main.post { report(wanted, failure) }
        }
        session = opened
        try {
            manager.openCamera(wanted.id, opened, handler)
        } catch (error: CameraAccessException) {
            report(wanted, failureOfAccess(error.reason))
        } catch (_: SecurityException) {
            report(wanted, CameraFailure.FORBIDDEN)
        } catch (_: IllegalArgumentException) {
            report(wanted, CameraFailure.NONE)
        }
    }

    private fun report(of: Wanted, failure: CameraFailure?) {
        if (of != wanted) return // it was closed in the meantime
        if (failure == null) return onState(CameraState.Running(of.lens, of.size))
        session?.close()
        session = null
        isTaken = failure == CameraFailure.IN_USE
        onState(CameraState.Failed(failure))
    }

    private fun watch(id: String) {
        val callback = object : CameraManager.AvailabilityCallback() {
            override fun onCameraAvailable(cameraId: String) {
                if (cameraId == id && isTaken && wanted != null) start()
            }
        }
        availability = callback
        manager.registerAvailabilityCallback(callback, main)
    }

    private fun find(lens: Lens): String? = try {
        manager.cameraIdList.firstOrNull {
            manager.getCameraCharacteristics(it).get(CameraCharacteristics.LENS_FACING) == lens.facing
        }
    } catch (_: CameraAccessException) {
        null
    }

    private fun frameSize(id: String): Size? = chooseFrameSize(
        manager.getCameraCharacteristics(id)
            .get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
            ?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().toList(),
    )
}

/** Android's reason for not opening a camera. */
internal fun failureOfAccess(reason: Int): CameraFailure = when (reason) {
    CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE -> CameraFailure.IN_USE
    CameraAccessException.CAMERA_DISABLED -> CameraFailure.DISABLED
    else -> CameraFailure.BROKEN
}

/** Android's reason for taking a camera away. */
internal fun failureOfDevice(error: Int): CameraFailure = when (error) {
    CameraDevice.StateCallback.ERROR_CAMERA_IN_USE, CameraDevice.StateCallback.ERROR_MAX_CAMERAS_IN_USE ->
        CameraFailure.IN_USE
    CameraDevice.StateCallback.ERROR_CAMERA_DISABLED -> CameraFailure.DISABLED
    else -> CameraFailure.BROKEN
}
