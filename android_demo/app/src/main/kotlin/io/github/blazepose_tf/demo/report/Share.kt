package io.github.blazepose_tf.demo.report

import android.content.Context
import android.content.Intent
import io.github.blazepose_tf.demo.R
import org.json.JSONObject

/** Lets the user choose an app that takes the report as text: mail, notes, chat. */
fun shareIntent(context: Context, report: JSONObject): Intent {
    val send = Intent(Intent.ACTION_SEND)
        .setType("text/plain")
        .putExtra(Intent.EXTRA_SUBJECT, context.getString(R.string.share_title))
        .putExtra(Intent.EXTRA_TEXT, report.toString(1))
    return Intent.createChooser(send, context.getString(R.string.share_title))
}
