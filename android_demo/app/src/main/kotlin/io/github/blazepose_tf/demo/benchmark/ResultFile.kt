package io.github.blazepose_tf.demo.benchmark

import android.content.Context
import android.os.Environment
import java.io.File
import java.io.FileOutputStream
import org.json.JSONObject

/** The result on the phone's shared storage, where adb can pull it. */
object ResultFile {
    const val LOG_TAG = "BlazePoseBenchmark"

    /** Writes a temporary neighbour and renames it, so that a file that is there is whole. */
    fun write(context: Context, id: String, result: JSONObject): File {
        val folder = File(context.getExternalFilesDir(null), "benchmark").apply { mkdirs() }
        val file = File(folder, "$id.json")
        val temporary = File(folder, ".$id.json.new")
        FileOutputStream(temporary).use {
            it.write(result.toString().toByteArray())
            it.fd.sync()
        }
        check(temporary.renameTo(file)) { "$file cannot be written" }
        return File(shown(folder), file.name)
    }

    /** The folder under the name that adb knows it by, /sdcard/Android/data/... */
    private fun shown(folder: File): File {
        val storage = Environment.getExternalStorageDirectory()
        return if (folder.startsWith(storage)) File("/sdcard", folder.relativeTo(storage).path) else folder
    }
}
