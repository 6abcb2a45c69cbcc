package io.github.blazepose_tf.demo.pipeline

import android.media.Image
import io.github.blazepose_tf.core.Rotation
import io.github.blazepose_tf.core.YuvFrame
import io.github.blazepose_tf.demo.camera.Orientation

/** A camera picture on its way to the networks. */
class CameraImage(private val image: Image, private val orientation: Orientation) : AutoCloseable {
    val timestampNanos: Long = image.timestamp

    /**
     * Lets [frame] look at the planes, without copying them.
     *
     * @throws IllegalStateException the camera was closed in the meantime
     */
    fun show(frame: YuvFrame) {
        val (y, u, v) = image.planes
        frame.y.set(y.buffer, y.rowStride, y.pixelStride)
        frame.u.set(u.buffer, u.rowStride, u.pixelStride)
        frame.v.set(v.buffer, v.rowStride, v.pixelStride)
        frame.set(image.width, image.height, Rotation.of(orientation.frameDegrees), orientation.mirrored)
    }

    override fun close() = image.close()
}
