package io.github.blazepose_tf.demo.pipeline

import io.github.blazepose_tf.core.Pose

/** Where the pipeline leaves the last pose and the screen picks it up; copies, nothing allocated. */
class PoseBoard {
    private val pose = Pose()
    private var isThere = false
    private var width = 0
    private var height = 0

    /** A frame was processed and nobody was in it. */
    val showsNobody: Boolean @Synchronized get() = !isThere && width > 0

    /** @param pose null when nobody is there; [width], [height]: of the upright frame */
    @Synchronized
    fun put(pose: Pose?, width: Int, height: Int) {
        isThere = pose != null
        if (pose != null) this.pose.set(pose)
        this.width = width
        this.height = height
    }

    @Synchronized
    fun clear() = put(null, 0, 0)

    /** Copies the last pose to [target] and hands the frame's size to [frame]; false when nobody is there. */
    @Synchronized
    fun read(target: Pose, frame: FrameSize): Boolean {
        frame.width = width
        frame.height = height
        if (isThere) target.set(pose)
        return isThere
    }
}

/** Pixels of an upright frame; 0 before the first. */
class FrameSize(var width: Int = 0, var height: Int = 0)
