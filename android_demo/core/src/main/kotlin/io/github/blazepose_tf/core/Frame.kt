package io.github.blazepose_tf.core

/** What lies beyond the edge of a picture. */
enum class Border { REPLICATE, BLACK }

/** A picture that crops can be sampled from; all coordinates are of the upright picture. */
interface Frame {
    /** Pixels of the upright picture. */
    val width: Int
    val height: Int

    /** Sample [roi], bilinear, into [target]: the same as `blazepose_tf.image.crop`. */
    fun crop(roi: Roi, border: Border, target: ImageInput)
}

/** A picture as ARGB_8888 pixels in rows, such as Bitmap.getPixels gives; alpha is ignored. */
class ArgbFrame(val pixels: IntArray, override val width: Int, override val height: Int) : Frame {
    init {
        require(width in 1..MAX_SIDE && height in 1..MAX_SIDE && pixels.size >= width * height) {
            "a frame needs sides of 1 to $MAX_SIDE pixels and width x height pixels"
        }
    }

    override fun crop(roi: Roi, border: Border, target: ImageInput) = TODO()
}

/** Sides must fit a signed 16-bit number, as in cv2.warpAffine. */
internal const val MAX_SIDE = 32766
