package io.github.blazepose_tf.core

import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Numbers within [tolerance]; NaN equals NaN. */
internal fun assertClose(expected: FloatArray, actual: FloatArray, tolerance: Double) {
    assertTrue(actual.size >= expected.size, "${expected.size} numbers were expected, there are ${actual.size}")
    for (i in expected.indices) {
        assertEquals(expected[i].toDouble(), actual[i].toDouble(), tolerance, "number $i")
    }
}

internal fun assertClose(expected: DoubleArray, actual: DoubleArray, tolerance: Double) {
    assertEquals(expected.size, actual.size)
    for (i in expected.indices) assertEquals(expected[i], actual[i], tolerance, "number $i")
}

/** Pixels and radians within [tolerance]. */
internal fun assertSame(expected: Roi, actual: Roi, tolerance: Double) {
    assertEquals(expected.centerX, actual.centerX, tolerance, "$actual")
    assertEquals(expected.centerY, actual.centerY, tolerance, "$actual")
    assertEquals(expected.size, actual.size, tolerance, "$actual")
    assertEquals(0.0, Roi.normalizeAngle(expected.rotation - actual.rotation), tolerance, "$actual")
}

/** A tensor of its own memory, as an engine would have. */
internal fun tensor(name: String, vararg shape: Int, type: TensorType = TensorType.FLOAT32): Tensor {
    val bytes = shape.fold(type.bytes) { product, side -> product * side }
    val buffer = java.nio.ByteBuffer.allocateDirect(bytes).order(java.nio.ByteOrder.nativeOrder())
    return if (type == TensorType.FLOAT32) Tensor(name, shape, type, buffer) else Tensor(name, shape, type, buffer, 1 / 255f, -128)
}

/** The levels 0..255 in a float input. */
internal fun levels(tensor: Tensor): IntArray {
    val values = FloatArray(tensor.count).also(tensor::read)
    return IntArray(values.size) { Math.round(values[it] * 255) }
}
