package io.github.blazepose_tf.demo.pipeline

import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.Precision

/** What the networks are doing. */
sealed class Status {
    object Loading : Status()

    /** Frames are processed. */
    class Ready(val loaded: Loaded) : Status()

    /** No networks: [message] names the file and says what to do. */
    class Failed(val message: String) : Status()
}

/** Which networks run, for the HUD and the report. */
class Loaded(
    val landmarkFile: String,
    val landmarkSha256: String,
    val detectorFile: String,
    val detectorSha256: String,
    val preset: String,
    val precision: Precision,
    val delegation: Delegation,
    val threads: Int,
    val loadMs: Double,
)
