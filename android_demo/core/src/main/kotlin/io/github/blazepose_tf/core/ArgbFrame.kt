package io.github.blazepose_tf.core

/** A picture as ARGB_8888 pixels in rows, such as Bitmap.getPixels gives; alpha is ignored. */
class ArgbFrame(private val pixels: IntArray, override val width: Int, override val height: Int) : Frame {
    private val grid = WarpGrid()
    private val orientation = Orientation()

    init {
        require(width in 1..MAX_SIDE && height in 1..MAX_SIDE && pixels.size >= width * height) {
            "a frame needs sides of 1 to $MAX_SIDE and width x height pixels"
        }
    }

    override fun crop(roi: Roi, border: Border, target: ImageInput) {
        grid.set(roi, target.size)
        for (row in 0 until target.size) {
            grid.row(row, orientation)
            sample(border == Border.BLACK, target.row)
            target.putRow(row)
        }
    }

    private fun sample(black: Boolean, levels: IntArray) {
        val xs = grid.xs
        val ys = grid.ys
        for (i in xs.indices) {
            val left = xs[i] shr WarpGrid.BITS
            val top = ys[i] shr WarpGrid.BITS
            val toRight = xs[i] and (WarpGrid.ONE - 1)
            val toBottom = ys[i] and (WarpGrid.ONE - 1)
            val leftWeight = weight(WarpGrid.ONE - toRight, left, width, black)
            val rightWeight = weight(toRight, left + 1, width, black)
            val topWeight = weight(WarpGrid.ONE - toBottom, top, height, black)
            val bottomWeight = weight(toBottom, top + 1, height, black)
            val column0 = inside(left, width)
            val column1 = inside(left + 1, width)
            val row0 = inside(top, height) * width
            val row1 = inside(top + 1, height) * width
            val a = pixels[row0 + column0]
            val b = pixels[row0 + column1]
            val c = pixels[row1 + column0]
            val d = pixels[row1 + column1]
            for (channel in 0..2) {
                val shift = 16 - 8 * channel
                val upper = leftWeight * (a ushr shift and 255) + rightWeight * (b ushr shift and 255)
                val lower = leftWeight * (c ushr shift and 255) + rightWeight * (d ushr shift and 255)
                levels[3 * i + channel] = (topWeight * upper + bottomWeight * lower + HALF) shr (2 * WarpGrid.BITS)
            }
        }
    }

    private companion object {
        const val HALF = 1 shl (2 * WarpGrid.BITS - 1)
    }
}
