package io.github.blazepose_tf.demo.ui

import io.github.blazepose_tf.demo.R
import io.github.blazepose_tf.demo.camera.CameraFailure

/** What to tell the user, and what the button below does. */
fun messageOf(failure: CameraFailure): Int = when (failure) {
    CameraFailure.NONE -> R.string.camera_none
    CameraFailure.IN_USE -> R.string.camera_in_use
    CameraFailure.DISABLED -> R.string.camera_disabled
    CameraFailure.FORBIDDEN -> R.string.permission_needed
    CameraFailure.BROKEN -> R.string.camera_broken
}

/** A camera that is not there cannot be tried again, but there may be another one. */
fun remedyOf(failure: CameraFailure): Int = if (failure == CameraFailure.NONE) R.string.switch_camera else R.string.retry
