package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.doubles
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.roi
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.hypot
import kotlin.math.sin
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

class RoiTest {
    private val golden = Golden.vectors("rois")

    @Test
    fun `alignment points give Python's ROI, and it Python's corners`() {
        val units = golden.doubles("units")
        val transform = CropTransform()
        for (case in golden.objects("cases")) {
            val (x, y) = case.floats("center")
            val (circleX, circleY) = case.floats("circle")
            val roi = Roi().apply { setFromAlignment(x, y, circleX, circleY) }
            assertSame(case.roi("roi"), roi, 1e-9)
            transform.set(roi)
            val corners = DoubleArray(units.size) {
                val u = units[it / 2 * 2]
                val v = units[it / 2 * 2 + 1]
                if (it % 2 == 0) transform.imageX(u, v) else transform.imageY(u, v)
            }
            assertClose(case.doubles("corners"), corners, 1e-9)
        }
    }

    @Test
    fun `what is of use is what Python says`() {
        val usable = golden.getJSONObject("usable")
        for (case in usable.objects("cases")) {
            val roi = case.roi("roi")
            assertEquals(case.getBoolean("usable"), roi.isUsable(usable.getInt("width"), usable.getInt("height")), "$roi")
        }
        for (bad in listOf(Double.NaN, Double.POSITIVE_INFINITY)) {
            for (roi in listOf(Roi(bad, 9.0, 9.0), Roi(9.0, bad, 9.0), Roi(9.0, 9.0, bad), Roi(9.0, 9.0, 9.0, bad))) {
                assertFalse(roi.isUsable(20, 20), "$roi")
            }
        }
    }

    @Test
    fun `angles are normalised as in Python`() {
        val normalized = golden.doubles("angles").map(Roi::normalizeAngle).toDoubleArray()
        assertClose(golden.doubles("normalized"), normalized, 1e-12)
    }

    /** For any two points: the circle's point lies straight up in the crop, at 1/2 - 1/(2 x margin). */
    @Test
    fun `the body's axis stands upright in the crop`() = repeat(1000) { seed ->
        val random = Random(seed)
        val x = random.nextDouble(-1e3, 1e3).toFloat()
        val y = random.nextDouble(-1e3, 1e3).toFloat()
        val angle = random.nextDouble(2 * PI)
        val radius = random.nextDouble(1.0, 1e3)
        val roi = Roi().apply {
            setFromAlignment(x, y, (x + radius * cos(angle)).toFloat(), (y + radius * sin(angle)).toFloat())
        }
        val transform = CropTransform().apply { set(roi) }
        assertTrue(roi.rotation >= -PI && roi.rotation < PI)
        assertEquals(x.toDouble(), transform.imageX(0.5, 0.5), 1e-6)
        assertEquals(y.toDouble(), transform.imageY(0.5, 0.5), 1e-6)
        val top = 0.5 - 0.5 / Roi.MARGIN
        assertEquals(0.0, hypot(transform.imageX(0.5, top) - x - radius * cos(angle), transform.imageY(0.5, top) - y - radius * sin(angle)), 1e-3)
    }

    /** Turning and moving the person turns and moves the ROI, and nothing else. */
    @Test
    fun `the ROI goes with the person`() = repeat(1000) { seed ->
        val random = Random(seed)
        val (dx, dy) = DoubleArray(2) { random.nextDouble(5.0, 200.0) }
        val turn = random.nextDouble(-PI, PI)
        val shift = random.nextDouble(-500.0, 500.0)
        val one = Roi().apply { setFromAlignment(0f, 0f, dx.toFloat(), dy.toFloat()) }
        val other = Roi().apply {
            val x = dx * cos(turn) - dy * sin(turn)
            val y = dx * sin(turn) + dy * cos(turn)
            setFromAlignment(shift.toFloat(), -shift.toFloat(), (shift + x).toFloat(), (-shift + y).toFloat())
        }
        assertSame(Roi(shift, -shift, one.size, one.rotation + turn), other, 1e-3)
    }
}
