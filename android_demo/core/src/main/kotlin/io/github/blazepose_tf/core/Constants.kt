package io.github.blazepose_tf.core

import org.json.JSONArray
import org.json.JSONObject

/** The numbers that Python and Kotlin share. `tools/write_golden.py` writes them from the Python package. */
internal object Constants {
    private const val RESOURCE = "/blazepose_tf/constants.json"

    private val root: JSONObject by lazy {
        val stream = checkNotNull(Constants::class.java.getResourceAsStream(RESOURCE)) {
            "$RESOURCE is not on the class path: package core's resources with its classes"
        }
        JSONObject(stream.use { it.readBytes().toString(Charsets.UTF_8) })
    }

    fun section(name: String): JSONObject = root.getJSONObject(name)
}

internal fun JSONArray.strings(): List<String> = List(length()) { getString(it) }

internal fun JSONArray.ints(): IntArray = IntArray(length()) { getInt(it) }
