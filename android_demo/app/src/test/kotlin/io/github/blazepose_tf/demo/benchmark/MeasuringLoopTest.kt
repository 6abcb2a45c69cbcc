package io.github.blazepose_tf.demo.benchmark

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.Test

/** On a clock that only the steps move. */
class MeasuringLoopTest {
    private var now = 0L
    private var frame = 0

    private fun loop(milliseconds: (Int) -> Double, redetected: (Int) -> Boolean = { false }) =
        MeasuringLoop({ now }, { now += 5_000_000 }) { // 5 ms between frames, which must not be counted
            now += (milliseconds(frame) * 1e6).toLong()
            redetected(frame++)
        }

    @Test
    fun `steady after three windows that agree`() {
        val warmUp = loop({ if (it < 60) 20.0 else 10.0 }).warmUp(60f, quick = false)
        assertTrue(warmUp.isSteady)
        assertEquals(listOf(20.0, 10.0, 10.0, 10.0), warmUp.medians.let { listOf(it.first()) + it.takeLast(3) })
        assertEquals(frame, warmUp.frames)
    }

    @Test
    fun `never steady ends at the limit`() {
        val warmUp = loop({ 10.0 + it }).warmUp(5f, quick = false)
        assertFalse(warmUp.isSteady)
        assertTrue(warmUp.seconds in 5.0..6.5, "${warmUp.seconds}")
    }

    @Test
    fun `both minima are reached, and every frame is recorded`() {
        val samples = loop({ 10.0 }, { it % 20 == 0 }).measure(minInferences = 10, minSeconds = 3f, limitSeconds = 60f)
        assertEquals(200, samples.latencyUs.size) // 15 ms apart
        assertTrue(samples.latencyUs.all { it == 10_000L })
        assertEquals(15_000L, samples.startUs[1] - samples.startUs[0])
        assertEquals(List(10) { 20 * it }, samples.redetected)
        frame = 0
        assertEquals(500, loop({ 10.0 }).measure(minInferences = 500, minSeconds = 3f, limitSeconds = 60f).latencyUs.size)
    }

    @Test
    fun `the limit ends it`() {
        val samples = loop({ 10.0 }).measure(minInferences = 1000, minSeconds = 60f, limitSeconds = 1f)
        assertTrue(samples.startUs.last() + samples.latencyUs.last() in 1_000_000L..1_020_000L)
    }
}
