package io.github.blazepose_tf.demo.engine

import io.github.blazepose_tf.core.Extent
import org.tensorflow.lite.Interpreter

/**
 * How many steps the interpreter makes per run: one per operator, one for each part of the graph
 * that a delegate took. TFLite keeps the question to itself; null where it is not there any more.
 */
internal fun planLength(interpreter: Interpreter): Int? = try {
    val question = generateSequence<Class<*>>(interpreter.javaClass) { it.superclass }
        .firstNotNullOf { type -> type.declaredMethods.find { it.name == "getExecutionPlanLength" } }
    question.isAccessible = true
    question.invoke(interpreter) as Int
} catch (_: ReflectiveOperationException) {
    null
} catch (_: NoSuchElementException) {
    null
}

/** What the delegate took of a graph of [operators] that now runs in [steps]. */
internal fun extent(steps: Int, operators: Int): Extent = when {
    steps == operators -> Extent.NONE
    steps == 1 -> Extent.FULL
    else -> Extent.PARTIAL
}
