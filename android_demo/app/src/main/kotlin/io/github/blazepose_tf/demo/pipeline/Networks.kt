package io.github.blazepose_tf.demo.pipeline

import io.github.blazepose_tf.core.Delegation
import io.github.blazepose_tf.core.Detector
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.Landmarker
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.PoseTracker

/** Both networks, loaded, and the tracker that runs them. One thread only. */
class Networks private constructor(
    val landmarkModel: ModelFile,
    val detectorModel: ModelFile,
    private val landmarkEngine: InferenceEngine,
    val tracker: PoseTracker,
) : AutoCloseable {
    /** Of the landmark network, which runs in every frame. */
    val delegation: Delegation get() = landmarkEngine.delegation

    override fun close() = tracker.close()

    companion object {
        /** @throws io.github.blazepose_tf.core.ModelException a file cannot be loaded */
        fun load(
            engines: EngineFactory, landmarkModel: ModelFile, detectorModel: ModelFile, options: EngineOptions,
            smoothing: Boolean = true,
        ): Networks {
            val opened = mutableListOf<InferenceEngine>()
            try {
                val detector = Detector(detectorModel, engines.open(detectorModel, options).also(opened::add))
                val landmarks = engines.open(landmarkModel, options).also(opened::add)
                val tracker = PoseTracker(detector, Landmarker(landmarkModel, landmarks), smoothing)
                return Networks(landmarkModel, detectorModel, landmarks, tracker)
            } catch (error: Exception) {
                opened.forEach(InferenceEngine::close)
                throw error
            }
        }
    }
}
