package io.github.blazepose_tf.demo.camera

import android.content.Context
import android.graphics.SurfaceTexture
import android.hardware.display.DisplayManager
import android.util.Size
import android.view.Display
import android.view.TextureView

private const val DEGREES_PER_STEP = 90

/** Degrees by which the screen's content is turned from the phone's natural orientation. */
fun displayDegrees(context: Context): Int {
    val display = context.getSystemService(DisplayManager::class.java).getDisplay(Display.DEFAULT_DISPLAY)
    return DEGREES_PER_STEP * (display?.rotation ?: 0)
}

/** Tells [onChange] when the preview's texture comes and when the screen is turned, [onLost] when it goes. */
class Preview(private val view: TextureView, private val onChange: () -> Unit, private val onLost: () -> Unit) :
    TextureView.SurfaceTextureListener, DisplayManager.DisplayListener {
    private val displays = view.context.getSystemService(DisplayManager::class.java)

    /** Where the camera draws; null while the view is not on the screen. */
    var texture: SurfaceTexture? = null; private set

    init {
        view.surfaceTextureListener = this
        displays.registerDisplayListener(this, null)
    }

    fun close() = displays.unregisterDisplayListener(this)

    /** Puts the picture upright and whole into the view. */
    fun fit(orientation: Orientation, frame: Size) {
        if (view.width > 0 && view.height > 0) view.setTransform(orientation.previewTransform(frame, view.width, view.height))
    }

    override fun onSurfaceTextureAvailable(surface: SurfaceTexture, width: Int, height: Int) {
        texture = surface
        onChange()
    }

    override fun onSurfaceTextureSizeChanged(surface: SurfaceTexture, width: Int, height: Int) = onChange()

    /** The texture is still valid here: the camera lets go of it first. */
    override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean {
        texture = null
        onLost()
        return true
    }

    override fun onSurfaceTextureUpdated(surface: SurfaceTexture) = Unit

    override fun onDisplayChanged(displayId: Int) = onChange()

    override fun onDisplayAdded(displayId: Int) = Unit

    override fun onDisplayRemoved(displayId: Int) = Unit
}
