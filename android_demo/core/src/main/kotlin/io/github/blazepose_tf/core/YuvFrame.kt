package io.github.blazepose_tf.core

import java.nio.ByteBuffer

/** How far a camera picture must be turned clockwise to stand upright. */
enum class Rotation(val degrees: Int) {
    NONE(0), CLOCKWISE_90(90), CLOCKWISE_180(180), CLOCKWISE_270(270);

    companion object {
        /** @param degrees a multiple of 90, of any sign */
        fun of(degrees: Int): Rotation =
            requireNotNull(entries.find { it.degrees == degrees.mod(360) }) { "$degrees is no multiple of 90" }
    }
}

/** One plane of an android.media.Image: value (row, column) stands at row * rowStride + column * pixelStride. */
class YuvPlane {
    lateinit var buffer: ByteBuffer
        private set
    var rowStride = 0; private set
    var pixelStride = 0; private set

    fun set(buffer: ByteBuffer, rowStride: Int, pixelStride: Int) {
        this.buffer = buffer
        this.rowStride = rowStride
        this.pixelStride = pixelStride
    }
}

/**
 * A camera picture, YUV_420_888, sampled where it lies: it is never converted as a whole.
 *
 * Reused: fill [y], [u] and [v] and call [set] for every new picture; the planes' buffers must stay
 * valid until the last [crop]. The matrix is BT.601 full range (JFIF), what Android's camera gives.
 * Each chroma value stands for its 2 x 2 pixels.
 */
class YuvFrame : Frame {
    val y = YuvPlane()
    val u = YuvPlane()
    val v = YuvPlane()
    override var width = 0; private set
    override var height = 0; private set

    /**
     * @param bufferWidth,bufferHeight size of the picture as it lies in the planes, odd sizes too
     * @param rotation turns the picture upright (the camera's SENSOR_ORIENTATION, less the display's)
     * @param mirrored exchange left and right after that, as front cameras' previews do
     */
    fun set(bufferWidth: Int, bufferHeight: Int, rotation: Rotation, mirrored: Boolean): Unit = TODO()

    override fun crop(roi: Roi, border: Border, target: ImageInput) = TODO()
}
