package io.github.blazepose_tf.core

/**
 * The picture a network looks at, in its input tensor [1, size, size, 3], RGB: float 0..1, or what
 * 8-bit inputs store for that. Rows are handed over as levels 0..255.
 */
class ImageInput(private val tensor: Tensor) {
    val size: Int = tensor.shape[1]
    internal val grid = WarpGrid(size)

    /** One row of levels 0..255, RGB RGB ...; filled by the frame, taken by [putRow]. */
    internal val row = IntArray(3 * size)
    private val levels = FloatArray(256) { it / 255f }
    private val floats = FloatArray(3 * size)
    private val bytes = if (tensor.type == TensorType.FLOAT32) ByteArray(0) else ByteArray(256) { tensor.quantize(levels[it]) }

    internal fun putRow(y: Int) {
        val start = y * row.size
        if (tensor.type == TensorType.FLOAT32) {
            for (i in row.indices) floats[i] = levels[row[i]]
            tensor.write(start, floats)
        } else {
            for (i in row.indices) tensor.buffer.put(start + i, bytes[row[i]])
        }
    }
}
