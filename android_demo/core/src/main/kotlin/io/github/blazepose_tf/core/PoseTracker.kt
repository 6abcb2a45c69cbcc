package io.github.blazepose_tf.core

/** Counts since the last [PoseTracker.reset]. */
class TrackerCounts {
    var frames = 0L; internal set

    /** Frames with a person. */
    var poses = 0L; internal set

    /** Frames that needed the detector. */
    var detectorRuns = 0L; internal set

    /** Frames in which the person followed so far was lost (the detector then ran in the same frame). */
    var lostFrames = 0L; internal set

    internal fun clear() {
        frames = 0
        poses = 0
        detectorRuns = 0
        lostFrames = 0
    }
}

/**
 * Landmarks of one person, frame by frame: detect once, then move the ROI. The same decisions as
 * `blazepose_tf/runtime/tracker.py`. One thread only; nothing is allocated per frame. Owns both
 * networks.
 *
 * @param smoothing One Euro filters on landmarks, world landmarks and ROI, low-pass on visibility
 */
class PoseTracker(
    private val detector: PersonFinder,
    private val landmarker: LandmarkFinder,
    private val smoothing: Boolean = true,
) : AutoCloseable {
    val counts = TrackerCounts()

    /** Of the last frame, with or without a person. */
    val times = StageTimes()

    /** Whether the detector ran in the last frame, with or without a person. */
    var detectorRan = false; private set

    /** Start anew, as for another video: no person, no past, counts at zero. */
    fun reset(): Unit = TODO()

    /** Forget the person, so that the next frame runs the detector; counts stay. */
    fun forget(): Unit = TODO()

    /**
     * The person in the next frame, null when there is nobody. The result is the tracker's own and
     * overwritten by the next call. A change of the frame's size starts anew with the detector.
     *
     * @param timestampSeconds finite and growing; where it does not grow the frame is not smoothed
     */
    fun process(frame: Frame, timestampSeconds: Double): Pose? = TODO()

    override fun close() {
        detector.close()
        landmarker.close()
    }
}
