package io.github.blazepose_tf.core

import kotlin.math.cos
import kotlin.math.sin

/** Takes what the network says of a crop to the frame. */
class LandmarkProjection {
    private val transform = CropTransform()

    /** In place: points from crop units to pixels, world points turned by the ROI's rotation about z. */
    fun toImage(landmarks: Landmarks, roi: Roi) {
        transform.set(roi)
        val points = landmarks.points
        for (i in points.indices step 3) {
            val u = points[i].toDouble()
            val v = points[i + 1].toDouble()
            points[i] = transform.imageX(u, v).toFloat()
            points[i + 1] = transform.imageY(u, v).toFloat()
            points[i + 2] *= roi.size.toFloat()
        }
        val cosine = cos(roi.rotation).toFloat()
        val sine = sin(roi.rotation).toFloat()
        val world = landmarks.world
        for (i in world.indices step 3) {
            val x = world[i]
            val y = world[i + 1]
            world[i] = x * cosine - y * sine
            world[i + 1] = x * sine + y * cosine
        }
    }
}
