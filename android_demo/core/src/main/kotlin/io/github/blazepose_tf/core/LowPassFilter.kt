package io.github.blazepose_tf.core

/** Exponential average with a fixed weight per frame, whatever the time between frames. */
class LowPassFilter(private val alpha: Double, size: Int) {
    private val last = DoubleArray(size)
    private var started = false

    /** Forget the past; the next value passes unchanged. */
    fun reset() {
        started = false
    }

    /** alpha * value + (1 - alpha) * last result, in place. */
    fun filter(values: DoubleArray) {
        if (started) for (i in last.indices) values[i] = alpha * values[i] + (1 - alpha) * last[i]
        values.copyInto(last)
        started = true
    }
}
