package io.github.blazepose_tf.demo.pipeline

import io.github.blazepose_tf.core.StageTimes

/** Milliseconds of one frame by stage. CAMERA: from exposure to the frame's turn. */
enum class Stage { CAMERA, CROP, DETECTOR, LANDMARKS, SMOOTHING, DRAWING }

/** The numbers of the last few seconds. A stage's median is null when it did not run. */
class LiveNumbers(val fps: Double, val medians: Map<Stage, Double?>, val frames: Long, val detectorRuns: Long)

/** Collects times of the last [WINDOW] frames without allocating; any thread. */
class LiveStatistics {
    private val stages = Stage.entries.map { Ring(WINDOW) }
    private val ends = Ring(WINDOW)
    private var frames = 0L
    private var detectorRuns = 0L

    /** @param cameraMs null where the camera's clock cannot be compared */
    @Synchronized
    fun add(times: StageTimes, cameraMs: Double?, detectorRan: Boolean, endSeconds: Double) {
        frames++
        if (detectorRan) detectorRuns++
        put(Stage.CAMERA, cameraMs ?: 0.0)
        put(Stage.CROP, times.crop)
        put(Stage.DETECTOR, times.detector)
        put(Stage.LANDMARKS, times.landmarks)
        put(Stage.SMOOTHING, times.smoothing)
        ends.add(endSeconds)
    }

    /** The numbers of this frame alone: nobody ever reads those of none. */
    @Synchronized
    fun replace(times: StageTimes, detectorRan: Boolean, endSeconds: Double) {
        clear()
        add(times, null, detectorRan, endSeconds)
    }

    @Synchronized
    fun addDrawing(ms: Double) = put(Stage.DRAWING, ms)

    @Synchronized
    fun clear() {
        stages.forEach { it.clear() }
        ends.clear()
        frames = 0
        detectorRuns = 0
    }

    @Synchronized
    fun numbers() = LiveNumbers(
        fps = rate(ends.values()),
        medians = Stage.entries.associateWith { stage -> median(stages[stage.ordinal].values().filter { it > 0 }) },
        frames, detectorRuns,
    )

    private fun put(stage: Stage, ms: Double) = stages[stage.ordinal].add(ms)

    private fun rate(ends: List<Double>): Double {
        val seconds = if (ends.size < 2) 0.0 else ends.last() - ends.first()
        return if (seconds > 0) (ends.size - 1) / seconds else 0.0
    }

    companion object {
        /** Four seconds at 30 frames a second. */
        const val WINDOW = 120
    }
}

/** Middle value, the mean of the two middle ones for an even number; null for none. */
fun median(values: List<Double>): Double? {
    if (values.isEmpty()) return null
    val sorted = values.sorted()
    return (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2
}

/** The last values, oldest first. */
private class Ring(size: Int) {
    private val kept = DoubleArray(size)
    private var added = 0L

    fun add(value: Double) {
        kept[(added++ % kept.size).toInt()] = value
    }

    fun clear() {
        added = 0
    }

    fun values(): List<Double> {
        val count = minOf(added, kept.size.toLong())
        return (added - count until added).map { kept[(it % kept.size).toInt()] }
    }
}
