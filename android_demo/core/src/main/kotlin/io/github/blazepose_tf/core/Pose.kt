package io.github.blazepose_tf.core

/** Milliseconds that one frame took, 0 for a stage that did not run. */
class StageTimes {
    /** Cutting the ROI out of the frame; twice where the person was lost and found again. */
    var crop = 0.0

    /** Letterbox, detector network, suppression. */
    var detector = 0.0

    /** Landmark network, and its numbers to pixels; twice where the person was lost and found again. */
    var landmarks = 0.0

    /** Filters, and the next ROI. */
    var smoothing = 0.0

    /** All of [PoseTracker.process]. */
    var total = 0.0

    fun clear() {
        crop = 0.0
        detector = 0.0
        landmarks = 0.0
        smoothing = 0.0
        total = 0.0
    }

    fun set(other: StageTimes) {
        crop = other.crop
        detector = other.detector
        landmarks = other.landmarks
        smoothing = other.smoothing
        total = other.total
    }
}

/** The person in one frame. The tracker's own is overwritten by the next frame; keep a copy with [set]. */
class Pose {
    var timestampSeconds = 0.0
    val landmarks = Landmarks()

    /** The square that the landmark network looked at. */
    val roi = Roi()

    /** The detector was needed in this frame. */
    var detectorRan = false
    val times = StageTimes()

    fun set(other: Pose) {
        timestampSeconds = other.timestampSeconds
        landmarks.set(other.landmarks)
        roi.set(other.roi)
        detectorRan = other.detectorRan
        times.set(other.times)
    }
}
