package io.github.blazepose_tf.core

import java.nio.ByteBuffer

/**
 * Reads pixels of a [YuvFrame], bilinear, as RGB levels 0..255.
 *
 * The four neighbours' Y, U and V are weighted before the colours are made of them: once per pixel,
 * and linear but for the last rounding.
 */
internal class YuvSampler {
    private lateinit var luma: ByteBuffer
    private lateinit var chromaU: ByteBuffer
    private lateinit var chromaV: ByteBuffer
    private var lumaRow = 0
    private var lumaStep = 0
    private var chromaRow = 0
    private var chromaStep = 0
    private var columns = 0
    private var rows = 0
    private var black = false

    fun set(frame: YuvFrame, columns: Int, rows: Int, border: Border) {
        luma = frame.y.buffer
        chromaU = frame.u.buffer
        chromaV = frame.v.buffer
        lumaRow = frame.y.rowStride
        lumaStep = frame.y.pixelStride
        chromaRow = frame.u.rowStride
        chromaStep = frame.u.pixelStride
        this.columns = columns
        this.rows = rows
        black = border == Border.BLACK
    }

    /** The row's pixels whose neighbours all lie in the picture. */
    fun inner(grid: WarpGrid, levels: IntArray) {
        val xs = grid.xs
        val ys = grid.ys
        val luma = luma
        val chromaU = chromaU
        val chromaV = chromaV
        val lumaRow = lumaRow
        val lumaStep = lumaStep
        val chromaRow = chromaRow
        val chromaStep = chromaStep
        for (i in grid.innerStart until grid.innerEnd) {
            val left = xs[i] shr WarpGrid.BITS
            val top = ys[i] shr WarpGrid.BITS
            val toRight = xs[i] and (WarpGrid.ONE - 1)
            val toBottom = ys[i] and (WarpGrid.ONE - 1)
            val d = toRight * toBottom
            val c = toBottom * WarpGrid.ONE - d
            val b = toRight * WarpGrid.ONE - d
            val a = WHOLE - b - c - d

            val at = top * lumaRow + left * lumaStep
            val below = at + lumaRow
            val light = a * level(luma, at) + b * level(luma, at + lumaStep) +
                c * level(luma, below) + d * level(luma, below + lumaStep)

            val row0 = (top shr 1) * chromaRow
            val row1 = ((top + 1) shr 1) * chromaRow
            val column0 = (left shr 1) * chromaStep
            val column1 = ((left + 1) shr 1) * chromaStep
            val blue = a * level(chromaU, row0 + column0) + b * level(chromaU, row0 + column1) +
                c * level(chromaU, row1 + column0) + d * level(chromaU, row1 + column1) - GREY
            val red = a * level(chromaV, row0 + column0) + b * level(chromaV, row0 + column1) +
                c * level(chromaV, row1 + column0) + d * level(chromaV, row1 + column1) - GREY
            put(levels, 3 * i, light.toFloat(), blue.toFloat(), red.toFloat())
        }
    }

    /** Pixels from [start] until [end], at or beyond an edge of the picture. */
    fun edge(grid: WarpGrid, start: Int, end: Int, levels: IntArray) {
        for (i in start until end) {
            val left = grid.xs[i] shr WarpGrid.BITS
            val top = grid.ys[i] shr WarpGrid.BITS
            val toRight = grid.xs[i] and (WarpGrid.ONE - 1)
            val toBottom = grid.ys[i] and (WarpGrid.ONE - 1)
            var light = 0
            var blue = 0
            var red = 0
            for (corner in 0..3) {
                val column = left + (corner and 1)
                val row = top + (corner shr 1)
                if (black && (column < 0 || column >= columns || row < 0 || row >= rows)) continue
                val weight = share(toRight, corner and 1) * share(toBottom, corner shr 1)
                val x = inside(column, columns)
                val y = inside(row, rows)
                val chroma = (y shr 1) * chromaRow + (x shr 1) * chromaStep
                light += weight * level(luma, y * lumaRow + x * lumaStep)
                blue += weight * (level(chromaU, chroma) - 128)
                red += weight * (level(chromaV, chroma) - 128)
            }
            put(levels, 3 * i, light.toFloat(), blue.toFloat(), red.toFloat())
        }
    }

    private fun level(plane: ByteBuffer, at: Int): Int = plane.get(at).toInt() and 255

    private fun put(levels: IntArray, at: Int, light: Float, blue: Float, red: Float) {
        levels[at] = clip(light + RED_V * red)
        levels[at + 1] = clip(light - GREEN_U * blue - GREEN_V * red)
        levels[at + 2] = clip(light + BLUE_U * blue)
    }

    private fun clip(sum: Float): Int {
        val level = (sum * (1f / WHOLE) + 0.5f).toInt()
        return if (sum < 0f) 0 else if (level > 255) 255 else level
    }

    private companion object {
        /** The weights of a pixel's four neighbours add up to this. */
        const val WHOLE = WarpGrid.ONE * WarpGrid.ONE

        /** U or V of what has no colour, weighted. */
        const val GREY = 128 * WHOLE
        private val json = Constants.section("yuv")
        private val RED_V = json.getDouble("red_v").toFloat()
        private val GREEN_U = json.getDouble("green_u").toFloat()
        private val GREEN_V = json.getDouble("green_v").toFloat()
        private val BLUE_U = json.getDouble("blue_u").toFloat()
    }
}
