package io.github.blazepose_tf.core

import org.json.JSONObject

/** Fixed-size SSD anchors: [perLayer] of them in every cell for every stride; equal strides share one grid. */
class AnchorOptions(val inputSize: Int, val strides: List<Int>, val perLayer: Int, val offset: Double) {
    internal constructor(json: JSONObject) : this(
        json.getInt("input_size"),
        json.getJSONArray("strides").ints().toList(),
        json.getInt("per_layer"),
        json.getDouble("offset"),
    )

    /**
     * Centres x, y, x, y, ... in 0..1 of the square input. Strides from fine to coarse, then rows,
     * columns, the anchors of one cell; float arithmetic, as in `blazepose_tf/anchors.py`.
     */
    fun centers(): FloatArray {
        val centers = ArrayList<Float>()
        for (stride in strides.distinct().sorted()) {
            val cells = (inputSize + stride - 1) / stride
            val count = perLayer * strides.count { it == stride }
            val axis = List(cells) { (it.toFloat() + offset.toFloat()) / cells.toFloat() }
            for (y in axis) for (x in axis) repeat(count) {
                centers += x
                centers += y
            }
        }
        return centers.toFloatArray()
    }
}
