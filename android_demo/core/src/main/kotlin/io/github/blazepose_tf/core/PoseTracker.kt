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
 * @param smoothing One Euro filters on landmarks, world landmarks and ROI, low-pass on visibility;
 *   before them exchanges of left and right are undone ([SideGuard]) and points that jump are shown
 *   one frame late ([JumpGuard])
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

    private val sides = SideGuard()
    private val jumps = JumpGuard()
    private val smoother = LandmarkSmoother()
    private val detection = Detection()
    private val pose = Pose()
    private val roi = Roi()
    private var hasRoi = false
    private var width = 0
    private var height = 0

    /** Start anew, as for another video: no person, no past, counts at zero. */
    fun reset() {
        counts.clear()
        forget()
    }

    /** Forget the person, so that the next frame runs the detector; counts stay. */
    fun forget() {
        hasRoi = false
        sides.reset()
        jumps.reset()
        smoother.reset()
    }

    /**
     * The person in the next frame, null when there is nobody. The result is the tracker's own and
     * overwritten by the next call. A change of the frame's size starts anew with the detector.
     *
     * @param timestampSeconds finite and growing; where it does not grow the frame is not smoothed
     */
    fun process(frame: Frame, timestampSeconds: Double): Pose? {
        require(timestampSeconds.isFinite()) { "timestampSeconds is $timestampSeconds; give a finite number" }
        val start = System.nanoTime()
        times.clear()
        if (frame.width != width || frame.height != height) {
            width = frame.width
            height = frame.height
            forget()
        }
        val followed = hasRoi
        var found = followed && look(frame)
        val lost = followed && !found
        if (lost) forget()
        detectorRan = !found
        if (!found) found = detector.find(frame, detection, times) && lookWhereDetected(frame)
        if (found) smoothAndFollow(timestampSeconds)
        times.total = millisecondsSince(start)
        counts.frames++
        if (found) counts.poses++
        if (detectorRan) counts.detectorRuns++
        if (lost) counts.lostFrames++
        return if (found) pose.also { finish(it, timestampSeconds) } else null
    }

    private fun lookWhereDetected(frame: Frame): Boolean {
        detection.roi(roi)
        return roi.isUsable(width, height) && look(frame)
    }

    /** Landmarks inside [roi]; false where nobody is there or the network went wrong. */
    private fun look(frame: Frame): Boolean {
        pose.roi.set(roi)
        landmarker.find(frame, roi, pose.landmarks, times)
        return pose.landmarks.presence >= PRESENCE_THRESHOLD && pose.landmarks.isFinite
    }

    /** Smooth, and look there in the next frame, or detect anew if that makes no sense. */
    private fun smoothAndFollow(timestampSeconds: Double) {
        val start = System.nanoTime()
        if (smoothing) {
            sides.hold(pose.landmarks, timestampSeconds)
            jumps.hold(pose.landmarks, timestampSeconds)
            smoother.smooth(pose.landmarks, timestampSeconds)
        }
        pose.landmarks.nextRoi(roi)
        if (roi.isUsable(width, height)) hasRoi = true else forget()
        times.smoothing += millisecondsSince(start)
    }

    private fun finish(pose: Pose, timestampSeconds: Double) {
        pose.timestampSeconds = timestampSeconds
        pose.detectorRan = detectorRan
        pose.times.set(times)
    }

    override fun close() {
        detector.close()
        landmarker.close()
    }

    companion object {
        /** MediaPipe's min_tracking_confidence. */
        val PRESENCE_THRESHOLD: Float = Constants.section("tracker").getDouble("presence_threshold").toFloat()
    }
}
