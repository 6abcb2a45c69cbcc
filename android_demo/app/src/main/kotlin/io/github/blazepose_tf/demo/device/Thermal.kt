package io.github.blazepose_tf.demo.device

import android.content.Context
import android.os.Build
import android.os.PowerManager

/** Android's thermal status; the order is that of PowerManager's numbers. UNKNOWN before Android 10. */
enum class ThermalStatus {
    NONE, LIGHT, MODERATE, SEVERE, CRITICAL, EMERGENCY, SHUTDOWN, UNKNOWN;

    /** Android's number, null where it is not known. */
    val number: Int? get() = ordinal.takeIf { this != UNKNOWN }

    companion object {
        fun of(number: Int): ThermalStatus = entries.getOrElse(number) { UNKNOWN }
    }
}

/** Asks the phone how warm it is. */
class Thermal(context: Context) {
    private val power = context.getSystemService(PowerManager::class.java)

    val status: ThermalStatus
        get() = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            ThermalStatus.of(power.currentThermalStatus)
        } else {
            ThermalStatus.UNKNOWN
        }

    /** False while the screen is off. */
    val isScreenOn: Boolean get() = power.isInteractive
}
