package io.github.blazepose_tf.demo.ui

import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.Extent
import io.github.blazepose_tf.demo.device.ThermalStatus
import io.github.blazepose_tf.demo.model.nameOf
import io.github.blazepose_tf.demo.pipeline.LiveNumbers
import io.github.blazepose_tf.demo.pipeline.Loaded
import io.github.blazepose_tf.demo.pipeline.Stage
import java.util.Locale

/** What stands in the HUD: the networks, the speed, the stages, the detector, the temperature. */
fun hudText(loaded: Loaded?, numbers: LiveNumbers, thermal: ThermalStatus, source: String, warning: String?): String =
    listOfNotNull(
        loaded?.let { "${it.preset} ${nameOf(it.precision)} · ${describe(it.delegation, it.threads)}" },
        loaded?.delegation?.message?.let { "! ${it.take(MESSAGE)}" },
        String.format(Locale.ROOT, "%.1f FPS · %s · thermal %s", numbers.fps, source, thermal.name.lowercase()),
        stages(numbers, Stage.CAMERA, Stage.CROP, Stage.DETECTOR),
        stages(numbers, Stage.LANDMARKS, Stage.SMOOTHING, Stage.DRAWING),
        "detector ran in ${numbers.detectorRuns} of ${numbers.frames} frames",
        warning?.let { "! $it" },
    ).joinToString("\n")

/** Such as `XNNPACK (whole graph) · 2 threads`, `GPU refused: CPU`. */
internal fun describe(delegation: Delegation, threads: Int): String {
    val cpu = if (delegation.used == Delegate.GPU) "" else " · $threads thread${if (threads == 1) "" else "s"}"
    if (delegation.used != delegation.requested) return "${delegation.requested} refused, ${delegation.used} runs$cpu"
    val share = when (delegation.extent) {
        Extent.FULL -> if (delegation.used == Delegate.CPU) "" else " (whole graph)"
        Extent.PARTIAL -> " (part of the graph)"
        Extent.NONE -> " (took nothing)"
        Extent.UNKNOWN -> ""
    }
    return "${delegation.used}$share$cpu"
}

private fun stages(numbers: LiveNumbers, vararg stages: Stage): String = stages.joinToString("  ") { stage ->
    val ms = numbers.medians[stage]?.let { String.format(Locale.ROOT, "%.1f", it) } ?: "–"
    "${stage.name.lowercase()} $ms"
} + " ms"

/** Characters of a delegate's complaint: more would hide the picture; the report has all of it. */
private const val MESSAGE = 80
