package io.github.blazepose_tf.core.testing

import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.Extent
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.ModelException
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.Tensor
import io.github.blazepose_tf.core.TensorType
import java.nio.ByteOrder
import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithXNNPACK
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithoutDefaultDelegates
import org.bytedeco.tensorflowlite.FlatBufferModel
import org.bytedeco.tensorflowlite.FlatBufferModelBase
import org.bytedeco.tensorflowlite.Interpreter
import org.bytedeco.tensorflowlite.InterpreterBuilder
import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite

/** A real TFLite for the JVM, with XNNPACK; it has no GPU delegate and says so. */
class JvmEngine(model: ModelFile, options: EngineOptions) : InferenceEngine {
    private val bytes = BytePointer(model.content)
    private val network: FlatBufferModel = FlatBufferModelBase.BuildFromBuffer(bytes, model.content.capacity().toLong())
        ?: throw ModelException("${model.name}: TFLite does not take it; convert it again")
    private val interpreter = Interpreter(null as Pointer?) // the builder fills it
    override val inputs: Map<String, Tensor>
    override val outputs: Map<String, Tensor>
    override val delegation: Delegation

    init {
        val plain = options.delegate == Delegate.CPU
        val resolver = if (plain) BuiltinOpResolverWithoutDefaultDelegates() else BuiltinOpResolverWithXNNPACK(true)
        val builder = InterpreterBuilder(network, resolver)
        builder.SetNumThreads(options.threads)
        val built = builder.apply(interpreter) == tensorflowlite.kTfLiteOk
        if (!built || interpreter.AllocateTensors() != tensorflowlite.kTfLiteOk) {
            throw ModelException("${model.name}: TFLite cannot build it; convert it again")
        }
        inputs = tensors(interpreter.inputs().limit()) { interpreter.input_tensor(it) }
        outputs = tensors(interpreter.outputs().limit()) { interpreter.output_tensor(it) }
        val used = if (plain) Delegate.CPU else Delegate.XNNPACK
        val refused = options.delegate == Delegate.GPU
        val whole = interpreter.execution_plan().limit() == 1L
        delegation = Delegation(
            options.delegate,
            used,
            if (plain || refused) Extent.NONE else if (whole) Extent.FULL else Extent.PARTIAL,
            if (refused) "this machine has no GPU delegate" else null,
        )
    }

    override fun run() = check(interpreter.Invoke() == tensorflowlite.kTfLiteOk) { "inference failed" }

    override fun close() {
        interpreter.close()
        network.close()
        bytes.close()
    }

    private fun tensors(count: Long, get: (Long) -> TfLiteTensor): Map<String, Tensor> =
        (0 until count).map { tensor(get(it)) }.associateBy { it.name }

    private fun tensor(tensor: TfLiteTensor): Tensor {
        val type = when (tensor.type()) {
            tensorflowlite.kTfLiteFloat32 -> TensorType.FLOAT32
            tensorflowlite.kTfLiteInt8 -> TensorType.INT8
            tensorflowlite.kTfLiteUInt8 -> TensorType.UINT8
            else -> throw ModelException("tensor ${tensor.name().string} is of type ${tensor.type()}")
        }
        val dimensions = tensor.dims()
        val shape = IntArray(dimensions.size()) { dimensions.data(it) }
        val data = BytePointer(tensor.data().data()).capacity(tensor.bytes()).asByteBuffer().order(ByteOrder.nativeOrder())
        return Tensor(tensor.name().string, shape, type, data, tensor.params().scale(), tensor.params().zero_point())
    }

    companion object {
        val FACTORY = EngineFactory { model, options -> JvmEngine(model, options) }
    }
}
