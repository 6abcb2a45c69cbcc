package io.github.blazepose_tf.demo

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.os.Process
import android.util.Log
import android.view.Gravity
import android.view.WindowManager
import android.widget.TextView
import io.github.blazepose_tf.core.ModelException
import io.github.blazepose_tf.demo.benchmark.BenchmarkRun
import io.github.blazepose_tf.demo.benchmark.FrameKind
import io.github.blazepose_tf.demo.benchmark.Request
import io.github.blazepose_tf.demo.benchmark.RequestException
import io.github.blazepose_tf.demo.benchmark.ResultFile
import io.github.blazepose_tf.demo.benchmark.refusal
import org.json.JSONObject

/**
 * The benchmark mode: measures what the extras ask for, writes one JSON file, announces it with one
 * log line and ends. The contract stands in benchmarks/README.md.
 */
class BenchmarkActivity : Activity() {
    private var thread: HandlerThread? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        if (intent.getStringExtra(Request.ID) == null) {
            startActivity(Intent(this, MainActivity::class.java))
            return finish()
        }
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        setContentView(
            TextView(this).apply {
                setText(R.string.benchmark_running)
                gravity = Gravity.CENTER
                textSize = TEXT_SP
            },
        )
        // Once: what a second start after a crash of the system's making would measure is not the first.
        if (savedInstanceState == null) start() else finish()
    }

    override fun onDestroy() {
        thread?.quitSafely()
        super.onDestroy()
    }

    private fun start() {
        val thread = HandlerThread("benchmark", Process.THREAD_PRIORITY_DISPLAY).apply { start() }
        this.thread = thread
        val handler = Handler(thread.looper)
        handler.post {
            val id = intent.getStringExtra(Request.ID).orEmpty()
            val result = measure(handler)
            // An identity that names no file has no file to be told about.
            if (Request.isId(id)) {
                val file = ResultFile.write(this, id, result)
                Log.i(ResultFile.LOG_TAG, "result $id $file")
            } else {
                Log.e(ResultFile.LOG_TAG, result.getString("error"))
            }
            runOnUiThread(::finish)
        }
    }

    private fun measure(handler: Handler): JSONObject {
        val id = intent.getStringExtra(Request.ID).orEmpty()
        return try {
            val request = Request.of(extras())
            if (request.frames == FrameKind.CAMERA) requireCamera()
            BenchmarkRun(this, engines, handler).measure(request)
        } catch (error: RequestException) {
            refusal(id, error.message.orEmpty())
        } catch (error: ModelException) {
            refusal(id, "model: ${error.message}")
        } catch (error: IllegalStateException) {
            refusal(id, "the networks stopped: ${error.message}; try another delegate")
        } catch (_: OutOfMemoryError) {
            refusal(id, "not enough memory; close other apps")
        }
    }

    private fun requireCamera() {
        if (checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) {
            throw RequestException("frames: the app may not use the camera; run: adb shell pm grant $packageName android.permission.CAMERA")
        }
    }

    @Suppress("DEPRECATION") // there is no other way to read extras of unknown types
    private fun extras(): Map<String, Any?> = intent.extras?.let { bundle -> bundle.keySet().associateWith(bundle::get) }.orEmpty()

    private companion object {
        const val TEXT_SP = 18f
    }
}
