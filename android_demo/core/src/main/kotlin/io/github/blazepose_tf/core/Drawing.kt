package io.github.blazepose_tf.core

/** How a pose is drawn: the same colours and limits as `blazepose_tf/draw.py`. Colours are ARGB. */
object Drawing {
    private val json = Constants.section("drawing")
    private val colors = json.getJSONObject("colors")

    /** Landmarks below this visibility are drawn hollow, their bones faint. */
    val VISIBLE: Float = json.getDouble("visible").toFloat()

    /** Opacity of what is not visible. */
    val FAINT: Float = json.getDouble("faint").toFloat()
    val OUTLINE: Int = argb("OUTLINE")
    private val bySide = IntArray(Side.entries.size) { argb(Side.entries[it].name) }

    /** Colour of a landmark or bone of this side. */
    fun color(side: Side): Int = bySide[side.ordinal]

    private fun argb(name: String): Int {
        val (red, green, blue) = colors.getJSONArray(name).ints()
        return (255 shl 24) or (red shl 16) or (green shl 8) or blue
    }
}
