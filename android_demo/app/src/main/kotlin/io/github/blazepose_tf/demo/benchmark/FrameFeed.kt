package io.github.blazepose_tf.demo.benchmark

import io.github.blazepose_tf.core.Frame
import io.github.blazepose_tf.core.Roi

/** Where frames to measure come from. One thread. */
interface FrameFeed : AutoCloseable {
    /** Brings the next frame to hand; this time is not measured. */
    fun advance()

    /** The frame at hand. */
    val frame: Frame

    /** The person in it, where that is known beforehand. */
    val knownRoi: Roi?

    /** Another person than in the frame before. */
    val isNewPerson: Boolean

    override fun close() = Unit
}
