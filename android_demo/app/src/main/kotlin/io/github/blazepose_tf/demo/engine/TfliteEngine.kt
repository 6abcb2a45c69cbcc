package io.github.blazepose_tf.demo.engine

import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.Tensor
import io.github.blazepose_tf.core.TensorType
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter

/** A network in org.tensorflow.lite's interpreter. Owns [interpreter] and what [alsoClose] closes. */
class TfliteEngine(
    private val interpreter: Interpreter,
    override val delegation: Delegation,
    private val alsoClose: AutoCloseable?,
) : InferenceEngine {
    private val given = List(interpreter.inputTensorCount) { tensor(interpreter.getInputTensor(it)) }
    private val got = List(interpreter.outputTensorCount) { tensor(interpreter.getOutputTensor(it)) }
    override val inputs = given.associateBy { it.name }
    override val outputs = got.associateBy { it.name }

    // Made once: nothing is allocated from run to run, but what the interpreter itself allocates.
    private val inputBuffers = Array<Any>(given.size) { given[it].buffer }
    private val outputBuffers = got.indices.associateWith<Int, Any> { got[it].buffer }

    override fun run() {
        for (tensor in given) tensor.buffer.rewind()
        for (tensor in got) tensor.buffer.rewind()
        interpreter.runForMultipleInputsOutputs(inputBuffers, outputBuffers)
    }

    override fun close() {
        interpreter.close()
        alsoClose?.close()
    }

    private fun tensor(of: org.tensorflow.lite.Tensor): Tensor {
        val type = when (of.dataType()) {
            DataType.INT8 -> TensorType.INT8
            DataType.UINT8 -> TensorType.UINT8
            else -> TensorType.FLOAT32
        }
        val buffer = ByteBuffer.allocateDirect(of.numBytes()).order(ByteOrder.nativeOrder())
        val quantization = of.quantizationParams()
        return Tensor(of.name(), of.shape(), type, buffer, quantization.scale, quantization.zeroPoint)
    }
}
