package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.core.Landmarker
import io.github.blazepose_tf.core.Landmarks
import io.github.blazepose_tf.core.PoseTracker
import io.github.blazepose_tf.core.StageTimes
import io.github.blazepose_tf.demo.pipeline.median

/** Processes the frame at hand: from picture to landmarks. Its [times] are of that frame. */
interface FrameStep : Step, AutoCloseable {
    val times: StageTimes
}

/** Whole frames, tracked; the detector runs where a new person comes, and where one is lost. */
class TrackedStep(private val feed: FrameFeed, private val tracker: PoseTracker) : FrameStep {
    override val times: StageTimes get() = tracker.times
    private var frames = 0L

    override fun run(): Boolean {
        if (feed.isNewPerson) tracker.forget()
        tracker.process(feed.frame, frames++ / FRAMES_PER_SECOND)
        return tracker.detectorRan
    }

    override fun close() = tracker.close()

    private companion object {
        /** What the filters take the time between two frames to be. */
        const val FRAMES_PER_SECOND = 30.0
    }
}

/** Crops of known people: the landmark network without a detector. */
class CropStep(private val feed: FrameFeed, private val landmarker: Landmarker) : FrameStep {
    override val times = StageTimes()
    private val landmarks = Landmarks()

    override fun run(): Boolean {
        times.clear()
        val roi = feed.knownRoi ?: throw RequestException("detector: is missing; frames of the camera need one")
        landmarker.find(feed.frame, roi, landmarks, times)
        return false
    }

    override fun close() = landmarker.close()
}

/** Times of each stage in the frames in which it ran. */
class StageRecord {
    private val crop = ArrayList<Double>()
    private val detector = ArrayList<Double>()
    private val landmarks = ArrayList<Double>()
    private val smoothing = ArrayList<Double>()

    fun add(times: StageTimes) {
        put(crop, times.crop)
        put(detector, times.detector)
        put(landmarks, times.landmarks)
        put(smoothing, times.smoothing)
    }

    /** Milliseconds; a stage that never ran is not there. */
    fun medians(): Map<String, Double> =
        mapOf("crop" to crop, "detector" to detector, "landmarks" to landmarks, "smoothing" to smoothing)
            .mapNotNull { (name, values) -> median(values)?.let { name to it } }.toMap()

    private fun put(values: ArrayList<Double>, ms: Double) {
        if (ms > 0) values.add(ms)
    }
}
