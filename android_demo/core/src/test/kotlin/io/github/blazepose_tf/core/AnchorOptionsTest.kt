package io.github.blazepose_tf.core

import io.github.blazepose_tf.core.testing.Golden
import io.github.blazepose_tf.core.testing.floats
import io.github.blazepose_tf.core.testing.objects
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals

class AnchorOptionsTest {
    @Test
    fun `anchors are Python's to the bit`() {
        val cases = Golden.vectors("anchors").objects("cases")
        assertEquals(2254 * 2, cases[0].floats("centers").size)
        for (case in cases) assertContentEquals(case.floats("centers"), AnchorOptions(case).centers())
    }
}
