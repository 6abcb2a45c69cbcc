package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.demo.pipeline.median

/** One frame from picture to landmarks; true when the detector ran. */
fun interface Step {
    fun run(): Boolean
}

/** The clock, in nanoseconds; a test puts its own in its place. */
fun interface Clock {
    fun nanos(): Long
}

/** How warming up went: [medians] in milliseconds, one per window. */
class WarmUp(val frames: Int, val seconds: Double, val isSteady: Boolean, val medians: List<Double>)

/** Raw latencies: microseconds, and the indices of frames in which the detector ran. */
class Samples {
    val startUs = ArrayList<Long>()
    val latencyUs = ArrayList<Long>()
    val redetected = ArrayList<Int>()
}

/**
 * Warms up, then measures: the same protocol as benchmarks/runners/loop.py.
 *
 * [advance] brings the next frame to hand and is not measured, [step] processes it and is.
 */
class MeasuringLoop(private val clock: Clock, private val advance: () -> Unit, private val step: Step) {
    /** Runs until the last windows' medians agree, at most [limitSeconds]. */
    fun warmUp(limitSeconds: Float, quick: Boolean): WarmUp {
        val windowNanos = ((if (quick) QUICK_WINDOW_S else WINDOW_S) * NANOS).toLong()
        val medians = ArrayList<Double>()
        val window = ArrayList<Double>()
        var frames = 0
        val begin = clock.nanos()
        while (true) {
            window.clear()
            val windowBegin = clock.nanos()
            do {
                advance()
                val start = clock.nanos()
                step.run()
                window.add((clock.nanos() - start) / 1e6)
            } while (clock.nanos() - windowBegin < windowNanos)
            frames += window.size
            medians.add(median(window)!!)
            val seconds = (clock.nanos() - begin) / NANOS
            if (isSteady(medians)) return WarmUp(frames, seconds, true, medians)
            if (seconds >= limitSeconds && medians.size >= (if (quick) 1 else STEADY_WINDOWS)) {
                return WarmUp(frames, seconds, false, medians)
            }
        }
    }

    /** Runs at least [minInferences] times and [minSeconds], but not beyond [limitSeconds]. */
    fun measure(minInferences: Int, minSeconds: Float, limitSeconds: Float): Samples {
        val samples = Samples()
        val begin = clock.nanos()
        var measuredUs = 0L // as recorded: what the samples add up to must reach minSeconds too
        while (
            (measuredUs < minSeconds * MICROS || samples.latencyUs.size < minInferences) &&
            (measuredUs < limitSeconds * MICROS || samples.latencyUs.isEmpty())
        ) {
            advance()
            val start = clock.nanos()
            val redetected = step.run()
            val end = clock.nanos()
            if (redetected) samples.redetected.add(samples.latencyUs.size)
            samples.startUs.add((start - begin) / 1000)
            samples.latencyUs.add((end - start) / 1000)
            measuredUs = samples.startUs.last() + samples.latencyUs.last()
        }
        return samples
    }

    companion object {
        const val WINDOW_S = 1.0
        const val QUICK_WINDOW_S = 0.1

        /** So many windows in a row must agree within [STEADY_SPREAD]: benchmarks/stats.py. */
        const val STEADY_WINDOWS = 3
        const val STEADY_SPREAD = 0.03
        private const val NANOS = 1e9
        private const val MICROS = 1e6

        fun isSteady(medians: List<Double>): Boolean {
            if (medians.size < STEADY_WINDOWS) return false
            val last = medians.takeLast(STEADY_WINDOWS)
            return last.max() <= last.min() * (1 + STEADY_SPREAD)
        }
    }
}
