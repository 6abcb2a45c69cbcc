package io.github.blazepose_tf.core

import java.io.File
import java.nio.ByteBuffer

/** Which of the two networks a file holds. */
enum class ModelKind { LANDMARK, DETECTOR }

enum class Precision { FLOAT32, FLOAT16, INT8 }

/** Anchors of the detector: `perLayer` of them in every cell for every stride listed. */
class AnchorOptions(val inputSize: Int, val strides: List<Int>, val perLayer: Int, val offset: Double)

/**
 * A .tflite file of ours that was checked: whole, and of a layout that [Landmarker] or [Detector]
 * takes. What it says of itself comes from its metadata entry BLAZEPOSE_TF.
 */
class ModelFile private constructor(
    /** For messages and for the user: the file's name. */
    val name: String,
    /** The whole file, direct, to be given to an interpreter. */
    val content: ByteBuffer,
    val kind: ModelKind,
    val preset: String,
    val precision: Precision,
    val version: String,
    /** Side of the square input in pixels. */
    val inputSize: Int,
    /** Hex SHA-256 of the weights it was made from. */
    val weightsSha256: String,
    /** The detector's anchors, null in landmark files. */
    val anchors: AnchorOptions?,
) {
    companion object {
        /** @throws ModelException missing, truncated, or not ours */
        fun read(file: File): ModelFile = TODO()

        /**
         * @param content a direct buffer with the whole file, such as a mapped asset; not copied
         * @throws ModelException truncated, or not ours
         */
        fun of(name: String, content: ByteBuffer): ModelFile = TODO()
    }
}
