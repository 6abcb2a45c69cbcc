package io.github.blazepose_tf.demo.model

import android.content.Context
import android.content.res.AssetManager
import io.github.blazepose_tf.core.ModelException
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.ModelKind
import io.github.blazepose_tf.core.Precision
import java.io.File
import java.io.IOException
import java.nio.channels.FileChannel

private const val FOLDER = "models"
private val BUNDLED = Regex("""pose_(?:landmark_(\w+)|detector)_(float32|float16|int8)\.tflite""")

/** A landmark network that can be chosen: a preset that comes with the app, or a pushed file. */
sealed class ModelChoice {
    abstract val label: String

    data class Bundled(val preset: String) : ModelChoice() {
        override val label get() = preset
    }

    data class Pushed(val file: String) : ModelChoice() {
        override val label get() = file
    }
}

/** The networks in the app and those that were pushed to its folder. */
class ModelStore(context: Context) {
    private val assets: AssetManager = context.assets

    /** `adb push model.tflite` goes here: /sdcard/Android/data/io.github.blazepose_tf.demo/files/models. */
    val folder: File? = context.getExternalFilesDir(FOLDER)

    private val bundled: List<MatchResult> =
        assets.list(FOLDER).orEmpty().mapNotNull(BUNDLED::matchEntire)

    /** Precisions there are of [choice]; none for a pushed file, which has the one it has. */
    fun precisions(choice: ModelChoice): List<Precision> = when (choice) {
        is ModelChoice.Bundled -> precisionsOf { it.groupValues[1] == choice.preset }
        is ModelChoice.Pushed -> emptyList()
    }

    /** Presets in the app, then the files in [folder] that are no detectors. */
    fun choices(): List<ModelChoice> {
        val presets = bundled.map { it.groupValues[1] }.filter { it.isNotEmpty() }.distinct()
        // Smaller networks first: "lite" after "full" in the alphabet.
        return presets.sortedDescending().map(ModelChoice::Bundled) +
            pushed().filterNot(::isDetector).map { ModelChoice.Pushed(it.name) }
    }

    /** @throws ModelException missing, truncated, or no landmark network */
    fun landmarks(choice: ModelChoice, precision: Precision): ModelFile = when (choice) {
        is ModelChoice.Bundled -> asset("pose_landmark_${choice.preset}_${nameOf(precision)}.tflite")
        is ModelChoice.Pushed -> ModelFile.read(File(folder, choice.file))
    }.of(ModelKind.LANDMARK)

    /**
     * The detector of that precision, or of the next best one that came with the app.
     *
     * @throws ModelException missing or damaged
     */
    fun detector(precision: Precision): ModelFile {
        val there = precisionsOf { it.groupValues[1].isEmpty() }
        val best = precision.takeIf { it in there } ?: there.firstOrNull() ?: precision
        return asset("pose_detector_${nameOf(best)}.tflite").of(ModelKind.DETECTOR)
    }

    private fun precisionsOf(which: (MatchResult) -> Boolean): List<Precision> {
        val names = bundled.filter(which).map { it.groupValues[2] }
        return Precision.entries.filter { nameOf(it) in names }
    }

    private fun pushed(): List<File> =
        folder?.listFiles { file -> file.isFile && file.name.endsWith(".tflite") }.orEmpty().sorted()

    private fun isDetector(file: File): Boolean = try {
        ModelFile.read(file).kind == ModelKind.DETECTOR
    } catch (_: ModelException) {
        false // offered, so that choosing it tells what is wrong with it
    }

    private fun asset(name: String): ModelFile {
        val content = try {
            assets.openFd("$FOLDER/$name").use { asset ->
                asset.createInputStream().channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
            }
        } catch (error: IOException) {
            throw ModelException("$name: is not in the app; build it again with tools/build_apk.py", error)
        }
        return ModelFile.of(name, content)
    }
}

/** The same file if it is of this [kind]. */
fun ModelFile.of(kind: ModelKind): ModelFile {
    if (this.kind == kind) return this
    throw ModelException(
        when (kind) {
            ModelKind.LANDMARK -> "$name: is no landmark network; give a pose_landmark_*.tflite file"
            ModelKind.DETECTOR -> "$name: is no pose detector; give a pose_detector_*.tflite file"
        },
    )
}

/** As in the files' names. */
fun nameOf(precision: Precision): String = precision.name.lowercase()
