"""Made tiny.tflite and its variants, which these tests measure: `python make.py`.

Four operators that XNNPACK takes; the partial one has a cumulative sum among them, which it does
not; the int8 one is int8 from input to output. They are kept in the repository so that the tests of
the harness need no TensorFlow.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf


class Tiny(tf.Module):
    """[1, 32, 32, 3] -> [1, 4]."""

    def __init__(self, partial: bool) -> None:
        super().__init__()
        random = np.random.default_rng(0)
        self.partial = partial
        self.kernel = tf.constant(random.normal(0, 0.3, (3, 3, 3, 8)).astype(np.float32))
        self.dense = tf.constant(random.normal(0, 0.3, (8, 4)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([1, 32, 32, 3], tf.float32, name="image")])
    def run(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        x = tf.nn.relu6(tf.nn.conv2d(image, self.kernel, 2, "SAME"))
        if self.partial:
            x = tf.cumsum(x, axis=1)
        x = tf.reduce_mean(tf.nn.max_pool2d(x, 2, 2, "SAME"), [1, 2])
        return {"out": tf.matmul(x, self.dense)}


for name, partial in (("tiny", False), ("tiny_partial", True)):
    tiny = Tiny(partial)
    function = tiny.run.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tiny)
    (Path(__file__).parent / f"{name}.tflite").write_bytes(converter.convert())

pictures = np.random.default_rng(1).random((20, 1, 32, 32, 3), dtype=np.float32)
tiny = Tiny(partial=False)
converter = tf.lite.TFLiteConverter.from_concrete_functions(
    [tiny.run.get_concrete_function()], tiny
)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = lambda: ([picture] for picture in pictures)
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = converter.inference_output_type = tf.int8
(Path(__file__).parent / "tiny_int8.tflite").write_bytes(converter.convert())
