package io.github.blazepose_tf.demo.report

import android.os.Build
import io.github.blazepose_tf.demo.device.ThermalStatus
import io.github.blazepose_tf.demo.model.nameOf
import io.github.blazepose_tf.demo.pipeline.LiveNumbers
import io.github.blazepose_tf.demo.pipeline.Loaded
import io.github.blazepose_tf.demo.pipeline.Stage
import org.json.JSONObject

/**
 * What the HUD shows, as JSON for somebody else: the phone, the networks, the medians of the last
 * seconds. For a measurement by a protocol see the benchmark mode.
 */
fun liveReport(
    appVersion: String, runtime: String, loaded: Loaded?, numbers: LiveNumbers, thermal: ThermalStatus, source: String,
): JSONObject = JSONObject()
    .put("schema", "blazepose-tf/live_report/1")
    .put("note", "live numbers, not measured by the benchmark's protocol")
    .put("app", JSONObject().put("version", appVersion).put("runtime", runtime))
    .put("device", device())
    .put("networks", loaded?.let(::networks) ?: JSONObject.NULL)
    .put("source", source)
    .put("fps", rounded(numbers.fps))
    .put("median_ms", stages(numbers))
    .put("frames", numbers.frames)
    .put("detector_runs", numbers.detectorRuns)
    .put("thermal_status", thermal.number ?: JSONObject.NULL)

private fun device() = JSONObject()
    .put("manufacturer", Build.MANUFACTURER)
    .put("model", Build.MODEL)
    .put("android", Build.VERSION.RELEASE)
    .put("sdk", Build.VERSION.SDK_INT)
    .put("abi", Build.SUPPORTED_ABIS.firstOrNull() ?: JSONObject.NULL)

private fun networks(loaded: Loaded) = JSONObject()
    .put("preset", loaded.preset)
    .put("precision", nameOf(loaded.precision))
    .put("landmarks", JSONObject().put("file", loaded.landmarkFile).put("sha256", loaded.landmarkSha256))
    .put("detector", JSONObject().put("file", loaded.detectorFile).put("sha256", loaded.detectorSha256))
    .put("threads", loaded.threads)
    .put("load_ms", rounded(loaded.loadMs))
    .put(
        "delegate",
        JSONObject()
            .put("requested", loaded.delegation.requested.name.lowercase())
            .put("used", loaded.delegation.used.name.lowercase())
            .put("extent", loaded.delegation.extent.name.lowercase())
            .put("message", loaded.delegation.message ?: JSONObject.NULL),
    )

private fun stages(numbers: LiveNumbers) = JSONObject().also { json ->
    for (stage in Stage.entries) json.put(stage.name.lowercase(), numbers.medians[stage]?.let(::rounded) ?: JSONObject.NULL)
}

private fun rounded(value: Double) = Math.round(value * 1000) / 1000.0
