package io.github.blazepose_tf.demo.benchmark

import android.content.Context
import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.demo.appVersion
import io.github.blazepose_tf.demo.device.ThermalStatus
import io.github.blazepose_tf.demo.engine.runtimeVersion
import org.json.JSONArray
import org.json.JSONObject

/** Names this form of the file; benchmarks/app_result.schema.json describes it. */
private const val SCHEMA = "blazepose-tf/app_result/1"

/** Milliseconds: reading the files, making the interpreters, the very first frame. */
class Timings(val load: Double, val init: Double, val first: Double)

/** Kilobytes before loading and at the most. */
class Memory(val beforeKb: Long?, val peakKb: Long?)

/** What was measured. */
class Result(
    private val request: Request,
    private val timings: Timings,
    private val warmUp: WarmUp,
    private val samples: Samples,
    private val stages: Map<String, Double>,
    private val delegation: Delegation,
) {
    /** @param heat thermal status by seconds from the first measured frame */
    fun toJson(
        context: Context, sha256: String, bytes: Int, heat: List<Pair<Double, ThermalStatus>>, memory: Memory, screenOn: Boolean,
    ): JSONObject = JSONObject()
        .put("schema", SCHEMA)
        .put("id", request.id)
        .put("status", "ok")
        .put("error", JSONObject.NULL)
        .put("runner", json("name" to "app", "version" to appVersion(context), "runtime" to runtimeVersion()))
        .put("model", json("sha256" to sha256, "bytes" to bytes))
        .put(
            "delegate",
            json(
                "requested" to delegation.requested.name.lowercase(),
                "extent" to delegation.extent.name.lowercase(),
                "nodes" to null,
                "nodes_total" to null,
                "message" to delegation.message,
            ),
        )
        .put("timings_ms", json("load" to timings.load, "init" to timings.init, "first" to timings.first))
        .put(
            "warmup",
            json(
                "frames" to warmUp.frames,
                "seconds" to warmUp.seconds,
                "steady" to warmUp.isSteady,
                "window_medians_ms" to JSONArray(warmUp.medians),
            ),
        )
        .put(
            "samples",
            json(
                "start_us" to JSONArray(samples.startUs),
                "latency_us" to JSONArray(samples.latencyUs),
                "redetected" to JSONArray(samples.redetected),
            ),
        )
        .put("stages_ms", json(*stages.toList().toTypedArray()))
        .put("memory", json("before_kb" to memory.beforeKb, "peak_kb" to memory.peakKb))
        .put("thermal", JSONArray(heat.mapNotNull { (at, status) -> status.number?.let { json("at_s" to at, "status" to it) } }))
        .put("screen_on", screenOn)
}

/** The short form for a request that cannot be met. [error]: one line. */
fun refusal(id: String, error: String): JSONObject =
    json("schema" to SCHEMA, "id" to id, "status" to "error", "error" to error.lineSequence().first())

/** An object that keeps null as null: JSONObject.put would leave the key out. */
private fun json(vararg values: Pair<String, Any?>) = JSONObject().also { json ->
    for ((key, value) in values) json.put(key, value ?: JSONObject.NULL)
}
