package io.github.blazepose_tf.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer
import kotlin.math.round

/** Element types that the networks' inputs and outputs have. */
enum class TensorType(val bytes: Int) { FLOAT32(4), INT8(1), UINT8(1) }

/**
 * One input or output of an engine. [buffer] is direct, in native order, belongs to the engine, and
 * stays the same from run to run. A real value is `scale * (stored - zeroPoint)` unless FLOAT32.
 */
class Tensor(
    val name: String,
    val shape: IntArray,
    val type: TensorType,
    val buffer: ByteBuffer,
    val scale: Float = 0f,
    val zeroPoint: Int = 0,
) {
    private val floats: FloatBuffer = buffer.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer()

    /** Number of elements. */
    val count: Int = shape.fold(1) { product, side -> product * side }

    init {
        require(buffer.isDirect && buffer.capacity() >= count * type.bytes) { "$name: needs a direct buffer of its size" }
    }

    /** Copy all [count] elements to [target] as real numbers. */
    fun read(target: FloatArray) {
        if (type == TensorType.FLOAT32) {
            floats.position(0)
            floats.get(target, 0, count)
            return
        }
        val mask = if (type == TensorType.UINT8) 0xff else -1
        for (i in 0 until count) target[i] = ((buffer.get(i).toInt() and mask) - zeroPoint) * scale
    }

    /** Copy [source] to the elements from [start] on. */
    internal fun write(start: Int, source: FloatArray) {
        floats.position(start)
        floats.put(source)
    }

    /** What an INT8 or UINT8 tensor stores for a real number. */
    fun quantize(value: Float): Byte {
        val low = if (type == TensorType.UINT8) 0 else -128
        return (round(value / scale).toInt() + zeroPoint).coerceIn(low, low + 255).toByte()
    }
}
