package io.github.blazepose_tf.demo.pipeline

import java.util.concurrent.atomic.AtomicReference

/**
 * Hands the newest item from one thread to another. Putting never waits: an item that nobody took
 * in time is closed and replaced.
 */
class Latest<T : AutoCloseable> {
    private val slot = AtomicReference<T?>()

    /** True when the slot was empty: the reader has to be woken. */
    fun put(item: T): Boolean {
        val missed = slot.getAndSet(item)
        missed?.close()
        return missed == null
    }

    /** The newest item, which the caller closes; null when there is none. */
    fun take(): T? = slot.getAndSet(null)

    fun clear() {
        take()?.close()
    }
}
