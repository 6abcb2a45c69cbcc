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
    private val orientation = Orientation()
    private val sampler = YuvSampler()

    /**
     * @param columns,rows size of the picture as it lies in the planes, odd sizes too
     * @param rotation turns the picture upright (the camera's SENSOR_ORIENTATION, less the display's)
     * @param mirrored exchange left and right after that, as front cameras' previews do
     * @throws IllegalArgumentException a plane is too small for that, or U and V have other strides (no
     *     android.media.Image does that)
     */
    fun set(columns: Int, rows: Int, rotation: Rotation, mirrored: Boolean) {
        require(columns in 1..MAX_SIDE && rows in 1..MAX_SIDE) { "a frame's sides must be 1 to $MAX_SIDE" }
        val chromaColumns = (columns + 1) / 2
        val chromaRows = (rows + 1) / 2
        require(
            y.holds(columns, rows) && u.holds(chromaColumns, chromaRows) && v.holds(chromaColumns, chromaRows),
        ) { "the planes do not hold $columns x $rows pixels" }
        require(u.rowStride == v.rowStride && u.pixelStride == v.pixelStride) { "U and V need the same strides" }
        orientation.set(columns, rows, rotation, mirrored)
        val turned = rotation == Rotation.CLOCKWISE_90 || rotation == Rotation.CLOCKWISE_270
        width = if (turned) rows else columns
        height = if (turned) columns else rows
    }

    override fun crop(roi: Roi, border: Border, target: ImageInput) {
        val grid = target.grid
        grid.set(roi)
        sampler.set(this, orientation.columns, orientation.rows, border)
        for (row in 0 until target.size) {
            grid.row(row, orientation)
            sampler.edge(grid, 0, grid.innerStart, target.row)
            sampler.inner(grid, target.row)
            sampler.edge(grid, grid.innerEnd, target.size, target.row)
            target.putRow(row)
        }
    }
}
