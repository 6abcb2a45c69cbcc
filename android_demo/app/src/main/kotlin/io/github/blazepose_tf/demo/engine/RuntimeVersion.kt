package io.github.blazepose_tf.demo.engine

import org.tensorflow.lite.TensorFlowLite

/** Name and version of the runtime; without a version where its native library is missing (on a PC). */
fun runtimeVersion(): String = try {
    "tensorflow-lite ${TensorFlowLite.runtimeVersion()}"
} catch (_: LinkageError) {
    "tensorflow-lite"
}
