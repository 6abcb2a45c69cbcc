package io.github.blazepose_tf.core

/** What lies beyond the edge of a picture: its edge pixel again, or black. */
enum class Border { REPLICATE, BLACK }

/** A picture that crops can be sampled from; all coordinates are of the upright picture. */
interface Frame {
    /** Pixels of the upright picture. */
    val width: Int
    val height: Int

    /** Sample [roi], bilinear, into [target]: the same as `blazepose_tf.image.crop`. */
    fun crop(roi: Roi, border: Border, target: ImageInput)
}

/** Sides must fit a signed 16-bit number, as in cv2.warpAffine. */
internal const val MAX_SIDE = 32766

/** The nearest index of 0 until [count]. */
internal fun inside(index: Int, count: Int): Int = if (index < 0) 0 else if (index >= count) count - 1 else index

/** Weight of the nearer (side 0) or the next pixel (side 1) along one axis, [fraction] of 1/32 away. */
internal fun share(fraction: Int, side: Int): Int = if (side == 0) WarpGrid.ONE - fraction else fraction
