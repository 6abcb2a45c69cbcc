package io.github.blazepose_tf.demo

import android.app.Activity
import android.content.Context
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.util.Size
import android.view.TextureView
import io.github.blazepose_tf.demo.camera.Lens
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.shadows.StreamConfigurationMapBuilder

fun cameras(context: Context): ShadowCameraManager = shadowOf(context.getSystemService(CameraManager::class.java))

/** A camera of 640 x 480 whose sensor lies on its side, as in most phones. */
fun addCamera(context: Context, id: String, lens: Lens) {
    val facts = ShadowCameraCharacteristics.newCameraCharacteristics()
    shadowOf(facts).apply {
        set(CameraCharacteristics.LENS_FACING, lens.facing)
        set(CameraCharacteristics.SENSOR_ORIENTATION, if (lens == Lens.BACK) 90 else 270)
        set(
            CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP,
            StreamConfigurationMapBuilder.newBuilder().addOutputSize(ImageFormat.YUV_420_888, Size(640, 480)).build(),
        )
    }
    cameras(context).addCamera(id, facts)
}

/** Robolectric shows no TextureView; this is what the system does when it is on the screen. */
fun offerTexture(activity: Activity) {
    val view = activity.findViewById<TextureView>(R.id.preview)
    view.surfaceTextureListener!!.onSurfaceTextureAvailable(SurfaceTexture(false), 480, 640)
}
