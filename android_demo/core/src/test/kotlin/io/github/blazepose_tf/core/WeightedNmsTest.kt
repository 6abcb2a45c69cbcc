package io.github.blazepose_tf.core

import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Properties that hold for any candidates. */
class WeightedNmsTest {
    private class People(val scores: List<Float>, val values: List<FloatArray>)

    private fun people(candidates: List<FloatArray>, scores: List<Float>): People {
        val nms = WeightedNms(candidates.size)
        candidates.forEachIndexed { i, values -> values.copyInto(nms.values, i * WeightedNms.VALUES) }
        scores.toFloatArray().copyInto(nms.scores)
        nms.start(candidates.size)
        val found = People(ArrayList(), ArrayList())
        val person = FloatArray(WeightedNms.VALUES)
        while (nms.next(person)) {
            (found.scores as ArrayList) += nms.score
            (found.values as ArrayList) += person.copyOf()
        }
        return found
    }

    private fun candidate(random: Random, x: Float = random.nextFloat(), y: Float = random.nextFloat()): FloatArray {
        val side = 0.05f + 0.2f * random.nextFloat()
        return FloatArray(WeightedNms.VALUES) { random.nextFloat() }.also {
            it[0] = x
            it[1] = y
            it[2] = x + side
            it[3] = y + side
        }
    }

    @Test
    fun `scores fall, and each person lies within the candidates`() = repeat(200) { seed ->
        val random = Random(seed)
        val candidates = List(1 + random.nextInt(60)) { candidate(random) }
        val scores = candidates.map { 0.5f + 0.5f * random.nextFloat() }
        val found = people(candidates, scores)
        assertEquals(scores.max(), found.scores.first())
        assertEquals(found.scores.sortedDescending(), found.scores)
        for (person in found.values) for (k in person.indices) {
            assertTrue(person[k] >= candidates.minOf { it[k] } - 1e-5 && person[k] <= candidates.maxOf { it[k] } + 1e-5)
        }
    }

    @Test
    fun `people far apart stay as they are`() = repeat(100) { seed ->
        val random = Random(seed)
        val candidates = List(9) { candidate(random, (it % 3).toFloat(), (it / 3).toFloat()) }
        val scores = candidates.indices.map { 0.99f - 0.04f * it }
        val found = people(candidates, scores)
        assertEquals(scores, found.scores)
        for ((expected, person) in candidates.zip(found.values)) assertClose(expected, person, 1e-6)
    }

    @Test
    fun `copies of one person become that person`() = repeat(100) { seed ->
        val random = Random(seed)
        val one = candidate(random)
        val found = people(List(20) { one }, List(20) { 0.5f + 0.5f * random.nextFloat() })
        assertClose(one, found.values.single(), 1e-5)
    }

    @Test
    fun `the order of the candidates does not matter`() = repeat(100) { seed ->
        val random = Random(seed)
        val both = List(30) { candidate(random) to 0.5f + it / 60f }
        val one = people(both.map { it.first }, both.map { it.second })
        val shuffled = both.shuffled(random)
        val other = people(shuffled.map { it.first }, shuffled.map { it.second })
        assertEquals(one.scores, other.scores)
        for ((a, b) in one.values.zip(other.values)) assertClose(a, b, 1e-5)
    }
}
