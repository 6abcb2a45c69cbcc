package io.github.blazepose_tf.core

import kotlin.math.cos
import kotlin.math.sin

/** The affine map of a ROI, from crop units (0..1 across the crop) to pixels of the upright frame. */
class CropTransform {
    var xx = 1.0; private set
    var xy = 0.0; private set
    var x0 = 0.0; private set
    var yx = 0.0; private set
    var yy = 1.0; private set
    var y0 = 0.0; private set

    fun set(roi: Roi) {
        val cosine = cos(roi.rotation)
        val sine = sin(roi.rotation)
        xx = roi.size * cosine
        xy = roi.size * -sine
        yx = roi.size * sine
        yy = roi.size * cosine
        x0 = roi.centerX - (xx * 0.5 + xy * 0.5)
        y0 = roi.centerY - (yx * 0.5 + yy * 0.5)
    }

    fun imageX(u: Double, v: Double): Double = xx * u + xy * v + x0

    fun imageY(u: Double, v: Double): Double = yx * u + yy * v + y0
}
