"""Rounds kernels to int8 so that the outputs change least, not the weights.

Rounding a kernel W to Q shifts each output channel by (Q - W) x. Its mean is taken out of the bias
(bias correction: Nagel et al. 2019, arXiv 1906.04721, section 4.2). Its variance is made small by
rounding one weight after the other and letting those still to come make up for what was lost, by
the covariance of the inputs x that the calibration pictures give (GPTQ: Frantar et al. 2022,
arXiv 2210.17323). Measured with Lite on 300 validation crops, kernels alone rounded, mean distance
from float in pixels of 256: to the nearest 2.85, with the mean taken out 0.60, with both 0.38.
Weights that were trained with simulated int8 need none of it.

Kernels that make up for each other on pictures of people do so less on pictures of anything else.
A landmark network sees people only; of the detector's kernels the mean alone is taken out: with
both it fired on 48 of 520 pictures without people and 34 of 175, with the mean on 31 and 16, in
float on 31 and 17.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import constants
from blazepose_tf.convert.graph import Operator

Array = NDArray[np.floating]

INT8_STEPS = 127
POSITIONS = 128
"""Places of a feature map that are looked at per picture."""
DAMPING = 0.1
"""Added to the covariance's diagonal, in parts of its mean: with 0.01 the 0.38 px are 0.42."""
LARGEST = 2048
"""Kernels with more weights per output channel are rounded to the nearest."""
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


@dataclass(frozen=True)
class Moments:
    """What an output channel's weights are multiplied with.

    mean [G, K], covariance [G, K, K]: K weights per output channel; G is 1 where all output
    channels see the same inputs, for a depthwise convolution the number of channels. Without a
    covariance weights cannot make up for each other.
    """

    mean: Array
    covariance: Array | None


class InputMoments:
    """Collects the `Moments` of convolutions, picture by picture; without `compensate` means."""

    def __init__(self, ops: Sequence[Operator], compensate: bool = True) -> None:
        self._ops = [op for op in ops if op.kind in CONVOLUTIONS]
        self._compensate = compensate
        self._totals: dict[int, Array] = {}
        self._products: dict[int, Array] = {}
        self._count: dict[int, int] = {}
        self._random = np.random.default_rng(0)

    def __call__(self, read: Callable[[int], Array]) -> None:
        """Look at one picture's activations; `read` gives a tensor's values by its index."""
        for op in self._ops:
            # In one piece: a product of matrices is ten times faster then.
            x = np.ascontiguousarray(patches(read(op.inputs[0].index), op, self._random))
            self._count[op.index] = self._count.get(op.index, 0) + x.shape[1]
            self._totals[op.index] = self._totals.get(op.index, 0.0) + x.sum(axis=1, dtype=float)
            if self._compensate and x.shape[-1] <= LARGEST:
                product = x.transpose(0, 2, 1) @ x
                self._products[op.index] = self._products.get(op.index, 0.0) + product

    def moments(self) -> dict[int, Moments]:
        """Operator index -> what was seen."""
        found = {}
        for index, total in self._totals.items():
            mean, covariance = total / self._count[index], None
            if index in self._products:
                square = self._products[index] / self._count[index]
                covariance = square - mean[:, :, None] * mean[:, None, :]
            found[index] = Moments(mean, covariance)
        return found


