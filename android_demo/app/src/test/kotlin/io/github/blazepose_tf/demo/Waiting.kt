package io.github.blazepose_tf.demo

import android.os.Looper
import org.robolectric.Shadows.shadowOf

private const val PATIENCE_S = 120.0
private const val PAUSE_MS = 10L

/** Lets the main thread work until [condition] holds; fails after two minutes (a busy machine is slow). */
fun waitUntil(what: String, condition: () -> Boolean) {
    val end = System.nanoTime() + PATIENCE_S * 1e9
    while (!condition()) {
        check(System.nanoTime() < end) { "$what: not within $PATIENCE_S s" }
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(PAUSE_MS)
    }
}
