"""Keras -> float .tflite: float32, or float32 arithmetic on float16 weights."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras

from blazepose_tf.convert import graph
from blazepose_tf.runtime.interpreter import SIGNATURE

INPUT = "image"


def _convert(model: tf_keras.Model, *, float16: bool) -> bytes:
    shape = [1, *model.inputs[0].shape[1:]]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name=INPUT)])
    def serve(image: Any) -> Any:
        # The outputs' dictionary keys become the names in the signature.
        return model(image, training=False)

    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [serve.get_concrete_function()], model
    )
    if float16:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return name_tensors(bytes(converter.convert()))


def name_tensors(content: bytes) -> bytes:
    """Give inputs and outputs the names they have in the signature.

    The converter calls them `serving_default_image:0` and `StatefulPartitionedCall:1`; who reads
    a file without signatures (benchmark tools, older interpreters) then has to guess.
    """
    model = graph.parse(content)
    for signature in model.signatureDefs:
        if graph.text(signature.signatureKey) == SIGNATURE:
            for item in [*signature.inputs, *signature.outputs]:
                model.subgraphs[0].tensors[item.tensorIndex].name = item.name
    return graph.to_bytes(model)


def to_float32(model: tf_keras.Model) -> bytes:
    """Convert a model with one input `image` and named outputs; batch 1, signature
    `serving_default`."""
    return _convert(model, float16=False)


def to_float16(model: tf_keras.Model) -> bytes:
    """Like `to_float32`, weights stored as float16: half the size, the same operators.

    Interpreters on a CPU widen the weights once at the start; the GPU delegate takes them as
    they are.
    """
    return _convert(model, float16=True)
