"""XNNPACK: what it takes is seen by running; what it leaves is named."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from blazepose_tf.convert import delegates
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.interpreter import BACKENDS


def convert(function: Any, *shapes: list[int]) -> bytes:
    """A function of float32 tensors as a .tflite file."""
    specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    concrete = tf.function(function, input_signature=specs).get_concrete_function()
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())


def convolution(x: Any) -> Any:
    return tf.nn.conv2d(x, tf.ones((3, 3, 3, 4)), 1, "SAME")


@pytest.mark.parametrize("backend", ["ai-edge-litert", "tflite-runtime"])
def test_takes_our_float_files_whole(tiny: Any, backend: str) -> None:
    pytest.importorskip(BACKENDS[backend])
    for content in (tiny.float32, tiny.float16):
        assert delegates.xnnpack(content, backend) == delegates.Delegation(True, 1, ())


def test_takes_our_int8_file_whole(tiny: Any) -> None:
    assert delegates.xnnpack(tiny.int8.content, "ai-edge-litert").whole


def test_an_operator_in_the_middle_is_named() -> None:
    """REVERSE_V2 between two convolutions: XNNPACK has no such kernel."""
    content = convert(
        lambda x: tf.nn.conv2d(tf.reverse(convolution(x), [1]), tf.ones((1, 1, 4, 4)), 1, "SAME"),
        [1, 8, 8, 3],
    )
    result = delegates.xnnpack(content, "ai-edge-litert")
    assert not result.whole
    assert [name.split()[0] for name in result.outside] == ["REVERSE_V2"]


def test_an_operator_beside_the_delegate_is_named() -> None:
    """It writes an output of the graph itself, so one delegated node is not the whole graph."""
    content = convert(lambda x: (convolution(x), tf.argmax(x, axis=-1)), [1, 8, 8, 3])
    result = delegates.xnnpack(content, "ai-edge-litert")
    assert result.kernels == 1 and not result.whole
    assert [name.split()[0] for name in result.outside] == ["ARG_MAX"]


def test_a_file_that_cannot_be_loaded_is_one_line() -> None:
    with pytest.raises(BadInputError, match="cannot load") as caught:
        delegates.xnnpack(b"\x1c\0\0\0TFL3" + bytes(40), "ai-edge-litert")
    assert "\n" not in str(caught.value)
