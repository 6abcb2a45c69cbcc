package io.github.blazepose_tf.demo.pipeline

import java.nio.ByteBuffer
import java.security.MessageDigest

/** Hex SHA-256 of a whole buffer, whose position stays where it is. */
fun sha256(content: ByteBuffer): String {
    val digest = MessageDigest.getInstance("SHA-256")
    digest.update(content.duplicate().apply { clear() })
    return digest.digest().joinToString("") { "%02x".format(it) }
}
