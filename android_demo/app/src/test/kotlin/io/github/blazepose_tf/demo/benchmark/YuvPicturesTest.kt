package io.github.blazepose_tf.demo.benchmark

import kotlin.math.abs
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.Test

class YuvPicturesTest {
    /** Back with the inverse matrix of ITU-T T.871 (JFIF). */
    @Test
    fun `colours survive, odd sizes too`() {
        val colors = intArrayOf(0xff0000, 0x00ff00, 0x0000ff, 0xffffff, 0x000000, 0x7f3f1f)
        for (color in colors) {
            val frame = yuvFrameOf(IntArray(35) { color }, 7, 5)
            assertEquals(7 to 5, frame.width to frame.height)
            val y = frame.y.buffer.get(4 * frame.y.rowStride + 6).toInt() and 0xff
            val cb = (frame.u.buffer.get(2 * frame.u.rowStride + 3 * frame.u.pixelStride).toInt() and 0xff) - 128
            val cr = (frame.v.buffer.get(2 * frame.v.rowStride + 3 * frame.v.pixelStride).toInt() and 0xff) - 128
            val rgb = listOf(y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb)
            val wanted = listOf(color shr 16, color shr 8 and 0xff, color and 0xff)
            for ((got, want) in rgb.zip(wanted)) assertTrue(abs(got - want) <= 2, "$rgb for $wanted")
        }
    }
}
