package io.github.blazepose_tf.core

import java.nio.ByteBuffer

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

    /** Whether [columns] x [rows] values lie in the buffer; the last row may end after its last value. */
    internal fun holds(columns: Int, rows: Int): Boolean =
        (rows - 1).toLong() * rowStride + (columns - 1).toLong() * pixelStride < buffer.limit()
}

/**
 * A camera picture, YUV_420_888, sampled where it lies: it is never converted as a whole.
 *
 * Reused: fill [y], [u] and [v], then call [set] for every new picture; the planes' buffers must
 * stay valid until the last [crop]. The matrix is BT.601 full range (JFIF), what Android's cameras
 * give. Each chroma value stands for its 2 x 2 pixels.
 */
class YuvFrame : Frame {
    val y = YuvPlane()
    val u = YuvPlane()
    val v = YuvPlane()
    override var width = 0; private set
    override var height = 0; private set
    private var columns = 0
    private var rows = 0
    private val orientation = Orientation()
    private val grid = WarpGrid()

    /**
     * @param columns,rows size of the picture as it lies in the planes, odd sizes too
     * @param rotation turns the picture upright (the camera's SENSOR_ORIENTATION, less the display's)
     * @param mirrored exchange left and right after that, as front cameras' previews do
     * @throws IllegalArgumentException a plane is too small for that
     */
    fun set(columns: Int, rows: Int, rotation: Rotation, mirrored: Boolean) {
        require(columns in 1..MAX_SIDE && rows in 1..MAX_SIDE) { "a frame's sides must be 1 to $MAX_SIDE" }
        val chromaColumns = (columns + 1) / 2
        val chromaRows = (rows + 1) / 2
        require(
            y.holds(columns, rows) && u.holds(chromaColumns, chromaRows) && v.holds(chromaColumns, chromaRows),
        ) { "the planes do not hold $columns x $rows pixels" }
        this.columns = columns
        this.rows = rows
        orientation.set(columns, rows, rotation, mirrored)
        val turned = rotation == Rotation.CLOCKWISE_90 || rotation == Rotation.CLOCKWISE_270
        width = if (turned) rows else columns
        height = if (turned) columns else rows
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
        val luma = y.buffer
        val chromaU = u.buffer
        val chromaV = v.buffer
        for (i in xs.indices) {
            val left = xs[i] shr WarpGrid.BITS
            val top = ys[i] shr WarpGrid.BITS
            val toRight = xs[i] and (WarpGrid.ONE - 1)
            val toBottom = ys[i] and (WarpGrid.ONE - 1)
            val leftWeight = weight(WarpGrid.ONE - toRight, left, columns, black)
            val rightWeight = weight(toRight, left + 1, columns, black)
            val topWeight = weight(WarpGrid.ONE - toBottom, top, rows, black)
            val bottomWeight = weight(toBottom, top + 1, rows, black)
            val column0 = inside(left, columns)
            val column1 = inside(left + 1, columns)
            val row0 = inside(top, rows)
            val row1 = inside(top + 1, rows)

            val y0 = row0 * y.rowStride
            val y1 = row1 * y.rowStride
            val c0 = column0 * y.pixelStride
            val c1 = column1 * y.pixelStride
            val light = topWeight * (leftWeight * level(luma, y0 + c0) + rightWeight * level(luma, y0 + c1)) +
                bottomWeight * (leftWeight * level(luma, y1 + c0) + rightWeight * level(luma, y1 + c1))

            val u0 = (row0 shr 1) * u.rowStride
            val u1 = (row1 shr 1) * u.rowStride
            val cu0 = (column0 shr 1) * u.pixelStride
            val cu1 = (column1 shr 1) * u.pixelStride
            val sumU = topWeight * (leftWeight * level(chromaU, u0 + cu0) + rightWeight * level(chromaU, u0 + cu1)) +
                bottomWeight * (leftWeight * level(chromaU, u1 + cu0) + rightWeight * level(chromaU, u1 + cu1))

            val v0 = (row0 shr 1) * v.rowStride
            val v1 = (row1 shr 1) * v.rowStride
            val cv0 = (column0 shr 1) * v.pixelStride
            val cv1 = (column1 shr 1) * v.pixelStride
            val sumV = topWeight * (leftWeight * level(chromaV, v0 + cv0) + rightWeight * level(chromaV, v0 + cv1)) +
                bottomWeight * (leftWeight * level(chromaV, v1 + cv0) + rightWeight * level(chromaV, v1 + cv1))

            // Sums of levels times weights; 128 is no colour.
            val grey = 128 * (topWeight + bottomWeight) * (leftWeight + rightWeight)
            val blue = (sumU - grey).toFloat()
            val red = (sumV - grey).toFloat()
            levels[3 * i] = clip(light + RED_V * red)
            levels[3 * i + 1] = clip(light - GREEN_U * blue - GREEN_V * red)
            levels[3 * i + 2] = clip(light + BLUE_U * blue)
        }
    }

    private fun level(plane: ByteBuffer, at: Int): Int = plane.get(at).toInt() and 255

    private fun clip(sum: Float): Int {
        if (!(sum > 0)) return 0
        val level = (sum * PER_WEIGHT + 0.5f).toInt()
        return if (level > 255) 255 else level
    }

    private companion object {
        private val json = Constants.section("yuv")
        private val RED_V = json.getDouble("red_v").toFloat()
        private val GREEN_U = json.getDouble("green_u").toFloat()
        private val GREEN_V = json.getDouble("green_v").toFloat()
        private val BLUE_U = json.getDouble("blue_u").toFloat()

        /** The weights of a whole pixel add up to 1 / PER_WEIGHT. */
        const val PER_WEIGHT = 1f / (WarpGrid.ONE * WarpGrid.ONE)
    }
}
