package io.github.blazepose_tf.core.testing

import io.github.blazepose_tf.core.ArgbFrame
import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Detector
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.Frame
import io.github.blazepose_tf.core.Landmarker
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.PoseTracker
import io.github.blazepose_tf.core.Rotation
import io.github.blazepose_tf.core.YuvFrame
import java.io.File
import java.nio.ByteBuffer
import org.json.JSONObject
import org.junit.Assume.assumeTrue

/** The clip that `tools/write_golden.py --clip` made, and the models that Python tracked it with. */
class Clip private constructor(private val description: JSONObject) {
    val frames: Int = description.getInt("frames")
    private val width = description.getInt("width")
    private val height = description.getInt("height")
    private val rgb = bytes("clip.rgb")
    private val yuv = bytes("clip.yuv")
    val landmarkModel = File(description.getString("landmark_model"))
    val detectorModel = File(description.getString("detector_model"))

    fun expected(name: String): JSONObject = description.getJSONObject("expected").getJSONObject(name)

    fun seconds(frame: Int): Double = frame / description.getDouble("frames_per_second")

    /** A frame as pixels, such as a gallery's picture. */
    fun argb(frame: Int): Frame {
        val start = frame * width * height * 3
        fun level(i: Int) = rgb[start + i].toInt() and 255
        val pixels = IntArray(width * height) { (level(3 * it) shl 16) or (level(3 * it + 1) shl 8) or level(3 * it + 2) }
        return ArgbFrame(pixels, width, height)
    }

    /** A frame as a camera gives it, turned and mirrored, U and V interleaved, rows padded. */
    fun camera(frame: Int): YuvFrame = YuvFrame().also { fill(it, frame) }

    fun fill(target: YuvFrame, frame: Int) {
        val camera = description.getJSONObject("yuv")
        val columns = camera.getInt("columns")
        val rows = camera.getInt("rows")
        val chromaColumns = (columns + 1) / 2
        val chromaRows = (rows + 1) / 2
        val luma = columns * rows
        val chroma = chromaColumns * chromaRows
        val start = frame * (luma + 2 * chroma)
        target.y.set(plane(start, columns, rows, 1, PADDING), columns + PADDING, 1)
        target.u.set(plane(start + luma, chromaColumns, chromaRows, 2, PADDING), 2 * chromaColumns + PADDING, 2)
        target.v.set(plane(start + luma + chroma, chromaColumns, chromaRows, 2, PADDING), 2 * chromaColumns + PADDING, 2)
        target.set(columns, rows, Rotation.of(camera.getInt("rotation")), camera.getBoolean("mirrored"))
    }

    private fun plane(start: Int, columns: Int, rows: Int, step: Int, padding: Int): ByteBuffer {
        val stride = columns * step + padding
        val plane = ByteBuffer.allocateDirect(stride * rows)
        for (row in 0 until rows) for (column in 0 until columns) {
            plane.put(row * stride + column * step, yuv[start + row * columns + column])
        }
        return plane
    }

    /** A tracker with real networks, on XNNPACK. */
    fun tracker(): PoseTracker {
        val options = EngineOptions(Delegate.XNNPACK, threads = 1)
        val landmark = ModelFile.read(landmarkModel)
        val detector = ModelFile.read(detectorModel)
        return PoseTracker(
            Detector(detector, JvmEngine(detector, options)),
            Landmarker(landmark, JvmEngine(landmark, options)),
        )
    }

    private fun bytes(name: String) = checkNotNull(Golden.generated(name)) { "$name is missing" }.readBytes()

    companion object {
        private const val PADDING = 13

        /** Skips the test that asks where nobody made the clip (tests/android does). */
        fun open(): Clip {
            val file = Golden.generated("clip.json")
            assumeTrue("no clip: run tools/write_golden.py --clip android_demo/core/target/golden", file != null)
            return Clip(JSONObject(file!!.readText()))
        }
    }
}
