package io.github.blazepose_tf.demo.ui

import android.graphics.Canvas
import android.graphics.Paint
import io.github.blazepose_tf.core.Bone
import io.github.blazepose_tf.core.Drawing
import io.github.blazepose_tf.core.Landmarks
import io.github.blazepose_tf.core.Side
import io.github.blazepose_tf.core.Topology

/**
 * Draws a skeleton as `blazepose_tf/draw.py` does: left, right and middle in colours of their own, a
 * dark outline around all, landmarks that are not visible hollow and their bones faint. Allocates nothing.
 */
class SkeletonPainter {
    private val colors = Side.entries.map(Drawing::color).toIntArray()
    private val bones: List<Bone> = Topology.BONES
    private val isFace = BooleanArray(Topology.NUM_LANDMARKS) { it in Topology.FACE }
    private val isFaceBone = BooleanArray(bones.size) { isFace[bones[it].start] && isFace[bones[it].end] }
    private val stroke = Paint(Paint.ANTI_ALIAS_FLAG).apply { style = Paint.Style.STROKE; strokeCap = Paint.Cap.ROUND }
    private val dot = Paint(Paint.ANTI_ALIAS_FLAG)

    /** @param width pixels of a bone on the canvas */
    fun draw(canvas: Canvas, landmarks: Landmarks, fit: Fit, width: Float) {
        // What is hidden lies below what is seen, and outlines below all parts of their layer.
        drawLayer(canvas, landmarks, fit, width, visible = false, outline = true)
        drawLayer(canvas, landmarks, fit, width, visible = false, outline = false)
        drawLayer(canvas, landmarks, fit, width, visible = true, outline = true)
        drawLayer(canvas, landmarks, fit, width, visible = true, outline = false)
    }

    private fun drawLayer(canvas: Canvas, landmarks: Landmarks, fit: Fit, width: Float, visible: Boolean, outline: Boolean) {
        val extra = if (outline) width * OUTLINE else 0f
        val alpha = if (visible) OPAQUE else (OPAQUE * Drawing.FAINT).toInt()
        for (i in bones.indices) { // by index: an iterator would be one object per layer
            val bone = bones[i]
            if ((landmarks.isSeen(bone.start) && landmarks.isSeen(bone.end)) != visible) continue
            stroke.color = if (outline) Drawing.OUTLINE else colors[bone.side.ordinal]
            stroke.alpha = alpha
            stroke.strokeWidth = width * (if (isFaceBone[i]) FINE else 1f) + extra
            canvas.drawLine(
                fit.x(landmarks.x(bone.start)), fit.y(landmarks.y(bone.start)),
                fit.x(landmarks.x(bone.end)), fit.y(landmarks.y(bone.end)), stroke,
            )
        }
        for (i in 0 until Topology.NUM_LANDMARKS) {
            if (landmarks.isSeen(i) != visible) continue
            dot.color = if (outline) Drawing.OUTLINE else colors[Topology.SIDES[i].ordinal]
            dot.alpha = alpha
            dot.style = if (visible) Paint.Style.FILL else Paint.Style.STROKE
            dot.strokeWidth = width / 2 + extra
            val radius = width * (if (isFace[i]) FACE_DOT else DOT)
            canvas.drawCircle(fit.x(landmarks.x(i)), fit.y(landmarks.y(i)), radius + extra / 2, dot)
        }
    }

    private fun Landmarks.isSeen(landmark: Int) = visibility[landmark] >= Drawing.VISIBLE

    private companion object {
        const val OPAQUE = 255

        /** Sizes relative to a bone's width, those of draw.py. */
        const val OUTLINE = 2 / 3f
        const val FINE = 0.6f
        const val FACE_DOT = 0.8f
        const val DOT = 1.5f
    }
}
