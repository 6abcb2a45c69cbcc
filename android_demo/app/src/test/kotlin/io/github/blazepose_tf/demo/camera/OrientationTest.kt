package io.github.blazepose_tf.demo.camera

import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraDevice
import android.util.Size
import kotlin.test.assertEquals
import kotlin.test.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class OrientationTest {
    /** Android's documentation of SENSOR_ORIENTATION and of Camera.setDisplayOrientation. */
    @Test
    fun `pictures are turned upright on every screen`() {
        val back = listOf(0, 90, 180, 270).map { Orientation(Lens.BACK, 90, it).frameDegrees }
        val front = listOf(0, 90, 180, 270).map { Orientation(Lens.FRONT, 270, it).frameDegrees }
        assertEquals(listOf(90, 0, 270, 180), back)
        assertEquals(listOf(270, 0, 90, 180), front)
    }

    @Test
    fun `an upright phone turns a lying picture`() {
        assertEquals(Size(480, 640), Orientation(Lens.BACK, 90, 0).upright(Size(640, 480)))
        assertEquals(Size(640, 480), Orientation(Lens.BACK, 90, 90).upright(Size(640, 480)))
    }

    /** The view stretches the naturally upright picture over itself: its corners must land where the picture fits. */
    @Test
    fun `the preview shows the whole picture in its own shape`() {
        val frame = Size(640, 480)
        val cases = mapOf(
            0 to floatArrayOf(0f, 250f, 900f, 1450f), // 480x640 in 900x1700: 900x1200 in the middle
            90 to floatArrayOf(0f, 512.5f, 900f, 1187.5f), // 640x480: 900x675
            180 to floatArrayOf(0f, 250f, 900f, 1450f),
            270 to floatArrayOf(0f, 512.5f, 900f, 1187.5f),
        )
        for ((display, expected) in cases) {
            val corners = floatArrayOf(0f, 0f, 900f, 1700f)
            Orientation(Lens.BACK, 90, display).previewTransform(frame, 900, 1700).mapPoints(corners)
            val box = floatArrayOf(
                minOf(corners[0], corners[2]), minOf(corners[1], corners[3]),
                maxOf(corners[0], corners[2]), maxOf(corners[1], corners[3]),
            )
            for (i in expected.indices) assertEquals(expected[i], box[i], 0.01f, "display $display")
        }
    }

    @Test
    fun `the frame's size is large enough and no larger`() {
        fun sizes(vararg sides: Pair<Int, Int>) = sides.map { (w, h) -> Size(w, h) }
        assertEquals(Size(1280, 960), chooseFrameSize(sizes(640 to 480, 1280 to 720, 1280 to 960, 1920 to 1080)))
        assertEquals(Size(1920, 1080), chooseFrameSize(sizes(4000 to 3000, 1920 to 1080)))
        assertNull(chooseFrameSize(emptyList()))
    }

    @Test
    fun `Android's reasons have names`() {
        assertEquals(CameraFailure.IN_USE, failureOfAccess(CameraAccessException.MAX_CAMERAS_IN_USE))
        assertEquals(CameraFailure.DISABLED, failureOfAccess(CameraAccessException.CAMERA_DISABLED))
        assertEquals(CameraFailure.IN_USE, failureOfDevice(CameraDevice.StateCallback.ERROR_CAMERA_IN_USE))
        assertEquals(CameraFailure.BROKEN, failureOfDevice(CameraDevice.StateCallback.ERROR_CAMERA_SERVICE))
    }
}
