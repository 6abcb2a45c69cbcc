package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Clip
import io.github.blazepose_tf.core.testing.JvmEngine
import java.io.File
import java.nio.ByteBuffer
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Rule
import org.junit.rules.TemporaryFolder

class ModelFileTest {
    @get:Rule
    val folder = TemporaryFolder()
    private val clip = Clip.open()
    private val content = clip.landmarkModel.readBytes()

    private fun write(content: ByteArray, name: String = "pose.tflite"): File =
        File(folder.root, name).apply { writeBytes(content) }

    private fun refusal(file: File): String {
        val message = assertFailsWith<ModelException> { ModelFile.read(file) }.message!!
        assertTrue(file.name in message && '\n' !in message, message)
        return message
    }

    /** The file with some of its text exchanged, nothing moved. */
    private fun exchanged(from: String, to: String): ByteArray {
        assertEquals(from.length, to.length)
        val text = content.toString(Charsets.ISO_8859_1)
        assertTrue(from in text)
        return text.replace(from, to).toByteArray(Charsets.ISO_8859_1)
    }

    @Test
    fun `files describe themselves`() {
        val landmark = ModelFile.read(clip.landmarkModel)
        assertEquals(ModelKind.LANDMARK to 192, landmark.kind to landmark.inputSize)
        assertEquals(Precision.FLOAT32, landmark.precision)
        assertNull(landmark.anchors)
        assertEquals(64, landmark.weightsSha256.length)
        val detector = ModelFile.read(clip.detectorModel)
        assertEquals(ModelKind.DETECTOR, detector.kind)
        assertEquals(2 * 2254, detector.anchors!!.centers().size)
    }

    @Test
    fun `a file that ends too early is refused, wherever it ends`() {
        val size = content.size
        val cuts = (1..20).map { (size * it.toLong() / 21).toInt() } + (0..17).map { size - (1 shl it) } + (8..80 step 9)
        for (cut in cuts) {
            val message = refusal(write(content.copyOf(cut)))
            assertTrue("truncated" in message, "$cut bytes: $message")
        }
        for (cut in 0..7) assertTrue("is no TensorFlow Lite model" in refusal(write(content.copyOf(cut))))
    }

    @Test
    fun `what is no model of ours is refused`() {
        assertTrue("copy it there" in refusal(File(folder.root, "missing.tflite")))
        assertTrue("cannot be read" in refusal(folder.root) || "no TensorFlow" in refusal(folder.root))
        assertTrue("is no TensorFlow Lite model" in refusal(write("a text".repeat(99).toByteArray())))
        assertTrue("does not describe itself" in refusal(write(exchanged("BLAZEPOSE_TF", "SOMETHING_TF"))))
        assertTrue("layout" in refusal(write(exchanged("\"kind\": \"landmark\"", "\"kind\": \"seascape\""))))
        assertTrue("layout" in refusal(write(exchanged("\"input_size\"", "\"input_sise\""))))
    }

    @Test
    fun `one network is not taken for the other`() {
        val landmark = ModelFile.read(clip.landmarkModel)
        val detector = ModelFile.read(clip.detectorModel)
        JvmEngine(landmark, EngineOptions()).use { engine ->
            assertEquals(Extent.FULL, engine.delegation.extent)
            val message = assertFailsWith<ModelException> { Detector(landmark, engine) }.message!!
            assertTrue(landmark.name in message && "no pose detector model" in message, message)
        }
        JvmEngine(detector, EngineOptions()).use { engine ->
            val message = assertFailsWith<ModelException> { Landmarker(detector, engine) }.message!!
            assertTrue(detector.name in message && "no pose landmark model" in message, message)
        }
    }

    @Test
    fun `a delegate that refuses leaves the CPU, and says so`() {
        val landmark = ModelFile.read(clip.landmarkModel)
        JvmEngine(landmark, EngineOptions(Delegate.GPU)).use { engine ->
            assertEquals(Delegate.GPU to Extent.NONE, engine.delegation.requested to engine.delegation.extent)
            assertTrue(engine.delegation.message!!.isNotEmpty())
            Landmarker(landmark, engine)
        }
    }

    @Test
    fun `a mapped asset may lie in a buffer that was read before`() {
        val buffer = ByteBuffer.allocateDirect(content.size).put(content)
        assertEquals(ModelKind.LANDMARK, ModelFile.of("asset", buffer).kind)
    }
}
