package io.github.blazepose_tf.demo.still

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.ImageDecoder
import android.media.ExifInterface
import android.net.Uri
import android.os.Build
import android.graphics.Matrix
import io.github.blazepose_tf.core.ArgbFrame
import java.io.IOException

/** Longest side in pixels: enough for every network, and 16 MB at most. */
private const val LONGEST_SIDE = 2048

/** A picture as upright ARGB_8888 pixels, made smaller when it is very large; null if it is none. */
fun readPicture(resolver: ContentResolver, uri: Uri): Bitmap? = try {
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
        ImageDecoder.decodeBitmap(ImageDecoder.createSource(resolver, uri)) { decoder, info, _ ->
            decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
            decoder.setTargetSampleSize(sampleSize(info.size.width, info.size.height))
        }
    } else {
        readWithoutDecoder(resolver, uri)
    }
} catch (_: IOException) {
    null
} catch (_: SecurityException) { // the picture's owner took it back
    null
}

/** The same for the networks. */
fun frameOf(bitmap: Bitmap): ArgbFrame {
    val pixels = IntArray(bitmap.width * bitmap.height)
    bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
    return ArgbFrame(pixels, bitmap.width, bitmap.height)
}

/** Every how many pixels one is kept. */
internal fun sampleSize(width: Int, height: Int): Int =
    generateSequence(1) { it * 2 }.first { maxOf(width, height) / it <= LONGEST_SIDE }

/** Android 8 knows neither the size beforehand nor the camera's orientation. */
private fun readWithoutDecoder(resolver: ContentResolver, uri: Uri): Bitmap? {
    val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
    resolver.openInputStream(uri)?.use { BitmapFactory.decodeStream(it, null, bounds) }
    val options = BitmapFactory.Options().apply { inSampleSize = sampleSize(bounds.outWidth, bounds.outHeight) }
    val bitmap = resolver.openInputStream(uri)?.use { BitmapFactory.decodeStream(it, null, options) } ?: return null
    val degrees = resolver.openInputStream(uri)?.use(::exifDegrees) ?: 0
    if (degrees == 0) return bitmap
    val turn = Matrix().apply { setRotate(degrees.toFloat()) }
    return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, turn, true)
}

private fun exifDegrees(stream: java.io.InputStream): Int =
    when (ExifInterface(stream).getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)) {
        ExifInterface.ORIENTATION_ROTATE_90 -> 90
        ExifInterface.ORIENTATION_ROTATE_180 -> 180
        ExifInterface.ORIENTATION_ROTATE_270 -> 270
        else -> 0
    }
