package io.github.blazepose_tf.core

import com.sun.management.ThreadMXBean
import io.github.blazepose_tf.core.testing.Clip
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Nothing is allocated per frame once everything has run. */
class AllocationTest {
    private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val clip = Clip.open()

    /**
     * Bytes that [work] allocates on this thread, per call: the least of several rounds. What is
     * allocated in every call is in every round; the JVM itself allocates now and then.
     */
    private fun allocated(work: () -> Unit): Double {
        val thread = Thread.currentThread().id
        return (1..ROUNDS).minOf {
            val before = threads.getThreadAllocatedBytes(thread)
            repeat(CALLS) { work() }
            (threads.getThreadAllocatedBytes(thread) - before) / CALLS.toDouble()
        }
    }

    @Test
    fun `the count sees an allocation`() {
        val kept = arrayOfNulls<ByteArray>(1)
        assertTrue(allocated { kept[0] = ByteArray(100) } >= 100)
    }

    @Test
    fun `a tracked camera frame allocates nothing`() = clip.tracker().use { tracker ->
        val frame = clip.camera(0)
        var time = 0.0
        val bytes = allocated {
            time += 1 / 30.0
            tracker.process(frame, time)
        }
        assertEquals(tracker.counts.frames to 1L, tracker.counts.poses to tracker.counts.detectorRuns)
        assertEquals(0.0, bytes, PROBE)
    }

    @Test
    fun `a camera frame with the detector allocates nothing`() = clip.tracker().use { tracker ->
        val frame = clip.camera(0)
        val bytes = allocated {
            tracker.forget()
            tracker.process(frame, 0.0)
        }
        assertEquals(tracker.counts.frames, tracker.counts.poses)
        assertEquals(tracker.counts.frames, tracker.counts.detectorRuns)
        assertEquals(0.0, bytes, PROBE)
    }

    @Test
    fun `taking the next camera frame allocates nothing`() {
        val frame = clip.camera(0)
        val plane: ByteBuffer = frame.y.buffer
        val stride = frame.y.rowStride
        val bytes = allocated {
            frame.y.set(plane, stride, 1)
            frame.set(plane.capacity() / stride / 2, plane.capacity() / stride / 2, Rotation.CLOCKWISE_90, true)
        }
        assertEquals(0.0, bytes, PROBE)
    }

    private companion object {
        const val ROUNDS = 6
        const val CALLS = 25

        /** Reading the counter allocates a little itself: less than one byte per call. */
        const val PROBE = 1.0
    }
}
