package io.github.blazepose_tf.core

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import kotlin.random.Random
import org.json.JSONObject

/**
 * Time of everything but inference, on the JVM; `tools/time_core.py` runs it.
 *
 * CPU time of the thread over [RUNS] runs of [CALLS] calls, after as many runs to warm up: their
 * median, and the fastest tenth, which other work on the machine (a shared core runs slower, too)
 * touches least.
 */
internal class StageBenchmark(landmarkModel: File, detectorModel: File) {
    private val landmark = ModelFile.read(landmarkModel)
    private val detector = ModelFile.read(detectorModel)
    private val random = Random(1)
    private val turned = Roi(540.0, 900.0, 1000.0, 0.3)

    /** Stage -> milliseconds per call. */
    fun measure(): Map<String, Times> {
        val large = camera(1920, 1080, Rotation.CLOCKWISE_90, true)
        val small = camera(640, 480, Rotation.CLOCKWISE_90, true)
        val picture = ArgbFrame(IntArray(1920 * 1080) { random.nextInt() }, 1080, 1920)
        val crop = ImageInput(tensor("image", 1, 256, 256, 3))
        val square = ImageInput(tensor("image", 1, 224, 224, 3))
        val letterbox = Roi().apply { setLetterbox(large.width, large.height) }
        val half = Roi(240.0, 300.0, 450.0, 0.3)
        return linkedMapOf(
            "crop of 256 px from a 1080p camera frame" to milliseconds { large.crop(turned, Border.REPLICATE, crop) },
            "crop of 256 px from a 480p camera frame" to milliseconds { small.crop(half, Border.REPLICATE, crop) },
            "crop of 256 px from 1080p ARGB" to milliseconds { picture.crop(turned, Border.REPLICATE, crop) },
            "letterbox of 224 px from a 1080p camera frame" to milliseconds { large.crop(letterbox, Border.BLACK, square) },
            "decode 2254 anchors, suppress 40 candidates" to decode(letterbox),
            "project 35 landmarks" to project(),
            "smooth (One Euro, low-pass)" to smooth(),
            "all but inference, tracked frame, 1080p" to tracked(large, everyFrame = false),
            "all but inference, frame with the detector, 1080p" to tracked(large, everyFrame = true),
        )
    }

    private fun decode(letterbox: Roi): Times {
        val engine = StillEngine.detector(detector, people = 40)
        val values = listOf("boxes", "scores").map { name ->
            engine.outputs.getValue(name).let { FloatArray(it.count).also(it::read) }
        }
        val decoder = DetectionDecoder(detector.anchors!!.centers(), detector.inputSize)
        val target = Detection()
        return milliseconds { check(decoder.decode(values[0], values[1], letterbox, target)) }
    }

    private fun project(): Times {
        val projection = LandmarkProjection()
        val landmarks = Landmarks()
        return milliseconds { projection.toImage(landmarks, turned) }
    }

    private fun smooth(): Times {
        val smoother = LandmarkSmoother()
        val landmarks = Landmarks()
        var time = 0.0
        return milliseconds {
            for (i in landmarks.points.indices) landmarks.points[i] = i + random.nextFloat()
            time += 1 / 30.0
            smoother.smooth(landmarks, time)
        }
    }

    private fun tracked(frame: Frame, everyFrame: Boolean): Times {
        val people = Detector(detector, StillEngine.detector(detector, people = 40))
        val tracker = PoseTracker(people, Landmarker(landmark, StillEngine.landmarks(landmark)))
        var time = 0.0
        return milliseconds {
            time += 1 / 30.0
            if (everyFrame) tracker.forget()
            checkNotNull(tracker.process(frame, time))
        }.also { check(tracker.counts.detectorRuns == if (everyFrame) tracker.counts.frames else 1L) }
    }

    /** Noise, semi-planar as most phones give it. */
    private fun camera(columns: Int, rows: Int, rotation: Rotation, mirrored: Boolean) = YuvFrame().apply {
        y.set(noise(columns * rows), columns, 1)
        u.set(noise(columns * rows / 2), columns, 2)
        v.set(noise(columns * rows / 2), columns, 2)
        set(columns, rows, rotation, mirrored)
    }

    private fun noise(size: Int): ByteBuffer = ByteBuffer.allocateDirect(size).apply {
        for (i in 0 until size) put(i, random.nextInt().toByte())
    }

    private fun milliseconds(work: () -> Unit): Times {
        val threads = ManagementFactory.getThreadMXBean()
        val runs = List(2 * RUNS) {
            val start = threads.currentThreadCpuTime
            repeat(CALLS) { work() }
            (threads.currentThreadCpuTime - start) / 1e6 / CALLS
        }
        val sorted = runs.drop(RUNS).sorted()
        return Times(sorted[RUNS / 2], sorted[RUNS / 10])
    }

    companion object {
        const val RUNS = 100
        const val CALLS = 10
    }
}

/** Milliseconds per call. */
internal class Times(private val median: Double, private val fastestTenth: Double) {
    fun toJson() = JSONObject().put("median", median).put("fastest_tenth", fastestTenth)
}

/** Arguments: a landmark and a detector file. Prints one line of JSON. */
fun main(arguments: Array<String>) {
    val times = StageBenchmark(File(arguments[0]), File(arguments[1])).measure()
    println(times.entries.joinToString(", ", "{", "}") { (stage, value) -> "${JSONObject.quote(stage)}: ${value.toJson()}" })
}
