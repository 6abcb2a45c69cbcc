package io.github.blazepose_tf.core

import kotlin.math.round

/**
 * Where each pixel of a square crop lies in the source picture, in 1/32 pixel, counted from pixel
 * centres.
 *
 * The rounding is that of cv2.warpAffine (imgwarp.cpp: positions in 1/1024, then cut to 1/32), so
 * that a crop has the very positions of `blazepose_tf.image.crop`.
 */
internal class WarpGrid {
    var xs = IntArray(0); private set
    var ys = IntArray(0); private set
    private var columnX = IntArray(0)
    private var columnY = IntArray(0)
    private val transform = CropTransform()
    private var xPerRow = 0.0
    private var yPerRow = 0.0
    private var x0 = 0.0
    private var y0 = 0.0

    /** Prepare for the crop [roi] of [size] x [size] pixels. */
    fun set(roi: Roi, size: Int) {
        if (xs.size != size) {
            xs = IntArray(size)
            ys = IntArray(size)
            columnX = IntArray(size)
            columnY = IntArray(size)
        }
        transform.set(roi)
        val xPerColumn = transform.xx / size
        val yPerColumn = transform.yx / size
        xPerRow = transform.xy / size
        yPerRow = transform.yy / size
        // Both grids count from pixel centres: index i lies at i + 0.5.
        x0 = transform.x0 + (xPerColumn * 0.5 + xPerRow * 0.5 - 0.5)
        y0 = transform.y0 + (yPerColumn * 0.5 + yPerRow * 0.5 - 0.5)
        for (i in 0 until size) {
            columnX[i] = round(xPerColumn * i * FINE).toInt()
            columnY[i] = round(yPerColumn * i * FINE).toInt()
        }
    }

    /** Fill [xs] and [ys] for one row of the crop: positions in the picture as [orientation] lays it down. */
    fun row(row: Int, orientation: Orientation) {
        val rowX = round((xPerRow * row + x0) * FINE).toInt() + HALF
        val rowY = round((yPerRow * row + y0) * FINE).toInt() + HALF
        for (i in xs.indices) {
            val x = (rowX + columnX[i]) shr SHIFT
            val y = (rowY + columnY[i]) shr SHIFT
            xs[i] = orientation.xx * x + orientation.xy * y + orientation.x0
            ys[i] = orientation.yx * x + orientation.yy * y + orientation.y0
        }
    }

    companion object {
        /** Positions are cut to 1/2^BITS pixel. */
        const val BITS = 5
        const val ONE = 1 shl BITS
        private const val FINE = 1024.0
        private const val SHIFT = 10 - BITS
        private const val HALF = 1 shl (SHIFT - 1)
    }
}
