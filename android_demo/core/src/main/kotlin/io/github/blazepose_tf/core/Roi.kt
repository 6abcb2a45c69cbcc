package io.github.blazepose_tf.core

import kotlin.math.PI
import kotlin.math.atan2
import kotlin.math.hypot
import kotlin.math.max

/**
 * The region of interest: a rotated square in pixels of the upright frame. Pixel (0, 0) covers
 * [0, 1) x [0, 1), so its centre is (0.5, 0.5); angles are radians, clockwise on the screen.
 * Mutable, so that a tracker needs no new one per frame.
 */
class Roi(
    var centerX: Double = 0.0,
    var centerY: Double = 0.0,
    var size: Double = 0.0,
    var rotation: Double = 0.0,
) {
    fun set(centerX: Double, centerY: Double, size: Double, rotation: Double = 0.0) {
        this.centerX = centerX
        this.centerY = centerY
        this.size = size
        this.rotation = rotation
    }

    fun set(other: Roi) = set(other.centerX, other.centerY, other.size, other.rotation)

    /** The upright square that holds a whole picture, centred. */
    fun setLetterbox(width: Int, height: Int) = set(width / 2.0, height / 2.0, max(width, height).toDouble())

    /**
     * The ROI whose centre is the mid-hip and whose circle, enlarged by [MARGIN], goes through the
     * other point, turned straight up (MediaPipe's AlignmentPointsRectsCalculator). Pixels.
     */
    fun setFromAlignment(centerX: Float, centerY: Float, circleX: Float, circleY: Float) {
        val dx = (circleX - centerX).toDouble()
        val dy = (circleY - centerY).toDouble()
        val distance = hypot(dx, dy)
        val rotation = if (distance > 0) normalizeAngle(PI / 2 - atan2(-dy, dx)) else 0.0
        set(centerX.toDouble(), centerY.toDouble(), max(2 * distance * MARGIN, MIN_SIZE), rotation)
    }

    /** False where a number is NaN or infinite: a network gone wrong. */
    val isFinite: Boolean
        get() = centerX.isFinite() && centerY.isFinite() && size.isFinite() && rotation.isFinite()

    /** Whether it can show a person of a picture: finite, of a sane size, touching it. */
    fun isUsable(width: Int, height: Int): Boolean {
        if (!isFinite || size < MIN_PIXELS || size > MAX_RATIO * max(width, height)) return false
        val reach = size / 2
        return centerX > -reach && centerX < width + reach && centerY > -reach && centerY < height + reach
    }

    override fun toString(): String = "Roi(centerX=$centerX, centerY=$centerY, size=$size, rotation=$rotation)"

    companion object {
        private val json = Constants.section("roi")
        val MARGIN: Double = json.getDouble("margin")
        val MIN_SIZE: Double = json.getDouble("min_size")
        val MIN_PIXELS: Double = json.getDouble("min_pixels")
        val MAX_RATIO: Double = json.getDouble("max_ratio")

        /** The same angle in [-pi, pi). */
        fun normalizeAngle(angle: Double): Double = (angle + PI).mod(2 * PI) - PI
    }
}
