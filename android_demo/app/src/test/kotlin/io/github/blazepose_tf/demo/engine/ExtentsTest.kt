package io.github.blazepose_tf.demo.engine

import io.github.blazepose_tf.core.Extent
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import org.junit.Test
import org.tensorflow.lite.Interpreter

class ExtentsTest {
    @Test
    fun `the plan's length tells what a delegate took`() {
        assertEquals(Extent.FULL, extent(steps = 1, operators = 90))
        assertEquals(Extent.PARTIAL, extent(steps = 3, operators = 90))
        assertEquals(Extent.NONE, extent(steps = 90, operators = 90))
    }

    /** The question that TFLite keeps to itself is still there in the version that goes into the APK. */
    @Test
    fun `the interpreter can be asked`() {
        val question = generateSequence<Class<*>>(Interpreter::class.java) { it.superclass }
            .flatMap { it.declaredMethods.asSequence() }.find { it.name == "getExecutionPlanLength" }
        assertNotNull(question)
        assertEquals(Int::class.javaPrimitiveType, question.returnType)
    }
}
