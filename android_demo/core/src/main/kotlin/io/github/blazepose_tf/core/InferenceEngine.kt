package io.github.blazepose_tf.core

/** What computes the network. */
enum class Delegate { CPU, XNNPACK, GPU }

/** How much of the graph the delegate took. NONE: it refused, plain CPU kernels run. */
enum class Extent { FULL, PARTIAL, NONE, UNKNOWN }

/** What was asked for and what came of it. [message]: why the delegate refused. */
class Delegation(val requested: Delegate, val used: Delegate, val extent: Extent, val message: String? = null)

class EngineOptions(val delegate: Delegate = Delegate.XNNPACK, val threads: Int = 1)

/**
 * A loaded network. Write the inputs' buffers, [run], read the outputs' buffers; nothing is
 * allocated in between. One thread only: create, run and close on the same one (GPU delegates ask
 * for that).
 */
interface InferenceEngine : AutoCloseable {
    /** By the name of the tensor, which is also its name in the signature `serving_default`. */
    val inputs: Map<String, Tensor>
    val outputs: Map<String, Tensor>
    val delegation: Delegation

    fun run()
}

/** Makes engines: org.tensorflow.lite on the phone, a TFLite for the JVM in tests. */
fun interface EngineFactory {
    /**
     * Load [model]. A delegate that refuses is no error: the engine then runs on the CPU and
     * [InferenceEngine.delegation] says so.
     *
     * @throws ModelException the runtime cannot load the file
     */
    fun open(model: ModelFile, options: EngineOptions): InferenceEngine
}
