package io.github.blazepose_tf.demo.camera

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.Settings

private const val REQUEST = 1

/** The user's leave to use the camera. */
class CameraPermission(private val activity: Activity) {
    /** The user said no in this session; nothing is asked again without a tap. */
    var isRefused = false; private set

    val isGranted: Boolean
        get() = activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    /** False when Android would refuse without asking: then only its settings help. */
    val canAsk: Boolean get() = !isRefused || activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)

    fun ask() = activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST)

    /** To be called from onRequestPermissionsResult. */
    fun onAnswer(requestCode: Int) {
        if (requestCode == REQUEST) isRefused = !isGranted
    }

    fun openSettings() = activity.startActivity(
        Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", activity.packageName, null)),
    )
}
