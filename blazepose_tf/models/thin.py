"""Fewer channels inside an inverted residual block: chosen, refitted, and left out of the files.

A block's expanded channels are seen by nobody but its own projection, so that any of them can go
when the projection is fitted anew (He et al. 2017, arXiv 1707.06168). Weights keep their shapes:
a channel that is gone has only zeros, training leaves it so (`Loop`, keep_zeros), and
`build_landmark` with `widths` builds the network without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.narrow import POSITIONS, RIDGE, fit
from blazepose_tf.models.weights import Weights

Array = NDArray[Any]

EXPAND, DEPTHWISE, PROJECT = "_expand", "_depthwise", "_project"


def _block_arrays(block: str) -> tuple[tuple[str, int], ...]:
    """(array, axis of the expanded channels) of a block."""
    return (
        (f"{block}{EXPAND}/kernel", 3), (f"{block}{EXPAND}/bias", 0),
        (f"{block}{DEPTHWISE}/depthwise_kernel", 2), (f"{block}{DEPTHWISE}/bias", 0),
        (f"{block}{PROJECT}/kernel", 2),
    )  # fmt: skip


def alive(weights: Weights) -> dict[str, NDArray[np.bool_]]:
    """Block -> which of its expanded channels are not zero; only blocks where some are gone."""
    found = {}
    for name in weights.arrays:
        block = name.removesuffix(f"{PROJECT}/kernel")
        if block == name or f"{block}{EXPAND}/kernel" not in weights.arrays:
            continue
        kept = np.abs(weights.arrays[name]).max(axis=(0, 1, 3)) > 0
        if not kept.all() and kept.any():
            found[block] = kept
    return found


def without_dead_channels(weights: Weights) -> tuple[Weights, dict[str, int]]:
    """(weights without the channels that are zero, width of every block that lost some)."""
    blocks = alive(weights)
    arrays = dict(weights.arrays)
    for block, kept in blocks.items():
        for name, axis in _block_arrays(block):
            arrays[name] = np.compress(kept, arrays[name], axis=axis)
    widths = {block: int(kept.sum()) for block, kept in blocks.items()}
    return Weights(arrays, weights.about), widths


def choose(gram: Array, cross: Array, count: int) -> NDArray[np.intp]:
    """Indices of the `count` inputs that together explain the outputs best, found by leaving out
    one after the other.

    Least squares without input i costs w_i^2 / (G^-1)_ii more. gram: X^T X [C, C]; cross: X^T Y
    [C, D], both of centred values.
    """
    left = np.arange(len(gram))
    inverse = np.linalg.inv(gram)
    weights = inverse @ cross
    while len(left) > count:
        cost = np.square(weights).sum(axis=1) / np.diag(inverse)
        out = int(cost.argmin())
        column = inverse[:, out] / inverse[out, out]
        weights = np.delete(weights - np.outer(column, weights[out]), out, axis=0)
        inverse = np.delete(
            np.delete(inverse - np.outer(column, inverse[out]), out, axis=0), out, axis=1
        )
        left = np.delete(left, out)
    return left


def thin(model: tf_keras.Model, images: Array, widths: Mapping[str, int]) -> dict[str, float]:
    """Zero all but `widths[block]` expanded channels of the named blocks, in place.

    Blocks are done in the order of the network; each projection is fitted to what it said before
    anything was left out. Returns the unexplained share of every block's output.

    Raises:
        BadInputError: no such block, or more channels than it has.
    """
    expansions = [layer.name for layer in model.layers if layer.name.endswith(EXPAND)]
    names = [name.removesuffix(EXPAND) for name in expansions]
    unknown = sorted(set(widths) - set(names))
    if unknown:
        raise BadInputError(f"no block {unknown[0]!r}; choose of {', '.join(names)}")
    ordered = [name for name in names if name in widths]
    random, lost = np.random.default_rng(0), {}

    def outputs(*layers: str) -> list[Array]:
        probe = tf_keras.Model(model.input, [model.get_layer(name).output for name in layers])
        found = probe.predict(images, batch_size=16, verbose=0)
        return found if isinstance(found, list) else [found]

    if not ordered:
        return {}
    wanted = dict(zip(ordered, outputs(*(f"{name}{PROJECT}" for name in ordered)), strict=True))
    for block in ordered:
        (x,) = outputs(f"{block}{DEPTHWISE}_relu6")
        y = wanted.pop(block)
        x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
        if not 0 < widths[block] <= x.shape[1]:
            raise BadInputError(
                f"{block} has {x.shape[1]} channels, {widths[block]} were asked for"
            )
        rows = random.permutation(len(x))[: 2 * POSITIONS]
        x, y = x[rows].astype(np.float64), y[rows].astype(np.float64)
        centred_x, centred_y = x - x.mean(axis=0), y - y.mean(axis=0)
        gram = centred_x.T @ centred_x
        gram += RIDGE * 1e-2 * np.trace(gram) / len(gram) * np.eye(len(gram))
        kept = choose(gram, centred_x.T @ centred_y, widths[block])
        kernel, bias = fit(x[:, kept].astype(np.float32), y.astype(np.float32))
        _write(model, block, kept, kernel, bias)
        rest = y - (x[:, kept] @ kernel + bias)
        lost[block] = float(np.square(rest).sum() / np.square(centred_y).sum())
    return lost


def _write(
    model: tf_keras.Model, block: str, kept: NDArray[np.intp], kernel: Array, bias: Array
) -> None:
    dead = np.setdiff1d(np.arange(model.get_layer(f"{block}{EXPAND}").output_shape[-1]), kept)
    expand, offset = model.get_layer(f"{block}{EXPAND}").get_weights()
    expand[..., dead], offset[dead] = 0, 0
    model.get_layer(f"{block}{EXPAND}").set_weights([expand, offset])
    depthwise, offset = model.get_layer(f"{block}{DEPTHWISE}").get_weights()
    depthwise[:, :, dead], offset[dead] = 0, 0
    model.get_layer(f"{block}{DEPTHWISE}").set_weights([depthwise, offset])
    project, _ = model.get_layer(f"{block}{PROJECT}").get_weights()
    project[:] = 0
    project[0, 0, kept] = kernel
    model.get_layer(f"{block}{PROJECT}").set_weights([project, bias])
