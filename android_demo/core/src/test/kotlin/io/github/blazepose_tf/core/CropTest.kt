package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.bytes
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.roi
import io.github.blazepose_tf.core.testing.shape
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import org.json.JSONObject

class CropTest {
    private val golden = Golden.vectors("crops")

    private fun picture(alpha: Int): ArgbFrame {
        val (height, width) = golden.shape("picture")
        val rgb = golden.bytes("picture")
        fun level(i: Int) = rgb[i].toInt() and 255
        val pixels = IntArray(width * height) { (alpha shl 24) or (level(3 * it) shl 16) or (level(3 * it + 1) shl 8) or level(3 * it + 2) }
        return ArgbFrame(pixels, width, height)
    }

    @Test
    fun `crops are OpenCV's to the bit, whatever alpha says`() {
        for (alpha in listOf(255, 0)) {
            val frame = picture(alpha)
            for (case in golden.objects("cases")) {
                val size = case.shape("crop")[0]
                val tensor = tensor("image", 1, size, size, 3)
                frame.crop(case.roi("roi"), Border.valueOf(case.getString("border")), ImageInput(tensor))
                assertContentEquals(expected(case), levels(tensor), case.getString("name"))
            }
        }
    }

    @Test
    fun `8-bit inputs store level minus 128`() {
        val case = golden.objects("cases")[0]
        val tensor = tensor("image", 1, 24, 24, 3, type = TensorType.INT8)
        picture(255).crop(case.roi("roi"), Border.REPLICATE, ImageInput(tensor))
        val stored = IntArray(tensor.count) { tensor.buffer.get(it) + 128 }
        assertContentEquals(expected(case), stored)
        assertContentEquals(expected(case), levels(tensor))
    }

    @Test
    fun `a frame that its pixels do not fill is refused`() {
        assertFailsWith<IllegalArgumentException> { ArgbFrame(IntArray(11), 4, 3) }
        assertFailsWith<IllegalArgumentException> { ArgbFrame(IntArray(0), 0, 3) }
        assertEquals(4, ArgbFrame(IntArray(12), 4, 3).width)
    }

    private fun expected(case: JSONObject) = case.bytes("crop").let { crop -> IntArray(crop.size) { crop[it].toInt() and 255 } }
}
