package io.github.blazepose_tf.demo

import android.os.Looper
import java.time.Duration
import org.robolectric.Shadows.shadowOf

private const val PATIENCE_S = 120.0
private const val PAUSE_MS = 10L

/** What ended one of the app's threads: on a phone the app would have crashed. */
@Volatile
private var crash: Throwable? = null

/**
 * Lets the main thread work until [condition] holds; fails after two minutes (a busy machine is
 * slow), and at once when another thread crashes.
 */
fun waitUntil(what: String, condition: () -> Boolean) {
    Thread.setDefaultUncaughtExceptionHandler { _, error -> crash = error }
    val end = System.nanoTime() + PATIENCE_S * 1e9
    while (!condition()) {
        crash?.let { error -> throw AssertionError("$what: a thread crashed", error).also { crash = null } }
        check(System.nanoTime() < end) { "$what: not within $PATIENCE_S s" }
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(PAUSE_MS)) // timers run too
        Thread.sleep(PAUSE_MS)
    }
}
