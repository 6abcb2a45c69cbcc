package io.github.blazepose_tf.demo.benchmark

import android.content.res.AssetManager
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import io.github.blazepose_tf.core.Frame
import io.github.blazepose_tf.core.Roi
import io.github.blazepose_tf.core.YuvFrame
import java.io.IOException
import org.json.JSONArray

private const val FOLDER = "pictures"

/** The app's own pictures as camera frames, each for [framesEach] frames, over and over. */
class BundledPictures(assets: AssetManager, private val framesEach: Int = FRAMES_EACH) : FrameFeed {
    private class Picture(val frame: YuvFrame, val roi: Roi)

    private val pictures: List<Picture> = try {
        val list = JSONArray(assets.open("$FOLDER/pictures.json").use { it.readBytes().toString(Charsets.UTF_8) })
        List(list.length()) {
            val row = list.getJSONObject(it)
            val roi = row.getJSONArray("roi")
            val bitmap = assets.open("$FOLDER/${row.getString("file")}").use(BitmapFactory::decodeStream)
            Picture(toYuv(bitmap), Roi(roi.getDouble(0), roi.getDouble(1), roi.getDouble(2), roi.getDouble(3)))
        }
    } catch (error: IOException) {
        throw RequestException("frames: the app carries no pictures; build it again with tools/build_apk.py")
    }
    private var shown = -1

    private val now get() = pictures[shown / framesEach % pictures.size]
    override val frame: Frame get() = now.frame
    override val knownRoi: Roi get() = now.roi
    override val isNewPerson: Boolean get() = shown % framesEach == 0

    override fun advance() {
        shown = (shown + 1) % (framesEach * pictures.size)
    }

    companion object {
        /** The detector then runs in every 20th frame, as in the simulated phone. */
        const val FRAMES_EACH = 20

        private fun toYuv(bitmap: Bitmap): YuvFrame {
            val pixels = IntArray(bitmap.width * bitmap.height)
            bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
            return yuvFrameOf(pixels, bitmap.width, bitmap.height)
        }
    }
}
