"""Keras -> float .tflite: float32, or float32 arithmetic on float16 weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from blazepose_tf.convert import graph
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.interpreter import SIGNATURE

INPUT = "image"


def _convert(model: tf_keras.Model, *, float16: bool) -> bytes:
    shape = [1, *model.inputs[0].shape[1:]]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name=INPUT)])
    def serve(image: Any) -> Any:
        # The outputs' dictionary keys become the names in the signature.
        return model(image, training=False)

    # The converter saves this object to a temporary folder and loads it again: with the variables
    # alone that takes a second, with the Keras model and every layer's own functions ten.
    module = tf.Module()
    module.variables_of_model = model.variables
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [serve.get_concrete_function()], module
    )
    if float16:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    try:
        content = bytes(converter.convert())
    except OSError as error:
        raise _no_temporary_files() from error
    return name_tensors(content)


def _no_temporary_files() -> BadInputError:
    return BadInputError(
        "TensorFlow could not write its temporary files; free space in the system's temporary "
        "folder or set TMPDIR to another one"
    )


def name_tensors(content: bytes) -> bytes:
    """Give inputs and outputs the names they have in the signature, and outputs the order of
    their names.

    The converter calls them `serving_default_image:0` and `StatefulPartitionedCall:1`, in any
    order; who reads a file without signatures (benchmark tools, MediaPipe) then has to guess.

    Raises:
        BadInputError: there is no signature. The converter leaves it out when it cannot write its
            temporary files, and says nothing.
    """
    model = graph.parse(content)
    keys = {graph.text(s.signatureKey): s for s in model.signatureDefs or []}
    if SIGNATURE not in keys:
        raise _no_temporary_files()
    for item in [*keys[SIGNATURE].inputs, *keys[SIGNATURE].outputs]:
        model.subgraphs[0].tensors[item.tensorIndex].name = item.name
    outputs = sorted(keys[SIGNATURE].outputs, key=lambda item: graph.text(item.name))
    model.subgraphs[0].outputs = np.array([item.tensorIndex for item in outputs], np.int32)
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
