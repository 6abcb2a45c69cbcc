"""Anchors against a plain loop and the counts of MediaPipe's published graphs."""

from __future__ import annotations

import numpy as np
import pytest

from blazepose_tf.anchors import AnchorOptions, generate_anchors

POSE = AnchorOptions()
FACE = AnchorOptions(input_size=128, strides=(8, 16, 16, 16))
PALM = AnchorOptions(input_size=192, strides=(8, 16, 16, 16))


@pytest.mark.parametrize(("options", "count"), [(POSE, 2254), (FACE, 896), (PALM, 2016)])
def test_counts_are_those_of_mediapipe(options: AnchorOptions, count: int) -> None:
    assert generate_anchors(options).shape == (count, 2)


@pytest.mark.parametrize("options", [POSE, FACE])
def test_order_is_stride_row_column_anchor(options: AnchorOptions) -> None:
    expected = []
    layer = 0
    while layer < len(options.strides):
        stride = options.strides[layer]
        same = 0
        while layer < len(options.strides) and options.strides[layer] == stride:
            layer, same = layer + 1, same + 1
        cells = options.input_size // stride
        for row in range(cells):
            for column in range(cells):
                for _ in range(2 * same):
                    expected.append(((column + 0.5) / cells, (row + 0.5) / cells))
    anchors = generate_anchors(options)
    assert anchors.dtype == np.float32
    assert np.array_equal(anchors, np.array(expected, np.float32))


def test_a_size_that_the_stride_does_not_divide_gets_one_more_cell() -> None:
    assert len(generate_anchors(AnchorOptions(input_size=20, strides=(8,), per_layer=1))) == 9
