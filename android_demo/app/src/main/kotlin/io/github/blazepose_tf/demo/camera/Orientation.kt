package io.github.blazepose_tf.demo.camera

import android.graphics.Matrix
import android.util.Size

/**
 * How the sensor's picture is turned to stand upright on the screen.
 *
 * [sensorDegrees]: CameraCharacteristics.SENSOR_ORIENTATION. [displayDegrees]: how far the screen's
 * content is turned from the phone's natural orientation (Display.getRotation() x 90).
 */
data class Orientation(val lens: Lens, val sensorDegrees: Int, val displayDegrees: Int) {
    /** Clockwise turn, 0, 90, 180 or 270, that makes the picture upright (CameraX uses the same rule). */
    val frameDegrees: Int
        get() = when (lens) {
            Lens.BACK -> (sensorDegrees - displayDegrees + 360) % 360
            Lens.FRONT -> (sensorDegrees + displayDegrees) % 360
        }

    /** The front camera is shown as in a mirror. */
    val mirrored: Boolean get() = lens == Lens.FRONT

    /** Size of the picture once it stands upright. */
    fun upright(frame: Size): Size = turned(frame, frameDegrees)

    /**
     * For a TextureView of [viewWidth] x [viewHeight]: the whole picture, centred, as large as it
     * fits. Without it the view stretches the picture, upright for the phone's natural
     * orientation, over all of itself.
     */
    fun previewTransform(frame: Size, viewWidth: Int, viewHeight: Int): Matrix {
        val natural = turned(frame, sensorDegrees)
        val upright = upright(frame)
        val scale = minOf(viewWidth / upright.width.toFloat(), viewHeight / upright.height.toFloat())
        val x = viewWidth / 2f
        val y = viewHeight / 2f
        return Matrix().apply {
            setScale(natural.width * scale / viewWidth, natural.height * scale / viewHeight, x, y)
            postRotate(-displayDegrees.toFloat(), x, y)
        }
    }

    private fun turned(size: Size, degrees: Int) =
        if (degrees % 180 == 0) size else Size(size.height, size.width)
}
