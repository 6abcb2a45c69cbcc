package io.github.blazepose_tf.demo.camera

import android.util.Size

/** 1280 x 960: more pixels make no better 256 px crop, but cost the camera power. */
private const val MOST_PIXELS = 1280 * 960

/**
 * The largest size of at most [MOST_PIXELS], the squarer one of two (a squarer picture sees more of
 * a standing person); the smallest of all when every one is larger.
 */
fun chooseFrameSize(sizes: List<Size>): Size? {
    val fitting = sizes.filter { it.width * it.height <= MOST_PIXELS }
    return fitting.maxWithOrNull(compareBy({ it.width * it.height }, { -it.width }))
        ?: sizes.minByOrNull { it.width * it.height }
}
