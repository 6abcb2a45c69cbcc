package io.github.blazepose_tf.demo

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import android.view.View.MeasureSpec
import java.io.File
import kotlin.math.abs

/** Draws a view as a screen of this size would show it. */
fun picture(view: View, width: Int, height: Int): Bitmap {
    view.measure(
        MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY),
        MeasureSpec.makeMeasureSpec(height, MeasureSpec.EXACTLY),
    )
    view.layout(0, 0, width, height)
    val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
    Canvas(bitmap).apply { drawColor(Color.DKGRAY) }.let(view::draw)
    return bitmap
}

/** Leaves a picture in target/shown, to be looked at. */
fun show(bitmap: Bitmap, name: String): Bitmap {
    val file = File(checkNotNull(System.getProperty("shown")), name).apply { parentFile?.mkdirs() }
    file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    return bitmap
}

/** A picture that was looked at and is kept in android_demo/docs. */
fun kept(name: String): Bitmap {
    val file = File(checkNotNull(System.getProperty("kept")), name)
    return checkNotNull(BitmapFactory.decodeFile(file.path)) { "$file is missing" }
}

/** Mean difference per channel, 0..255. */
fun difference(a: Bitmap, b: Bitmap): Double {
    check(a.width == b.width && a.height == b.height) { "${a.width}x${a.height} and ${b.width}x${b.height}" }
    val first = pixels(a)
    val second = pixels(b)
    val sum = first.indices.sumOf { i ->
        listOf(16, 8, 0).sumOf { abs((first[i] shr it and 0xff) - (second[i] shr it and 0xff)) }.toLong()
    }
    return sum / (3.0 * first.size)
}

fun pixels(bitmap: Bitmap): IntArray =
    IntArray(bitmap.width * bitmap.height).also { bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height) }
