package io.github.blazepose_tf.demo.benchmark

import android.content.Context
import android.os.Handler
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.EngineOptions
import io.github.blazepose_tf.core.InferenceEngine
import io.github.blazepose_tf.core.Detector
import io.github.blazepose_tf.core.Landmarker
import io.github.blazepose_tf.core.ModelFile
import io.github.blazepose_tf.core.ModelKind
import io.github.blazepose_tf.core.PoseTracker
import io.github.blazepose_tf.demo.device.Thermal
import io.github.blazepose_tf.demo.device.peakMemoryKb
import io.github.blazepose_tf.demo.model.of
import io.github.blazepose_tf.demo.pipeline.sha256
import java.io.File
import org.json.JSONObject

/** One measurement, on the thread that [reading] belongs to. */
class BenchmarkRun(private val context: Context, private val engines: EngineFactory, private val reading: Handler) {
    private val thermal = Thermal(context)
    private val clock = Clock(System::nanoTime)

    /**
     * Loads, warms up, measures: the result as app_result.schema.json describes it.
     *
     * @throws RequestException what was asked for cannot be done
     * @throws io.github.blazepose_tf.core.ModelException a file cannot be loaded
     */
    fun measure(request: Request): JSONObject {
        val beforeKb = peakMemoryKb()
        val wasScreenOn = thermal.isScreenOn
        val begin = clock.nanos()
        val model = ModelFile.read(File(request.model)).of(ModelKind.LANDMARK)
        val detector = request.detector?.let { ModelFile.read(File(it)).of(ModelKind.DETECTOR) }
        val loaded = clock.nanos()
        feed(request).use { feed ->
            val options = EngineOptions(request.delegate, request.threads)
            val ready = clock.nanos()
            val engine = engines.open(model, options)
            step(engine, model, detector?.let { it to engines.open(it, options) }, feed).use { step ->
                val initialised = clock.nanos()
                val first = timeFirst(step, feed)
                val stages = StageRecord()
                val warmUp = MeasuringLoop(clock, feed::advance) { step.run() }.warmUp(request.warmUpLimitSeconds, request.quick)
                val before = thermal.status
                val measureBegin = clock.nanos()
                val samples = MeasuringLoop(clock, feed::advance) { step.run().also { stages.add(step.times) } }
                    .measure(request.minInferences, request.minSeconds, request.maxSeconds)
                val result = Result(
                    request, Timings((loaded - begin) / 1e6, (initialised - ready) / 1e6, first), warmUp, samples,
                    stages.medians(), engine.delegation,
                )
                val heat = listOf(-0.001 to before, (clock.nanos() - measureBegin) / 1e9 to thermal.status)
                val memory = Memory(beforeKb, peakMemoryKb())
                return result.toJson(context, sha256(model.content), model.content.capacity(), heat, memory, wasScreenOn && thermal.isScreenOn)
            }
        }
    }

    private fun feed(request: Request): FrameFeed = when (request.frames) {
        FrameKind.BUNDLED -> BundledPictures(context.assets)
        FrameKind.CAMERA -> CameraFeed(context, reading)
    }

    private fun step(
        engine: InferenceEngine, model: ModelFile, detector: Pair<ModelFile, InferenceEngine>?, feed: FrameFeed,
    ): FrameStep {
        val landmarker = Landmarker(model, engine)
        if (detector == null) return CropStep(feed, landmarker)
        return TrackedStep(feed, PoseTracker(Detector(detector.first, detector.second), landmarker))
    }

    private fun timeFirst(step: FrameStep, feed: FrameFeed): Double {
        feed.advance()
        val begin = clock.nanos()
        step.run()
        return (clock.nanos() - begin) / 1e6
    }
}
