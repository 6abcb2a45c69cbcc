package io.github.blazepose_tf.demo.ui

import android.view.View
import android.widget.Button
import android.widget.TextView
import io.github.blazepose_tf.demo.R

/** A message in the middle of the screen, with at most one button. */
class Notice(root: View) {
    private val panel: View = root.findViewById(R.id.notice)
    private val text: TextView = root.findViewById(R.id.notice_text)
    private val button: Button = root.findViewById(R.id.notice_action)

    fun show(message: CharSequence, action: Int? = null, onAction: () -> Unit = {}) {
        text.text = message
        button.visibility = if (action == null) View.GONE else View.VISIBLE
        action?.let(button::setText)
        button.setOnClickListener { onAction() }
        panel.visibility = View.VISIBLE
    }

    fun hide() {
        panel.visibility = View.GONE
    }
}
