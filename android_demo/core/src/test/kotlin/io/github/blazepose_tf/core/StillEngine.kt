package io.github.blazepose_tf.core

/** An engine that answers at once, always the same: a person in the middle of what it is shown. */
internal class StillEngine private constructor(input: Tensor, outputs: List<Tensor>) : InferenceEngine {
    override val inputs = mapOf(input.name to input)
    override val outputs = outputs.associateBy { it.name }
    override val delegation = Delegation(Delegate.CPU, Delegate.CPU, Extent.NONE)

    override fun run() = Unit

    override fun close() = Unit

    private fun put(name: String, index: Int, value: Float) {
        outputs.getValue(name).buffer.putFloat(4 * index, value)
    }

    companion object {
        /** All landmarks in the middle of the crop, whose ROI is the crop itself. */
        fun landmarks(model: ModelFile): StillEngine {
            val points = tensor("landmarks", 1, Topology.NUM_POINTS, 3)
            val world = tensor("world", 1, Topology.NUM_LANDMARKS, 3)
            val others = listOf(tensor("visibility", 1, Topology.NUM_LANDMARKS), tensor("presence", 1, 1))
            val engine = StillEngine(input(model), listOf(points, world) + others)
            for (i in 0 until points.count) engine.put("landmarks", i, 0.5f)
            engine.put("landmarks", 3 * Topology.FULL_BODY_CIRCLE + 1, (0.5 - 0.5 / Roi.MARGIN).toFloat())
            engine.put("presence", 0, 1f)
            return engine
        }

        /** [people] anchors agree on one upright person in the middle of the letterbox. */
        fun detector(model: ModelFile, people: Int): StillEngine {
            val anchors = model.anchors!!.centers()
            val count = anchors.size / 2
            val boxes = tensor("boxes", 1, count, WeightedNms.VALUES)
            val engine = StillEngine(input(model), listOf(boxes, tensor("scores", 1, count)))
            val person = floatArrayOf(0.5f, 0.3f, 0.2f, 0.2f, 0.5f, 0.5f, 0.5f, 0.2f, 0.5f, 0.4f, 0.5f, 0.2f)
            for (anchor in count / 2 until count / 2 + people) {
                for (i in person.indices) {
                    val relative = if (i == 2 || i == 3) person[i] else person[i] - anchors[2 * anchor + i % 2]
                    engine.put("boxes", anchor * person.size + i, relative * model.inputSize)
                }
                engine.put("scores", anchor, 0.9f)
            }
            return engine
        }

        private fun input(model: ModelFile) = tensor("image", 1, model.inputSize, model.inputSize, 3)
    }
}
