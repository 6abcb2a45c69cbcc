package io.github.blazepose_tf.demo.settings

import android.content.Context
import io.github.blazepose_tf.demo.model.ModelChoice

private const val FILE_MARK = "file:"

/** Keeps the settings over restarts. What an older app wrote and nobody knows now is forgotten. */
class SettingsStore(context: Context) {
    private val preferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    fun load(): Settings {
        val usual = Settings()
        return Settings(
            model = preferences.getString("model", null)?.let(::choice) ?: usual.model,
            precision = read("precision", usual.precision),
            delegate = read("delegate", usual.delegate),
            threads = preferences.getInt("threads", usual.threads).takeIf { it in Settings.THREADS } ?: usual.threads,
            lens = read("lens", usual.lens),
        )
    }

    fun save(settings: Settings) = preferences.edit()
        .putString("model", text(settings.model))
        .putString("precision", settings.precision.name)
        .putString("delegate", settings.delegate.name)
        .putInt("threads", settings.threads)
        .putString("lens", settings.lens.name)
        .apply()

    private inline fun <reified E : Enum<E>> read(key: String, usual: E): E =
        enumValues<E>().find { it.name == preferences.getString(key, null) } ?: usual

    private fun choice(text: String): ModelChoice =
        if (text.startsWith(FILE_MARK)) ModelChoice.Pushed(text.removePrefix(FILE_MARK)) else ModelChoice.Bundled(text)

    private fun text(choice: ModelChoice): String = when (choice) {
        is ModelChoice.Bundled -> choice.preset
        is ModelChoice.Pushed -> FILE_MARK + choice.file
    }
}
