package io.github.blazepose_tf.demo.ui

import android.view.ContextThemeWrapper
import android.view.ViewGroup
import android.widget.Button
import android.widget.PopupMenu
import io.github.blazepose_tf.core.Delegate
import io.github.blazepose_tf.demo.R
import io.github.blazepose_tf.demo.camera.Lens
import io.github.blazepose_tf.demo.model.ModelStore
import io.github.blazepose_tf.demo.model.nameOf
import io.github.blazepose_tf.demo.settings.Settings

/** The row of buttons: each shows what is chosen and offers the rest. */
class Controls(
    private val row: ViewGroup,
    private val models: ModelStore,
    private val actions: Actions,
) {
    /** What the buttons cause. */
    interface Actions {
        fun choose(settings: Settings)

        fun pickPicture()

        fun backToCamera()

        fun share()
    }

    private val context = row.context

    /** @param isStill a picture from the gallery is shown: the camera's button leads back */
    fun show(settings: Settings, isStill: Boolean) {
        row.removeAllViews()
        val precisions = models.precisions(settings.model)
        choice(R.string.model, settings.model.label, { models.choices() }, { it.label }) { model ->
            val offered = models.precisions(model)
            val precision = settings.precision.takeIf { it in offered } ?: offered.firstOrNull() ?: settings.precision
            actions.choose(settings.copy(model = model, precision = precision))
        }
        if (precisions.isNotEmpty()) {
            choice(R.string.precision, nameOf(settings.precision), { precisions }, ::nameOf) {
                actions.choose(settings.copy(precision = it))
            }
        }
        choice(R.string.delegate, nameOf(settings.delegate), { Delegate.entries }, ::nameOf) {
            actions.choose(settings.copy(delegate = it))
        }
        choice(R.string.threads, settings.threads.toString(), { Settings.THREADS }, Int::toString) {
            actions.choose(settings.copy(threads = it))
        }
        if (isStill) {
            button(R.string.back_to_camera, null) { actions.backToCamera() }
        } else {
            button(R.string.camera, nameOf(settings.lens)) { actions.choose(settings.copy(lens = settings.lens.other)) }
        }
        button(R.string.picture, null) { actions.pickPicture() }
        button(R.string.share, null) { actions.share() }
    }

    private fun <T> choice(title: Int, now: String, options: () -> List<T>, name: (T) -> String, onChosen: (T) -> Unit) {
        val button = button(title, now) {}
        button.setOnClickListener {
            val offered = options()
            PopupMenu(context, button).apply {
                offered.forEachIndexed { index, option -> menu.add(0, index, index, name(option)) }
                setOnMenuItemClickListener { item -> true.also { onChosen(offered[item.itemId]) } }
            }.show()
        }
    }

    private fun button(title: Int, now: String?, onClick: () -> Unit): Button =
        Button(ContextThemeWrapper(context, R.style.ChoiceButton), null, 0, R.style.ChoiceButton).apply {
            tag = title
            text = if (now == null) context.getString(title) else "${context.getString(title)}\n$now"
            setOnClickListener { onClick() }
            row.addView(this)
        }

    private fun nameOf(delegate: Delegate): String = context.getString(
        when (delegate) {
            Delegate.XNNPACK -> R.string.delegate_xnnpack
            Delegate.CPU -> R.string.delegate_cpu
            Delegate.GPU -> R.string.delegate_gpu
        },
    )

    private fun nameOf(lens: Lens): String =
        context.getString(if (lens == Lens.FRONT) R.string.lens_front else R.string.lens_back)
}
