package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.bytes
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.roi
import io.github.blazepose_tf.core.testing.shape
import java.nio.ByteBuffer
import kotlin.math.abs
import kotlin.math.roundToInt
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class YuvFrameTest {
    private val golden = Golden.vectors("yuv_crops")
    private val rows = golden.shape("y")[0]
    private val columns = golden.shape("y")[1]

    /** How a camera may lay its planes down. */
    private enum class Memory(val padding: Int, val chromaStep: Int) { PACKED(0, 1), PADDED(19, 1), SEMI_PLANAR(3, 2), SPARSE(7, 3) }

    private fun frame(memory: Memory): YuvFrame {
        val frame = YuvFrame()
        fill(frame.y, "y", memory.padding, 1)
        fill(frame.u, "u", memory.padding, memory.chromaStep)
        fill(frame.v, "v", memory.padding, memory.chromaStep)
        return frame
    }

    /** The last row ends with its last value, as it does on phones. */
    private fun fill(plane: YuvPlane, name: String, padding: Int, step: Int) {
        val (rows, columns) = golden.shape(name)
        val stride = columns * step + padding
        val buffer = ByteBuffer.allocateDirect((rows - 1) * stride + (columns - 1) * step + 1)
        for (i in 0 until buffer.capacity()) buffer.put(i, 77) // what stands between is never looked at
        golden.bytes(name).forEachIndexed { i, value -> buffer.put(i / columns * stride + i % columns * step, value) }
        plane.set(buffer, stride, step)
    }

    @Test
    fun `crops are Python's within one level, in all eight positions and from any memory`() {
        val seen = HashSet<String>()
        for (memory in Memory.entries) {
            val frame = frame(memory)
            for (case in golden.objects("cases")) {
                val rotation = Rotation.of(case.getInt("rotation"))
                frame.set(columns, rows, rotation, case.getBoolean("mirrored"))
                assertEquals(case.getInt("width") to case.getInt("height"), frame.width to frame.height)
                val size = case.shape("crop")[0]
                val tensor = tensor("image", 1, size, size, 3)
                frame.crop(case.roi("roi"), Border.valueOf(case.getString("border")), ImageInput(tensor))
                val name = "$rotation ${case.getBoolean("mirrored")}"
                seen += name
                assertWithinOneLevel(case.bytes("crop"), levels(tensor), "$memory $name ${case.getString("name")}")
            }
        }
        assertEquals(8, seen.size)
    }

    private fun assertWithinOneLevel(expected: ByteArray, actual: IntArray, message: String) {
        val differences = expected.indices.map { abs((expected[it].toInt() and 255) - actual[it]) }
        assertTrue(differences.max() <= 1, "$message: ${differences.max()} levels off")
        assertTrue(differences.count { it == 1 } < 0.02 * differences.size, "$message: systematic")
    }

    /** JFIF's own formula, one flat colour at a time. */
    @Test
    fun `colours follow JFIF`() {
        val frame = YuvFrame()
        val tensor = tensor("image", 1, 4, 4, 3)
        val input = ImageInput(tensor)
        for (y in 0..255 step 15) for (u in 0..255 step 17) for (v in 0..255 step 17) {
            frame.y.set(flat(16, y), 4, 1)
            frame.u.set(flat(4, u), 2, 1)
            frame.v.set(flat(4, v), 2, 1)
            frame.set(4, 4, Rotation.NONE, false)
            frame.crop(Roi(2.0, 2.0, 4.0), Border.REPLICATE, input)
            val rgb = intArrayOf(
                (y + 1.402 * (v - 128)).roundToInt(),
                (y - 0.344136 * (u - 128) - 0.714136 * (v - 128)).roundToInt(),
                (y + 1.772 * (u - 128)).roundToInt(),
            )
            val pixel = levels(tensor).take(3)
            for (i in 0..2) assertTrue(abs(rgb[i].coerceIn(0, 255) - pixel[i]) <= 1, "$y $u $v: ${rgb.toList()} $pixel")
        }
    }

    /** Grey has no colour: the planes' luma comes out as it is. */
    @Test
    fun `an upright crop of the frame's own size is the frame`() {
        val side = 7
        val frame = YuvFrame()
        frame.y.set(ByteBuffer.allocateDirect(side * side).also { for (i in 0 until it.capacity()) it.put(i, (5 * i).toByte()) }, side, 1)
        frame.u.set(flat(16, 128), 4, 1)
        frame.v.set(flat(16, 128), 4, 1)
        frame.set(side, side, Rotation.NONE, false)
        val tensor = tensor("image", 1, side, side, 3)
        frame.crop(Roi(side / 2.0, side / 2.0, side.toDouble()), Border.BLACK, ImageInput(tensor))
        assertContentEquals(IntArray(3 * side * side) { it / 3 * 5 }, levels(tensor))
    }

    @Test
    fun `planes too small for the picture are refused`() {
        val frame = frame(Memory.PACKED)
        assertFailsWith<IllegalArgumentException> { frame.set(columns + 2, rows, Rotation.NONE, false) }
        assertFailsWith<IllegalArgumentException> { frame.set(columns, 0, Rotation.NONE, false) }
        assertFailsWith<IllegalArgumentException> { Rotation.of(45) }
        assertEquals(Rotation.CLOCKWISE_270, Rotation.of(-90))
    }

    private fun flat(size: Int, level: Int): ByteBuffer =
        ByteBuffer.allocateDirect(size).also { for (i in 0 until size) it.put(i, level.toByte()) }
}
