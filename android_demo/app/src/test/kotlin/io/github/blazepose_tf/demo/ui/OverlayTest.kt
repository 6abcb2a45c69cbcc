package io.github.blazepose_tf.demo.ui

import io.github.blazepose_tf.core.Drawing
import io.github.blazepose_tf.core.Pose
import io.github.blazepose_tf.core.Side
import io.github.blazepose_tf.core.Topology
import io.github.blazepose_tf.demo.difference
import io.github.blazepose_tf.demo.kept
import io.github.blazepose_tf.demo.picture
import io.github.blazepose_tf.demo.pipeline.PoseBoard
import io.github.blazepose_tf.demo.show
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.json.JSONObject
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class OverlayTest {
    private val board = PoseBoard()
    private val overlay = OverlayView(RuntimeEnvironment.getApplication()).also { it.board = board }

    @Test
    fun `a skeleton is drawn as in the kept picture`() {
        board.put(pose(), WIDTH, HEIGHT)
        val drawn = show(picture(overlay, 2 * WIDTH, 2 * HEIGHT), "overlay.png")
        assertTrue(difference(drawn, kept("overlay.png")) < 0.2)
    }

    @Test
    fun `landmarks lie where the picture shows them, in their side's colour`() {
        val pose = pose()
        board.put(pose, WIDTH, HEIGHT)
        // Wider than the frame: black bars left and right, as ImageView's fitCenter leaves them.
        val drawn = picture(overlay, 3 * WIDTH, 2 * HEIGHT)
        for (name in listOf("left_shoulder", "right_shoulder", "left_knee", "right_knee")) {
            val i = Topology.NAMES.indexOf(name)
            val x = WIDTH / 2 + 2 * pose.landmarks.x(i)
            val side = if (name.startsWith("left")) Side.LEFT else Side.RIGHT
            assertEquals(Drawing.color(side), drawn.getPixel(x.toInt(), (2 * pose.landmarks.y(i)).toInt()), name)
        }
    }

    @Test
    fun `what is not visible is hollow and faint`() {
        val pose = pose()
        val knee = Topology.NAMES.indexOf("left_knee")
        pose.landmarks.visibility[knee] = Drawing.VISIBLE - 0.01f
        board.put(pose, WIDTH, HEIGHT)
        val drawn = picture(overlay, 2 * WIDTH, 2 * HEIGHT)
        val middle = drawn.getPixel((2 * pose.landmarks.x(knee)).toInt(), (2 * pose.landmarks.y(knee)).toInt())
        assertTrue(middle != Drawing.color(Side.LEFT))
    }

    @Test
    fun `nobody leaves nothing`() {
        board.put(pose(), WIDTH, HEIGHT)
        board.put(null, WIDTH, HEIGHT)
        val drawn = picture(overlay, WIDTH, HEIGHT)
        assertEquals(1, io.github.blazepose_tf.demo.pixels(drawn).distinct().size)
    }

    private fun pose() = Pose().also { pose ->
        val json = JSONObject(javaClass.getResource("/pose.json")!!.readText())
        val points = json.getJSONArray("points")
        for (i in 0 until points.length()) for (axis in 0..1) {
            pose.landmarks.points[3 * i + axis] = points.getJSONArray(i).getDouble(axis).toFloat()
        }
        val visibility = json.getJSONArray("visibility")
        for (i in 0 until visibility.length()) pose.landmarks.visibility[i] = visibility.getDouble(i).toFloat()
    }

    private companion object {
        /** Of the frame that pose.json belongs to. */
        const val WIDTH = 288
        const val HEIGHT = 384
    }
}
