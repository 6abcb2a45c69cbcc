package io.github.blazepose_tf.demo.engine

import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.Extent
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.ModelException
import io.github.blazepose_tf.core.ModelFile
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.gpu.GpuDelegateFactory

/** Loads networks into the phone's TFLite. */
object TfliteEngines : EngineFactory {
    override fun open(model: ModelFile, options: EngineOptions): InferenceEngine {
        if (options.delegate != Delegate.GPU) return openOnCpu(model, options, options.delegate, refusal = null)
        return try {
            openOnGpu(model)
        } catch (error: Exception) { // the runtime throws different ones for different reasons
            openOnCpu(model, options, Delegate.XNNPACK, oneLine(error))
        } catch (error: LinkageError) { // the delegate's native library does not load
            openOnCpu(model, options, Delegate.XNNPACK, oneLine(error))
        }
    }

    private fun openOnGpu(model: ModelFile): InferenceEngine {
        // FP16 arithmetic is what makes the GPU worth it; int8 files run in it too.
        val gpu = GpuDelegate(GpuDelegateFactory.Options().setPrecisionLossAllowed(true).setQuantizedModelsAllowed(true))
        try {
            val interpreter = Interpreter(model.content, Interpreter.Options().addDelegate(gpu) as Interpreter.Options)
            interpreter.allocateTensors()
            val extent = extentOf(model, interpreter)
            if (extent == Extent.NONE) {
                interpreter.close()
                throw IllegalStateException("it takes no operator of this network")
            }
            return TfliteEngine(interpreter, Delegation(Delegate.GPU, Delegate.GPU, extent), gpu)
        } catch (error: Throwable) {
            gpu.close()
            throw error
        }
    }

    private fun openOnCpu(model: ModelFile, options: EngineOptions, kernels: Delegate, refusal: String?): InferenceEngine {
        val interpreter = try {
            Interpreter(model.content, cpuOptions(options.threads, kernels == Delegate.XNNPACK)).also { it.allocateTensors() }
        } catch (error: IllegalArgumentException) {
            throw ModelException("${model.name}: TFLite cannot load it (${oneLine(error)}); convert it again", error)
        } catch (error: IllegalStateException) {
            throw ModelException("${model.name}: TFLite cannot prepare it (${oneLine(error)}); convert it again", error)
        }
        val extent = when {
            refusal != null -> Extent.NONE
            kernels == Delegate.CPU -> Extent.FULL
            else -> extentOf(model, interpreter)
        }
        return TfliteEngine(interpreter, Delegation(options.delegate, kernels, extent, refusal), alsoClose = null)
    }

    private fun extentOf(model: ModelFile, delegated: Interpreter): Extent {
        val steps = planLength(delegated) ?: return Extent.UNKNOWN
        val all = Interpreter(model.content, cpuOptions(threads = 1, xnnpack = false)).use(::planLength)
        return extent(steps, all ?: return Extent.UNKNOWN)
    }

    private fun cpuOptions(threads: Int, xnnpack: Boolean): Interpreter.Options =
        Interpreter.Options().setNumThreads(threads).setUseXNNPACK(xnnpack)

    private fun oneLine(error: Throwable) = (error.message ?: error.javaClass.simpleName).trim().lineSequence().first().take(160)
}
