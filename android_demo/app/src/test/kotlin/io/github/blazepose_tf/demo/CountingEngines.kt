package io.github.blazepose_tf.demo

import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.testing.JvmEngine
import java.util.concurrent.atomic.AtomicInteger

/** The JVM's engines, counted: how many are open. */
class CountingEngines : EngineFactory {
    private val count = AtomicInteger()
    val open: Int get() = count.get()

    override fun open(model: ModelFile, options: EngineOptions): InferenceEngine {
        val engine = JvmEngine(model, options)
        count.incrementAndGet()
        return object : InferenceEngine by engine {
            override fun close() {
                engine.close()
                count.decrementAndGet()
            }
        }
    }

    companion object {
        /** What [JvmEngine] says when it is asked for a GPU. */
        const val NO_GPU = "this machine has no GPU delegate"
    }
}
