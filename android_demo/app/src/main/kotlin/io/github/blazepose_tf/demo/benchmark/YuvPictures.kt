package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.core.Rotation
import io.github.blazepose_tf.core.YuvFrame
import java.nio.ByteBuffer
import kotlin.math.roundToInt

/** Bytes from one chroma value to the next of its kind: U and V take turns, as most cameras have it. */
private const val CHROMA_STEP = 2

/**
 * A picture as a camera would hand it over: YUV_420_888, BT.601 full range (JFIF), chroma averaged
 * over 2 x 2 pixels.
 *
 * @param pixels ARGB in rows
 */
fun yuvFrameOf(pixels: IntArray, width: Int, height: Int): YuvFrame {
    val chromaWidth = (width + 1) / 2
    val chromaHeight = (height + 1) / 2
    val luma = ByteBuffer.allocateDirect(width * height)
    val chroma = ByteBuffer.allocateDirect(CHROMA_STEP * chromaWidth * chromaHeight)
    for (i in 0 until width * height) {
        val (r, g, b) = rgb(pixels[i])
        luma.put(i, level(0.299 * r + 0.587 * g + 0.114 * b))
    }
    for (row in 0 until chromaHeight) for (column in 0 until chromaWidth) {
        val block = listOf(0, 1).flatMap { dy -> listOf(0, 1).map { dx -> dy to dx } }
            .filter { (dy, dx) -> 2 * row + dy < height && 2 * column + dx < width }
            .map { (dy, dx) -> rgb(pixels[(2 * row + dy) * width + 2 * column + dx]) }
        val (r, g, b) = List(3) { channel -> block.sumOf { it[channel] } / block.size.toDouble() }
        val at = CHROMA_STEP * (row * chromaWidth + column)
        chroma.put(at, level(128 - 0.168736 * r - 0.331264 * g + 0.5 * b))
        chroma.put(at + 1, level(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))
    }
    val rowStride = CHROMA_STEP * chromaWidth
    return YuvFrame().apply {
        y.set(luma, width, 1)
        u.set(chroma, rowStride, CHROMA_STEP)
        v.set(chroma.apply { position(1) }.slice(), rowStride, CHROMA_STEP)
        set(width, height, Rotation.NONE, mirrored = false)
    }
}

private fun rgb(pixel: Int) = intArrayOf(pixel shr 16 and 0xff, pixel shr 8 and 0xff, pixel and 0xff)

private fun level(value: Double): Byte = value.roundToInt().coerceIn(0, 255).toByte()
