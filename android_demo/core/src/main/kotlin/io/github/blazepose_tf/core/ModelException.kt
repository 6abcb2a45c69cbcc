package io.github.blazepose_tf.core

/** A model file cannot be used. The message is one line that names the file and says how to mend it. */
class ModelException(message: String, cause: Throwable? = null) : Exception(message, cause)
