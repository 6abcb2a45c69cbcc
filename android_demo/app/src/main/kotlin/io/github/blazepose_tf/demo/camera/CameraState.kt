package io.github.blazepose_tf.demo.camera

import android.util.Size

/** What the camera is doing. */
sealed class CameraState {
    object Closed : CameraState()

    object Opening : CameraState()

    /** Frames arrive. [size] is that of the sensor's pictures, before they are turned upright. */
    data class Running(val lens: Lens, val size: Size) : CameraState()

    data class Failed(val failure: CameraFailure) : CameraState()
}

/** Why there are no frames. */
enum class CameraFailure {
    /** The phone has no camera on this side, or none at all. */
    NONE,

    /** Another app has it; it is opened again when that app lets go. */
    IN_USE,

    /** Switched off by the owner or by the company that manages the phone. */
    DISABLED,

    /** The permission was taken away in the meantime. */
    FORBIDDEN,

    /** The camera or its service broke down. */
    BROKEN,
}
