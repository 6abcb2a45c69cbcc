"""The GPU delegate's rules, op by op.

TensorFlow 2.19's `Analyzer(gpu_compatibility=True)` is no judge: it accepts any graph, ARG_MAX too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from blazepose_tf.convert import graph
from blazepose_tf.convert.gpu_rules import gpu_issues
from tests.convert.test_delegates import convert, convolution

REFUSED: dict[str, tuple[Any, str]] = {
    "ARG_MAX": (lambda x: tf.argmax(convolution(x), axis=-1), "not supported"),
    "GATHER_ND": (lambda x: tf.gather_nd(x, [[0, 1], [0, 2]]), "not supported"),
    "REVERSE_V2": (lambda x: tf.reverse(convolution(x), [1]), "not supported"),
    "MIRROR_PAD": (
        lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC"),
        "only reflecting",
    ),
    "STRIDED_SLICE": (lambda x: convolution(x)[:, 0, 2:4], "shrink_axis_mask"),
    "CAST": (lambda x: tf.cast(convolution(x), tf.int8), "no cast"),
}
ACCEPTED: dict[str, Any] = {
    "PAD": lambda x: tf.pad(convolution(x), [[0, 0], [1, 1], [1, 1], [0, 0]]),
    "MIRROR_PAD": lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT"),
    "STRIDED_SLICE": lambda x: x[:, 1:7, 2:8],
    "DEPTH_TO_SPACE": lambda x: tf.nn.depth_to_space(convolution(x), 2),
    "RESIZE_BILINEAR": lambda x: tf.image.resize(x, [16, 16]),
    "MEAN": lambda x: tf.reduce_mean(x, [1, 2], keepdims=True),
    "SOFTMAX": lambda x: tf.nn.softmax(x),
    "MUL": lambda x: x * tf.reduce_mean(x, [1, 2], keepdims=True),
}


def issues(content: bytes) -> dict[str, str]:
    """Kind -> reason of every refused operator."""
    return {i.kind: i.reason for i in gpu_issues(graph.operators(graph.parse(content)))}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_operators_are_named_with_the_reason(kind: str) -> None:
    function, reason = REFUSED[kind]
    content = convert(function, [1, 8, 8, 3])
    found = gpu_issues(graph.operators(graph.parse(content)))
    assert kind in [issue.kind for issue in found] and reason in issues(content)[kind]
    # Nothing else in the graph is refused.
    assert {issue.kind for issue in found} == {kind}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_accepted_operators(kind: str) -> None:
    content = convert(ACCEPTED[kind], [1, 8, 8, 3])
    kinds = [op.kind for op in graph.operators(graph.parse(content))]
    assert kind in kinds
    assert issues(content) == {}


def test_resize_with_both_flags_is_refused() -> None:
    """TensorFlow does not build such a graph; other converters did."""
    model = graph.parse(convert(ACCEPTED["RESIZE_BILINEAR"], [1, 8, 8, 3]))
    (operator,) = [
        model.subgraphs[0].operators[op.index]
        for op in graph.operators(model)
        if op.kind == "RESIZE_BILINEAR"
    ]
    operator.builtinOptions.halfPixelCenters = True
    operator.builtinOptions.alignCorners = True
    content = graph.to_bytes(model)
    assert "exclude each other" in issues(content)["RESIZE_BILINEAR"]


def test_operands_that_do_not_broadcast_are_refused() -> None:
    content = convert(lambda x, y: x * y, [1, 8, 1, 3], [1, 1, 8, 3])
    assert "at least as large" in issues(content)["MUL"]


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_our_files_pass(tiny: Any, precision: str) -> None:
    content = tiny.int8.content if precision == "int8" else getattr(tiny, precision)
    assert issues(content) == {}


def test_five_dimensions_are_refused() -> None:
    content = convert(lambda x: tf.reshape(x, [1, 8, 4, 2, 3]) + 1.0, [1, 8, 8, 3])
    assert "at most four" in issues(content)["ADD"]


def test_sparse_weights_count_as_constants(mediapipe_file: Callable[[str], Path]) -> None:
    assert issues(mediapipe_file("detector").read_bytes()) == {}
