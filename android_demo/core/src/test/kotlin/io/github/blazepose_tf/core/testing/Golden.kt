package io.github.blazepose_tf.core.testing

import io.github.blazepose_tf.core.Roi
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Base64
import org.json.JSONArray
import org.json.JSONObject

/** What Python wrote: `tests/golden` (kept) and the clip (made for one test run). */
object Golden {
    fun vectors(stage: String): JSONObject = JSONObject(File(folder("golden"), "$stage.json").readText())

    /** A file of the clip, null where `tools/write_golden.py --clip` has not been run. */
    fun generated(name: String): File? = File(folder("generated"), name).takeIf { it.isFile }

    private fun folder(property: String) = File(checkNotNull(System.getProperty(property)) { "-D$property is not set" })
}

fun JSONArray.objects(): List<JSONObject> = List(length()) { getJSONObject(it) }

fun JSONObject.objects(key: String): List<JSONObject> = getJSONArray(key).objects()

fun JSONObject.optional(key: String): JSONObject? = if (isNull(key)) null else getJSONObject(key)

fun JSONObject.roi(key: String): Roi = getJSONObject(key).let {
    Roi(it.getDouble("center_x"), it.getDouble("center_y"), it.getDouble("size"), it.getDouble("rotation"))
}

/** The bytes of an array that `blazepose_tf/golden/encoding.py` wrote. */
fun JSONObject.bytes(key: String): ByteArray = array(key, "uint8").array()

fun JSONObject.floats(key: String): FloatArray =
    array(key, "float32").asFloatBuffer().let { buffer -> FloatArray(buffer.remaining()).also { buffer.get(it) } }

fun JSONObject.doubles(key: String): DoubleArray =
    array(key, "float64").asDoubleBuffer().let { buffer -> DoubleArray(buffer.remaining()).also { buffer.get(it) } }

fun JSONObject.shape(key: String): List<Int> = getJSONObject(key).getJSONArray("shape").let { s -> List(s.length()) { s.getInt(it) } }

private fun JSONObject.array(key: String, type: String): ByteBuffer {
    val json = getJSONObject(key)
    check(json.getString("type") == type) { "$key is ${json.getString("type")}" }
    return ByteBuffer.wrap(Base64.getDecoder().decode(json.getString("base64"))).order(ByteOrder.LITTLE_ENDIAN)
}
