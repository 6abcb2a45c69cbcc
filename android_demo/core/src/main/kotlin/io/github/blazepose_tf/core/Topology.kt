package io.github.blazepose_tf.core

/** Side of the body, from the person's own view. */
enum class Side { LEFT, RIGHT, MIDDLE }

/** Two landmarks that are drawn joined. */
class Bone(val start: Int, val end: Int, val side: Side)

/** The 33 BlazePose landmarks, the two alignment points behind them, and the bones between them. */
object Topology {
    private val json = Constants.section("topology")

    /** Names of the 33 landmarks, then of the two alignment points. */
    val NAMES: List<String> = json.getJSONArray("names").strings()
    val NUM_LANDMARKS: Int = json.getInt("num_landmarks")
    val NUM_POINTS: Int = NAMES.size

    /** Index of the alignment point between the hips: centre of the next frame's ROI. */
    val MID_HIP: Int = json.getInt("mid_hip")

    /** Index of the alignment point on the circle around the body: size and rotation of the ROI. */
    val FULL_BODY_CIRCLE: Int = json.getInt("full_body_circle")

    /** Side of each of the 33 landmarks. */
    val SIDES: List<Side> = json.getJSONArray("sides").strings().map { Side.valueOf(it) }

    /** For each of the 35 points the one of the other side, or itself. */
    val MIRRORED: IntArray = json.getJSONArray("mirrored").ints()

    /** Landmarks of the face: so close together that lines and dots must be finer. */
    val FACE: Set<Int> = json.getJSONArray("face").ints().toSet()

    /** The 35 connections that MediaPipe draws. */
    val BONES: List<Bone> = json.getJSONArray("bones").let { bones ->
        List(bones.length()) {
            val bone = bones.getJSONObject(it)
            Bone(bone.getInt("start"), bone.getInt("end"), Side.valueOf(bone.getString("side")))
        }
    }
}
