package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.core.Delegate

/** Where the measured frames come from. */
enum class FrameKind { BUNDLED, CAMERA }

/** What is to be measured: the extras that benchmarks/README.md lists, checked. */
data class Request(
    val id: String,
    val model: String,
    val detector: String?,
    val delegate: Delegate,
    val threads: Int,
    val frames: FrameKind,
    val minInferences: Int,
    val minSeconds: Float,
    val maxSeconds: Float,
    val warmUpLimitSeconds: Float,
    val quick: Boolean,
) {
    companion object {
        /** The extra without which the app starts as usual. */
        const val ID = "benchmark"

        private val ID_PATTERN = Regex("[A-Za-z0-9._-]{1,64}")

        /** Whether a file can be named after it. */
        fun isId(text: Any?): Boolean = text is String && ID_PATTERN.matches(text)

        /**
         * @param extras of the intent, by name
         * @throws RequestException an extra is missing or cannot be used
         */
        fun of(extras: Map<String, Any?>): Request = Extras(extras).run {
            if (!isId(extras[ID])) throw RequestException("benchmark: give an identity of 1 to 64 letters, digits, . _ -")
            Request(
                id = extras[ID] as String,
                model = text("model") ?: throw RequestException("model: is missing; give the path of a pose_landmark_*.tflite file"),
                detector = text("detector"),
                delegate = choice("delegate", Delegate.XNNPACK),
                threads = number("threads", 1, 1..64),
                frames = choice("frames", FrameKind.BUNDLED),
                minInferences = number("min_inferences", 1024, 1..10_000_000),
                minSeconds = seconds("min_seconds", 60f),
                maxSeconds = seconds("max_seconds", 600f),
                warmUpLimitSeconds = seconds("warmup_limit_s", 30f),
                quick = flag("quick"),
            )
        }
    }
}

/** A request that cannot be met. The message is one line that says what and how to mend it. */
class RequestException(message: String) : Exception(message)

/** Reads extras by type; what is there and wrong is refused, what is missing has a default. */
private class Extras(private val extras: Map<String, Any?>) {
    fun text(name: String): String? = of<String>(name, "--es")?.takeIf { it.isNotEmpty() }

    fun flag(name: String): Boolean = of<Boolean>(name, "--ez") ?: false

    fun number(name: String, usual: Int, range: IntRange): Int {
        val value = of<Int>(name, "--ei") ?: usual
        if (value !in range) throw RequestException("$name: is $value; give ${range.first} to ${range.last}")
        return value
    }

    fun seconds(name: String, usual: Float): Float {
        val value = of<Float>(name, "--ef") ?: usual
        if (!(value >= 0 && value.isFinite())) throw RequestException("$name: is $value; give seconds, 0 or more")
        return value
    }

    inline fun <reified E : Enum<E>> choice(name: String, usual: E): E {
        val value = text(name) ?: return usual
        return enumValues<E>().find { it.name.lowercase() == value }
            ?: throw RequestException("$name: is $value; give ${enumValues<E>().joinToString(" or ") { it.name.lowercase() }}")
    }

    private inline fun <reified T> of(name: String, flag: String): T? = when (val value = extras[name]) {
        null -> null
        is T -> value
        else -> throw RequestException("$name: is of the wrong type; give it with $flag")
    }
}
