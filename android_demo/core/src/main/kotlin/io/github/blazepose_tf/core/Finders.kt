package io.github.blazepose_tf.core

/** The best person a detector found. Mutable and reused. */
class Detection {
    /** Probability. */
    var score = 0f

    /** Face box x0, y0, x1, y1 in pixels of the upright frame. */
    val box = FloatArray(4)

    /** 4 x (x, y) pixels: mid-hip, full-body circle, mid-shoulder, upper-body circle. */
    val keypoints = FloatArray(8)

    /** The square that holds the whole body, turned upright. */
    fun roi(target: Roi) = target.setFromAlignment(keypoints[0], keypoints[1], keypoints[2], keypoints[3])
}

/** Finds a person in a whole frame: [Detector], or a test's stand-in. */
interface PersonFinder : AutoCloseable {
    /** Write the best person to [target]; false where there is nobody. Time is added to [times]. */
    fun find(frame: Frame, target: Detection, times: StageTimes): Boolean
}

/** Finds the landmarks in a ROI: [Landmarker], or a test's stand-in. */
interface LandmarkFinder : AutoCloseable {
    /** Write the landmarks of whoever is in [roi] to [target]. Time is added to [times]. */
    fun find(frame: Frame, roi: Roi, target: Landmarks, times: StageTimes)
}
