package io.github.blazepose_tf.demo

import android.content.Context

/** Version name of the app. */
fun appVersion(context: Context): String =
    context.packageManager.getPackageInfo(context.packageName, 0).versionName.orEmpty()
