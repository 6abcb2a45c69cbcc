package io.github.blazepose_tf.core

import java.nio.ByteBuffer

/** One flatbuffer table; an offset that leaves [data] (little-endian) throws IndexOutOfBoundsException. */
internal class FlatbufferTable(private val data: ByteBuffer, private val position: Int) {
    private val vtable = position - data.getInt(position)
    private val slotsEnd = short(vtable)

    /** Position of a field's value, 0 where the field is absent. */
    private fun field(index: Int): Int {
        val slot = 4 + 2 * index
        val offset = if (slot + 2 > slotsEnd) 0 else short(vtable + slot)
        return if (offset == 0) 0 else position + offset
    }

    /** An unsigned number of 31 bits, 0 where absent. */
    fun number(index: Int): Int = field(index).let { if (it == 0) 0 else data.getInt(it) }

    /** A vector of tables. */
    fun tables(index: Int): List<FlatbufferTable> {
        val at = field(index).takeIf { it != 0 } ?: return emptyList()
        val start = at + data.getInt(at)
        val length = data.getInt(start)
        if (length < 0 || length > data.limit() / 4) throw IndexOutOfBoundsException()
        return List(length) { i -> (start + 4 + 4 * i).let { FlatbufferTable(data, it + data.getInt(it)) } }
    }

    /** A vector of bytes, or a string without its end mark. */
    fun bytes(index: Int): ByteArray {
        val at = field(index).takeIf { it != 0 } ?: return ByteArray(0)
        val start = at + data.getInt(at)
        val length = data.getInt(start)
        if (length < 0 || start + 4L + length > data.limit()) throw IndexOutOfBoundsException()
        return ByteArray(length) { data.get(start + 4 + it) }
    }

    private fun short(at: Int): Int = data.getShort(at).toInt() and 0xffff

    companion object {
        fun root(data: ByteBuffer) = FlatbufferTable(data, data.getInt(0))
    }
}
