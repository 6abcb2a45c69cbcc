package io.github.blazepose_tf.demo.camera

import android.hardware.camera2.CameraCharacteristics

/** Which way the camera looks. */
enum class Lens(val facing: Int) {
    BACK(CameraCharacteristics.LENS_FACING_BACK),
    FRONT(CameraCharacteristics.LENS_FACING_FRONT);

    val other: Lens get() = if (this == BACK) FRONT else BACK
}
