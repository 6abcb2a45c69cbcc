package io.github.blazepose_tf.core

import kotlin.math.PI
import kotlin.math.abs
import org.json.JSONObject

/** Cut-off frequencies in hertz; [beta] in hertz per unit of scaled speed. */
class OneEuroOptions(val minCutoff: Double, val beta: Double, val derivateCutoff: Double) {
    internal constructor(json: JSONObject) : this(
        json.getDouble("min_cutoff"),
        json.getDouble("beta"),
        json.getDouble("derivate_cutoff"),
    )
}

/**
 * One Euro filter of [size] numbers, each by itself (Casiez, Roussel, Vogel, CHI 2012), in the form
 * of `blazepose_tf/runtime/filters.py`.
 */
class OneEuroFilter(private val options: OneEuroOptions, size: Int) {
    private val raw = DoubleArray(size)
    private val filtered = DoubleArray(size)
    private val speed = DoubleArray(size)
    private var lastSeconds = 0.0
    private var started = false

    /** Forget the past; the next value passes unchanged. */
    fun reset() {
        started = false
    }

    /**
     * Filter [values] in place. [valueScale] turns speeds into the unit that beta was tuned for. A
     * timestamp that does not grow leaves them unfiltered and is not remembered.
     */
    fun filter(values: DoubleArray, timestampSeconds: Double, valueScale: Double = 1.0) {
        if (!started) {
            values.copyInto(raw)
            values.copyInto(filtered)
            speed.fill(0.0)
            lastSeconds = timestampSeconds
            started = true
            return
        }
        val period = timestampSeconds - lastSeconds
        if (!(period > 0)) return
        val speedWeight = weight(options.derivateCutoff, period)
        for (i in raw.indices) {
            val value = values[i]
            val current = (value - raw[i]) * (valueScale / period)
            speed[i] = speedWeight * current + (1 - speedWeight) * speed[i]
            val weight = weight(options.minCutoff + options.beta * abs(speed[i]), period)
            filtered[i] = weight * value + (1 - weight) * filtered[i]
            raw[i] = value
            values[i] = filtered[i]
        }
        lastSeconds = timestampSeconds
    }

    /** Weight of the new value in an exponential average with this cut-off frequency. */
    private fun weight(cutoff: Double, period: Double): Double = 1.0 / (1.0 + 1.0 / (2.0 * PI * cutoff * period))
}
