package io.github.blazepose_tf.demo.ui

import android.content.Context
import android.graphics.Canvas
import android.util.AttributeSet
import android.view.View
import io.github.blazepose_tf.core.Pose
import io.github.blazepose_tf.demo.pipeline.FrameSize
import io.github.blazepose_tf.demo.pipeline.PoseBoard

/** The skeleton over the picture. Draws what lies on [board]; call invalidate() when that changed. */
class OverlayView(context: Context, attributes: AttributeSet? = null) : View(context, attributes) {
    var board: PoseBoard? = null

    /** Told how many milliseconds each drawing took. */
    var onDrawn: (Double) -> Unit = {}

    private val painter = SkeletonPainter()
    private val pose = Pose()
    private val frame = FrameSize()
    private val fit = Fit()

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val begin = System.nanoTime()
        if (board?.read(pose, frame) != true) return
        fit.set(frame.width, frame.height, width, height)
        val shorter = minOf(frame.width, frame.height) * fit.scale
        painter.draw(canvas, pose.landmarks, fit, shorter / BONES_PER_SIDE)
        onDrawn((System.nanoTime() - begin) / 1e6)
    }

    private companion object {
        /** A bone is 1/160 of the picture's shorter side wide, as in draw.py. */
        const val BONES_PER_SIDE = 160
    }
}
