package io.github.blazepose_tf.demo.settings

import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.Precision
import io.github.blazepose_tf.demo.camera.Lens
import io.github.blazepose_tf.demo.model.ModelChoice

/** What the user chose. */
data class Settings(
    val model: ModelChoice = ModelChoice.Bundled("lite"),
    val precision: Precision = Precision.FLOAT32,
    val delegate: Delegate = Delegate.XNNPACK,
    val threads: Int = 2,
    val lens: Lens = Lens.FRONT,
) {
    val engine: EngineOptions get() = EngineOptions(delegate, threads)

    /** True when [other] needs other networks or other engines. */
    fun needsReload(other: Settings): Boolean = copy(lens = other.lens) != other

    companion object {
        val THREADS = listOf(1, 2, 4)
    }
}
