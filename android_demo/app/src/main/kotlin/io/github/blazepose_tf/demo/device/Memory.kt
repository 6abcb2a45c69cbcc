package io.github.blazepose_tf.demo.device

import java.io.File
import java.io.IOException

private val PEAK = Regex("""VmHWM:\s+(\d+) kB""")

/** Largest resident memory of this process so far in kB (VmHWM of /proc/self/status). */
fun peakMemoryKb(status: File = File("/proc/self/status")): Long? = try {
    PEAK.find(status.readText())?.groupValues?.get(1)?.toLong()
} catch (_: IOException) {
    null
}