def patches(values: Array, op: Operator, random: np.random.Generator) -> Array:
    """Inputs of a convolution at some of its positions: [G, positions, K], see `Moments`.

    values [1, H, W, C]. The order of the K inputs is that of the file's kernels: height, width,
    and for a plain convolution the input channel.
    """
    _, kernel_height, kernel_width, _ = op.inputs[1].shape
    strides = (op.options.strideH, op.options.strideW)
    if op.options.padding == schema.Padding.SAME:
        margins = [
            max((out - 1) * stride + kernel - size, 0)
            for out, stride, kernel, size in zip(
                op.outputs[0].shape[1:3], strides, (kernel_height, kernel_width),
                values.shape[1:3], strict=True,
            )
        ]  # fmt: skip
        around = [(margin // 2, margin - margin // 2) for margin in margins]
        values = np.pad(values, [(0, 0), *around, (0, 0)])
    windows: Array = np.lib.stride_tricks.sliding_window_view(  # type: ignore[call-overload]
        values[0], (kernel_height, kernel_width), axis=(0, 1)
    )[:: strides[0], :: strides[1]]
    places = windows.shape[0] * windows.shape[1]
    chosen = random.permutation(places)[:POSITIONS]
    x = windows[chosen // windows.shape[1], chosen % windows.shape[1]]  # [P, C, h, w]
    if op.kind == "DEPTHWISE_CONV_2D":
        return x.reshape(len(x), x.shape[1], -1).transpose(1, 0, 2)
    return x.transpose(0, 2, 3, 1).reshape(1, len(x), -1)


def kernel_rows(op: Operator, kernel: Array) -> Array:
    """A file's kernel as [G, R, K]: [channels, 1, h * w], or [1, out, h * w * in]."""
    if op.kind == "DEPTHWISE_CONV_2D":
        return kernel.reshape(-1, kernel.shape[3]).T[:, None]
    return kernel.reshape(1, kernel.shape[0], -1)


def round_rows(rows: Array, covariance: Array) -> Array:
    """Rows of weights [G, R, K] on their int8 grids, for inputs of `covariance` [G, K, K].

    A row's grid has the scale max|w| / 127 and the largest weight stays what it is: the quantiser
    finds the same grid again.
    """
    scale = _scales(rows)[..., 0]
    diagonal = np.diagonal(covariance, axis1=1, axis2=2)
    # The inputs that vary most come first, while there are others to make up for their error.
    order = np.argsort(-diagonal, axis=1, kind="stable")
    w = np.take_along_axis(rows.astype(float), order[:, None], axis=2)
    ordered = np.take_along_axis(covariance, order[:, :, None], axis=1)
    ordered = np.take_along_axis(ordered, order[:, None], axis=2).astype(float)
    damping = DAMPING * diagonal.mean(axis=1) + 1e-9
    ordered += damping[:, None, None] * np.eye(rows.shape[2])
    upper = np.linalg.cholesky(np.linalg.inv(ordered)).transpose(0, 2, 1)
    largest = np.abs(w).argmax(axis=2)[..., None]
    kept = np.take_along_axis(w, largest, axis=2)
    for i in range(rows.shape[2]):
        np.put_along_axis(w, largest, kept, axis=2)
        steps = np.clip(np.round(w[:, :, i] / scale), -INT8_STEPS, INT8_STEPS)
        lost = (w[:, :, i] - steps * scale) / upper[:, None, i, i]
        w[:, :, i] = steps * scale
        w[:, :, i + 1 :] -= lost[..., None] * upper[:, None, i, i + 1 :]
    return np.take_along_axis(w, np.argsort(order, axis=1)[:, None], axis=2)


def _scales(rows: Array) -> Array:
    scale = np.abs(rows).max(axis=2, keepdims=True) / INT8_STEPS
    return np.where(scale > 0, scale, 1.0)


def _nearest(rows: Array) -> Array:
    scale = _scales(rows)
    return np.round(rows / scale) * scale


def round_kernels(model: Any, ops: Sequence[Operator], moments: Mapping[int, Moments]) -> None:
    """Round the kernels of the convolutions among `ops` in a float `ModelT`, in place, and take
    the mean error out of their biases. moments: by operator index."""
    for op in ops:
        if op.kind not in CONVOLUTIONS:
            continue
        kernel, seen = constants.values(model, op.inputs[1]), moments[op.index]
        rows = kernel_rows(op, kernel)
        if seen.covariance is None:
            rounded = _nearest(rows)
        else:
            rounded = round_rows(rows, seen.covariance)
        shift = ((rounded - rows) * seen.mean[:, None]).sum(axis=2).reshape(-1)
        back = rounded[:, 0].T if op.kind == "DEPTHWISE_CONV_2D" else rounded
        constants.replace(model, op, 1, back.reshape(kernel.shape))
        constants.replace(model, op, 2, constants.values(model, op.inputs[2]) - shift)
