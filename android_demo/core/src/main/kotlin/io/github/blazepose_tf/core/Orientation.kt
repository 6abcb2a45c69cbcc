package io.github.blazepose_tf.core

/** How far a camera picture must be turned clockwise to stand upright. */
enum class Rotation(val degrees: Int) {
    NONE(0), CLOCKWISE_90(90), CLOCKWISE_180(180), CLOCKWISE_270(270);

    companion object {
        /** @param degrees a multiple of 90, of any sign */
        fun of(degrees: Int): Rotation =
            requireNotNull(entries.find { it.degrees == degrees.mod(360) }) { "$degrees is no multiple of 90" }
    }
}

/** Takes positions in the upright picture (1/32 pixel, from pixel centres) to the picture as it is stored. */
internal class Orientation {
    /** Pixels of the stored picture. */
    var columns = 0; private set
    var rows = 0; private set
    var xx = 1; private set
    var xy = 0; private set
    var x0 = 0; private set
    var yx = 0; private set
    var yy = 1; private set
    var y0 = 0; private set

    /** The stored picture of [columns] x [rows] is turned by [rotation] and then [mirrored]. */
    fun set(columns: Int, rows: Int, rotation: Rotation, mirrored: Boolean) {
        this.columns = columns
        this.rows = rows
        val right = (columns - 1) * WarpGrid.ONE
        val bottom = (rows - 1) * WarpGrid.ONE
        when (rotation) {
            Rotation.NONE -> set(1, 0, 0, 0, 1, 0)
            Rotation.CLOCKWISE_90 -> set(0, 1, 0, -1, 0, bottom)
            Rotation.CLOCKWISE_180 -> set(-1, 0, right, 0, -1, bottom)
            Rotation.CLOCKWISE_270 -> set(0, -1, right, 1, 0, 0)
        }
        if (mirrored) { // x of the upright picture counts from its other edge
            val edge = if (xx == 0) bottom else right
            x0 += xx * edge
            y0 += yx * edge
            xx = -xx
            yx = -yx
        }
    }

    private fun set(xx: Int, xy: Int, x0: Int, yx: Int, yy: Int, y0: Int) {
        this.xx = xx
        this.xy = xy
        this.x0 = x0
        this.yx = yx
        this.yy = yy
        this.y0 = y0
    }
}
