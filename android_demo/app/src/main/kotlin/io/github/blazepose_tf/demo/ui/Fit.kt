package io.github.blazepose_tf.demo.ui

/** How a picture lies in a view: whole, centred, as large as it fits. The same as ImageView's fitCenter. */
class Fit {
    var scale = 1f; private set
    var left = 0f; private set
    var top = 0f; private set

    fun set(pictureWidth: Int, pictureHeight: Int, viewWidth: Int, viewHeight: Int) {
        scale = minOf(viewWidth / pictureWidth.toFloat(), viewHeight / pictureHeight.toFloat())
        left = (viewWidth - pictureWidth * scale) / 2
        top = (viewHeight - pictureHeight * scale) / 2
    }

    fun x(pixel: Float): Float = left + pixel * scale

    fun y(pixel: Float): Float = top + pixel * scale
}
