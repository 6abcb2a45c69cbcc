package io.github.blazepose_tf.demo.camera

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.ImageReader
import android.os.Build
import android.os.Handler
import android.view.Surface

/**
 * One opened camera that fills [preview], if there is one, and [reader] until it is closed.
 *
 * [onChange] runs on [handler]'s thread: null when frames flow, else why they do not.
 */
internal class CameraSession(
    private val preview: Surface?,
    private val reader: ImageReader,
    private val handler: Handler,
    private val reading: Handler,
    private val onChange: (CameraFailure?) -> Unit,
) : CameraDevice.StateCallback(), AutoCloseable {
    private var device: CameraDevice? = null
    private var isClosed = false

    override fun onOpened(camera: CameraDevice) {
        synchronized(this) {
            if (isClosed) return camera.close()
            device = camera
        }
        try {
            configure(camera)
        } catch (error: CameraAccessException) {
            onChange(failureOfAccess(error.reason))
        } catch (_: IllegalStateException) { // closed while it was being configured
            onChange(CameraFailure.BROKEN)
        }
    }

    /** Another app with more right to it has the camera now. */
    override fun onDisconnected(camera: CameraDevice) {
        camera.close()
        onChange(CameraFailure.IN_USE)
    }

    override fun onError(camera: CameraDevice, error: Int) {
        camera.close()
        onChange(failureOfDevice(error))
    }

    /** Frames end. The buffers are freed when nobody can be reading them any more. */
    override fun close() {
        synchronized(this) {
            if (isClosed) return
            isClosed = true
            device?.close()
            device = null
        }
        handler.post {
            reader.setOnImageAvailableListener(null, null)
            preview?.release()
            if (!reading.post(reader::close)) reader.close()
        }
    }

    private fun configure(camera: CameraDevice) {
        val surfaces = listOfNotNull(preview, reader.surface)
        val callback = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) = repeat(camera, session)

            override fun onConfigureFailed(session: CameraCaptureSession) = onChange(CameraFailure.BROKEN)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            val outputs = surfaces.map(::OutputConfiguration)
            camera.createCaptureSession(
                SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs, { handler.post(it) }, callback),
            )
        } else {
            @Suppress("DEPRECATION") // there is no other way on Android 8
            camera.createCaptureSession(surfaces, callback, handler)
        }
    }

    private fun repeat(camera: CameraDevice, session: CameraCaptureSession) {
        try {
            val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                preview?.let(::addTarget)
                addTarget(reader.surface)
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO)
            }
            session.setRepeatingRequest(request.build(), null, handler)
            onChange(null)
        } catch (error: CameraAccessException) {
            onChange(failureOfAccess(error.reason))
        } catch (_: IllegalStateException) { // closed in the meantime
        }
    }

    companion object {
        /** One being read, one waiting, one arriving, one that acquireLatestImage needs to skip. */
        const val IMAGES = 4
    }
}
