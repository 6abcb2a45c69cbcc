package io.github.blazepose_tf.demo.pipeline

import android.os.Handler
import android.os.HandlerThread
import android.os.Process
import android.os.SystemClock
import io.github.blazepose_tf.core.ArgbFrame
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.core.ModelException
import io.github.blazepose_tf.core.YuvFrame
import io.github.blazepose_tf.demo.model.ModelStore
import io.github.blazepose_tf.demo.settings.Settings

/**
 * The networks on a thread of their own, where they are made, run and closed (GPU delegates ask for
 * one thread). Takes the newest frame only; results lie on [board], times in [statistics].
 *
 * [onStatus] and [onFrame] run on the main thread.
 */
class LivePipeline(
    private val models: ModelStore,
    private val engines: EngineFactory,
    private val main: Handler,
    private val onStatus: (Status) -> Unit,
    private val onFrame: () -> Unit,
) : AutoCloseable {
    val board = PoseBoard()
    val statistics = LiveStatistics()

    private val thread = HandlerThread("pose", Process.THREAD_PRIORITY_DISPLAY).apply { start() }

    /** Where frames are read; the camera frees its buffers here. */
    val handler = Handler(thread.looper)
    private val latest = Latest<CameraImage>()
    private val frame = YuvFrame()
    private var networks: Networks? = null

    // One object for all frames: posting allocates nothing.
    private val processLatest = Runnable { latest.take()?.use(::process) }
    private val frameDone = Runnable { onFrame() }

    /** Whether the camera's timestamps count as SystemClock.elapsedRealtimeNanos does. */
    @Volatile
    var hasRealtimeTimestamps = false

    /** Loads the networks of [settings]; those before them are closed first, so that memory never holds both. */
    fun load(settings: Settings) {
        onStatus(Status.Loading)
        handler.post {
            release()
            val status = try {
                Status.Ready(open(settings))
            } catch (error: ModelException) {
                Status.Failed(error.message.orEmpty())
            } catch (_: OutOfMemoryError) {
                Status.Failed("Not enough memory for ${settings.model.label}; choose a smaller model")
            }
            main.post { onStatus(status) }
        }
    }

    /** Any thread; never waits. */
    fun put(image: CameraImage) {
        if (latest.put(image)) handler.post(processLatest)
    }

    /** Forgets the person and the numbers: another camera, or the app was away. */
    fun restart() {
        handler.post {
            latest.clear()
            networks?.tracker?.reset()
            statistics.clear()
            board.clear()
            main.post(frameDone)
        }
    }

    /** Finds the person in a single picture; [onFrame] follows. */
    fun look(picture: ArgbFrame) {
        handler.post {
            latest.clear()
            val tracker = networks?.tracker ?: return@post
            tracker.reset()
            board.put(tracker.process(picture, 0.0), picture.width, picture.height)
            statistics.replace(tracker.times, tracker.detectorRan, seconds())
            tracker.reset()
            main.post(frameDone)
        }
    }

    /** Closes the networks, which are the most of the app's memory. */
    fun unload() {
        handler.post(::release)
    }

    override fun close() {
        handler.post {
            latest.clear()
            release()
            thread.quitSafely()
        }
    }

    private fun open(settings: Settings): Loaded {
        val begin = System.nanoTime()
        val landmarks = models.landmarks(settings.model, settings.precision)
        val made = Networks.load(engines, landmarks, models.detector(landmarks.precision), settings.engine)
        networks = made
        statistics.clear()
        return Loaded(
            landmarks.name, sha256(landmarks.content), made.detectorModel.name, sha256(made.detectorModel.content),
            landmarks.preset, landmarks.precision, made.delegation, settings.threads,
            (System.nanoTime() - begin) / 1e6,
        )
    }

    private fun release() {
        networks?.close()
        networks = null
        board.clear()
    }

    private fun process(image: CameraImage) {
        val tracker = networks?.tracker ?: return
        try {
            image.show(frame)
        } catch (_: IllegalStateException) {
            return // the camera was closed under it
        }
        val age = SystemClock.elapsedRealtimeNanos() - image.timestampNanos
        val pose = try {
            tracker.process(frame, image.timestampNanos / 1e9)
        } catch (error: IllegalStateException) { // a GPU that was lost, for instance
            release()
            main.post { onStatus(Status.Failed("The networks stopped (${error.message}); choose another delegate")) }
            return
        }
        board.put(pose, frame.width, frame.height)
        statistics.add(tracker.times, if (hasRealtimeTimestamps) age / 1e6 else null, tracker.detectorRan, seconds())
        main.post(frameDone)
    }

    private fun seconds() = System.nanoTime() / 1e9
}
