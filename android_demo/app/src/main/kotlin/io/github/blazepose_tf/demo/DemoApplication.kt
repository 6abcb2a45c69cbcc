package io.github.blazepose_tf.demo

import android.app.Application
import android.content.Context
import io.github.blazepose_tf.core.EngineFactory
import io.github.blazepose_tf.demo.engine.TfliteEngines

/** Holds what the activities share. Tests put an engine of the JVM in [engines]. */
class DemoApplication : Application() {
    var engines: EngineFactory = TfliteEngines
}

val Context.engines: EngineFactory get() = (applicationContext as DemoApplication).engines
