package io.github.blazepose_tf.core

import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.nio.file.NoSuchFileException
import java.nio.file.StandardOpenOption
import org.json.JSONException
import org.json.JSONObject

/** Which of the two networks a file holds. */
enum class ModelKind { LANDMARK, DETECTOR }

enum class Precision { FLOAT32, FLOAT16, INT8 }

/**
 * A .tflite file of ours that was checked: whole, and with a description of itself (the metadata
 * entry BLAZEPOSE_TF, see `blazepose_tf/runtime/model_file.py`).
 */
class ModelFile private constructor(
    /** For messages and for the user: the file's name. */
    val name: String,
    /** The whole file, direct, to be given to an interpreter. */
    val content: ByteBuffer,
    description: JSONObject,
) {
    val kind = ModelKind.valueOf(description.getString("kind").uppercase())
    val preset: String = description.getString("preset")
    val precision = Precision.valueOf(description.getString("precision").uppercase())
    val version: String = description.getString("version")

    /** Side of the square input in pixels. */
    val inputSize: Int = description.getInt("input_size")

    /** Hex SHA-256 of the weights it was made from. */
    val weightsSha256: String = description.getString("weights_sha256")

    /** The detector's anchors, null in landmark files. */
    val anchors: AnchorOptions? = description.optJSONObject("anchors")?.let { AnchorOptions(it) }

    init {
        if (kind == ModelKind.DETECTOR && anchors == null) throw JSONException("a detector without anchors")
    }

    companion object {
        private val json = Constants.section("model_file")
        private val IDENTIFIER = json.getString("identifier")
        private val ENTRY = json.getString("description_entry")
        private val BUFFERS_FIELD = json.getInt("buffers_field")
        private val METADATA_FIELD = json.getInt("metadata_field")

        /** Size and first bytes of a zip archive's last record, without a comment (APPNOTE 4.3.16). */
        private const val ZIP_END_SIZE = 22
        private const val ZIP_END = 0x06054b50

        /** @throws ModelException missing, truncated, or not ours */
        fun read(file: File): ModelFile {
            val content = try {
                FileChannel.open(file.toPath(), StandardOpenOption.READ).use {
                    it.map(FileChannel.MapMode.READ_ONLY, 0, it.size())
                }
            } catch (error: NoSuchFileException) {
                throw ModelException("${file.name}: is not in ${file.absoluteFile.parent}; copy it there", error)
            } catch (error: IOException) {
                throw ModelException("${file.name}: cannot be read (${error.message}); check the path", error)
            }
            return of(file.name, content)
        }

        /**
         * @param content a direct buffer with the whole file, such as a mapped asset; not copied
         * @throws ModelException truncated, or not ours
         */
        fun of(name: String, content: ByteBuffer): ModelFile {
            val data = content.duplicate().order(ByteOrder.LITTLE_ENDIAN)
            data.clear()
            if (data.limit() < 8 || String(ByteArray(4) { data.get(4 + it) }, Charsets.ISO_8859_1) != IDENTIFIER) {
                throw ModelException("$name: is no TensorFlow Lite model; copy a .tflite file of tools/convert.py")
            }
            val text = try {
                entry(data)
            } catch (error: IndexOutOfBoundsException) {
                throw ModelException("$name: is truncated; copy it again", error)
            } ?: throw ModelException("$name: does not describe itself; copy a .tflite file of tools/convert.py")
            if (!endsWithArchive(data)) throw ModelException("$name: is truncated; copy it again")
            return try {
                ModelFile(name, content, JSONObject(text))
            } catch (error: JSONException) {
                throw otherLayout(name, error)
            } catch (error: IllegalArgumentException) {
                throw otherLayout(name, error)
            }
        }

        private fun otherLayout(name: String, error: Exception) =
            ModelException("$name: is of a layout this app does not know (${error.message}); convert it again", error)

        /** Our JSON, null in others' files. */
        private fun entry(data: ByteBuffer): String? {
            val root = FlatbufferTable.root(data)
            val item = root.tables(METADATA_FIELD).find { it.bytes(0).toString(Charsets.UTF_8) == ENTRY } ?: return null
            val buffer = root.tables(BUFFERS_FIELD).getOrNull(item.number(1)) ?: throw IndexOutOfBoundsException()
            return buffer.bytes(0).toString(Charsets.UTF_8)
        }

        /** Our files end with a zip archive (the labels), whose last record says where it starts. */
        private fun endsWithArchive(data: ByteBuffer): Boolean {
            val end = data.limit() - ZIP_END_SIZE
            if (end < 0 || data.getInt(end) != ZIP_END) return false
            return data.getInt(end + 12).toLong() + data.getInt(end + 16) == end.toLong()
        }
    }
}
