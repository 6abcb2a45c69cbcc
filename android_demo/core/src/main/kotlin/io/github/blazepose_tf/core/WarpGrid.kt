package io.github.blazepose_tf.core

import kotlin.math.round

/**
 * Where each pixel of a crop of [size] x [size] lies in the source picture, in 1/32 pixel, counted from pixel
 * centres.
 *
 * The rounding is that of cv2.warpAffine (imgwarp.cpp: positions in 1/1024, then cut to 1/32), so
 * that a crop has the very positions of `blazepose_tf.image.crop`.
 */
internal class WarpGrid(private val size: Int) {
    /** Positions of one row's pixels, see [row]. */
    val xs = IntArray(size)
    val ys = IntArray(size)
    /** Of the current row, pixels from [innerStart] until [innerEnd] have all four neighbours in the picture. */
    var innerStart = 0; private set
    var innerEnd = 0; private set
    private val columnX = IntArray(size)
    private val columnY = IntArray(size)
    private val transform = CropTransform()
    private var xPerRow = 0.0
    private var yPerRow = 0.0
    private var x0 = 0.0
    private var y0 = 0.0

    /** Prepare for the crop [roi]. */
    fun set(roi: Roi) {
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
        for (i in 0 until size) {
            val x = (rowX + columnX[i]) shr SHIFT
            val y = (rowY + columnY[i]) shr SHIFT
            xs[i] = orientation.xx * x + orientation.xy * y + orientation.x0
            ys[i] = orientation.yx * x + orientation.yy * y + orientation.y0
        }
        // Positions lie on a line, so those inside follow each other.
        innerStart = 0
        while (innerStart < size && !isInner(innerStart, orientation)) innerStart++
        innerEnd = size
        while (innerEnd > innerStart && !isInner(innerEnd - 1, orientation)) innerEnd--
    }

    private fun isInner(i: Int, orientation: Orientation): Boolean {
        val left = xs[i] shr BITS
        val top = ys[i] shr BITS
        return left >= 0 && left < orientation.columns - 1 && top >= 0 && top < orientation.rows - 1
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
