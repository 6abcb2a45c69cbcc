package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import io.github.blazepose_tf.core.testing.roi
import kotlin.test.Test

class ProjectionTest {
    @Test
    fun `crop units become Python's pixels, and these the next ROI`() {
        for (case in Golden.vectors("projection").objects("cases")) {
            val landmarks = Landmarks()
            case.floats("crop_points").copyInto(landmarks.points)
            case.floats("crop_world").copyInto(landmarks.world)
            val roi = case.roi("roi")
            LandmarkProjection().toImage(landmarks, roi)
            assertClose(case.floats("points"), landmarks.points, 1e-7 * roi.size + 1e-4)
            assertClose(case.floats("world"), landmarks.world, 1e-6)
            assertSame(case.roi("next_roi"), Roi().also(landmarks::nextRoi), 1e-3)
        }
    }
}
