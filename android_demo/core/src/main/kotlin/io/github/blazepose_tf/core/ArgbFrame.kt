package io.github.blazepose_tf.core

/** A picture as ARGB_8888 pixels in rows, such as Bitmap.getPixels gives; alpha is ignored. */
class ArgbFrame(private val pixels: IntArray, override val width: Int, override val height: Int) : Frame {
    private val orientation = Orientation()

    init {
        require(width in 1..MAX_SIDE && height in 1..MAX_SIDE && pixels.size >= width * height) {
            "a frame needs sides of 1 to $MAX_SIDE and width x height pixels"
        }
        orientation.set(width, height, Rotation.NONE, mirrored = false)
    }

    override fun crop(roi: Roi, border: Border, target: ImageInput) {
        val grid = target.grid
        val black = border == Border.BLACK
        grid.set(roi)
        for (row in 0 until target.size) {
            grid.row(row, orientation)
            edge(grid, 0, grid.innerStart, black, target.row)
            inner(grid, target.row)
            edge(grid, grid.innerEnd, target.size, black, target.row)
            target.putRow(row)
        }
    }

    /** The row's pixels whose neighbours all lie in the picture. */
    private fun inner(grid: WarpGrid, levels: IntArray) {
        val pixels = pixels
        for (i in grid.innerStart until grid.innerEnd) {
            val at = (grid.ys[i] shr WarpGrid.BITS) * width + (grid.xs[i] shr WarpGrid.BITS)
            val toRight = grid.xs[i] and (WarpGrid.ONE - 1)
            val toBottom = grid.ys[i] and (WarpGrid.ONE - 1)
            put(levels, 3 * i, toRight, toBottom, pixels[at], pixels[at + 1], pixels[at + width], pixels[at + width + 1])
        }
    }

    /** Pixels from [start] until [end], at or beyond an edge of the picture. */
    private fun edge(grid: WarpGrid, start: Int, end: Int, black: Boolean, levels: IntArray) {
        for (i in start until end) {
            val left = grid.xs[i] shr WarpGrid.BITS
            val top = grid.ys[i] shr WarpGrid.BITS
            val toRight = grid.xs[i] and (WarpGrid.ONE - 1)
            val toBottom = grid.ys[i] and (WarpGrid.ONE - 1)
            put(
                levels, 3 * i, toRight, toBottom,
                pixel(left, top, black), pixel(left + 1, top, black),
                pixel(left, top + 1, black), pixel(left + 1, top + 1, black),
            )
        }
    }

    private fun pixel(x: Int, y: Int, black: Boolean): Int =
        if (black && (x < 0 || x >= width || y < 0 || y >= height)) 0 else pixels[inside(y, height) * width + inside(x, width)]

    private fun put(levels: IntArray, at: Int, toRight: Int, toBottom: Int, a: Int, b: Int, c: Int, d: Int) {
        val weightD = toRight * toBottom
        val weightC = toBottom * WarpGrid.ONE - weightD
        val weightB = toRight * WarpGrid.ONE - weightD
        val weightA = WHOLE - weightB - weightC - weightD
        for (channel in 0..2) {
            val shift = 16 - 8 * channel
            val sum = weightA * (a ushr shift and 255) + weightB * (b ushr shift and 255) +
                weightC * (c ushr shift and 255) + weightD * (d ushr shift and 255)
            levels[at + channel] = (sum + WHOLE / 2) shr (2 * WarpGrid.BITS)
        }
    }

    private companion object {
        /** The weights of a pixel's four neighbours add up to this. */
        const val WHOLE = WarpGrid.ONE * WarpGrid.ONE
    }
}
