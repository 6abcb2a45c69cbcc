package io.github.blazepose_tf.core

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class TopologyTest {
    @Test
    fun `33 landmarks and two alignment points`() {
        assertEquals(33, Topology.NUM_LANDMARKS)
        assertEquals(listOf("mid_hip", "full_body_circle"), Topology.NAMES.drop(33))
        assertEquals("nose", Topology.NAMES[0])
    }

    @Test
    fun `sides follow from the names, bones join landmarks`() {
        for ((name, side) in Topology.NAMES.zip(Topology.SIDES)) {
            assertEquals(if ("left" in name) Side.LEFT else if ("right" in name) Side.RIGHT else Side.MIDDLE, side)
        }
        assertEquals(35, Topology.BONES.size)
        for (bone in Topology.BONES) {
            val sides = setOf(Topology.SIDES[bone.start], Topology.SIDES[bone.end])
            assertEquals(sides.singleOrNull() ?: Side.MIDDLE, bone.side)
        }
        assertEquals((0..10).toSet(), Topology.FACE)
    }

    @Test
    fun `colours are opaque and tell the sides apart`() {
        val colors = Side.entries.map(Drawing::color) + Drawing.OUTLINE
        assertEquals(4, colors.toSet().size)
        assertTrue(colors.all { it ushr 24 == 255 })
    }
}
