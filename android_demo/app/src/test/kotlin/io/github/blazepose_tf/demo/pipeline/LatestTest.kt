package io.github.blazepose_tf.demo.pipeline

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import org.junit.Test

class LatestTest {
    private class Item : AutoCloseable {
        @Volatile
        var closed = 0

        override fun close() {
            closed++
        }
    }

    @Test
    fun `the newest wins and the missed one is closed`() {
        val latest = Latest<Item>()
        val (first, second) = List(2) { Item() }
        assertTrue(latest.put(first))
        assertFalse(latest.put(second))
        assertEquals(1, first.closed)
        assertSame(second, latest.take())
        assertNull(latest.take())
        assertEquals(0, second.closed)
    }

    @Test
    fun `every item is taken or closed, whatever the threads do`() {
        val latest = Latest<Item>()
        val items = List(20_000) { Item() }
        var taken = 0
        val reader = Thread { repeat(20_000) { latest.take()?.let { it.close(); taken++ } } }.apply { start() }
        items.forEach(latest::put)
        reader.join()
        latest.clear()
        assertTrue(items.all { it.closed == 1 })
        assertTrue(taken > 0)
    }
}
