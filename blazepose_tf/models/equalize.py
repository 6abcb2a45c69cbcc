"""Cross-layer equalisation: the same function, but channels that fit into 8 bits together.

Where a linear convolution feeds other convolutions, a channel can be made larger in the first and
smaller by as much in the others without changing what is computed (Nagel et al. 2019, Data-Free
Quantization, arXiv 1906.04721). One int8 scale per tensor serves the largest channel; MediaPipe's
bottlenecks have channels ten times smaller than that, and lose them. Measured on Lite: the stem's 8
channels reach from 3 to 32.

Before a ReLU6 the same holds as long as nothing new is clipped: a channel that was never seen above
0.25 is made six times as large, which leaves it four times its reach. In Lite one such channel
(always 0.25, times 23 in the next kernel) and a few like it were a fifth of what int8 lost. Of
margins of 1.5, 3, 4 and 5 the first clips people unlike the rendered ones it is measured on (Full
0.8 -> 1.2 px of mean distance from float on 150 validation people), the others do equally well.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.models.centre import centre
from blazepose_tf.models.equal_groups import Group, find_bends, find_groups, kind_of
from blazepose_tf.models.weights import Weights, apply_weights

Array = NDArray[np.floating]

SMALLEST = 1e-6
LIMIT = 64.0
"""A channel that hardly ever fires is not blown up by more than this."""
STEM = "stem"
RELU6 = 6.0
MARGIN = 4.0
"""How far beyond what it was seen to reach a ReLU6's channel may go before it is clipped."""
WIDEST = 16.0
FAINT = 0.05
"""A channel that reaches no further is not widened: what it says is not known."""


def _kernel(layer: str, depthwise: bool) -> str:
    return f"{layer}/{'depthwise_kernel' if depthwise else 'kernel'}"


def _scale(arrays: dict[str, Array], group: Group, kinds: dict[str, str], gain: Array) -> None:
    """Multiply the makers' channels by `gain`, divide the readers' by it."""
    for name in group.makers:
        key = _kernel(name, kinds[name] == "depthwise")
        shaped = gain[:, None] if kinds[name] == "depthwise" else gain
        arrays[key] = arrays[key] * shaped
        arrays[f"{name}/bias"] = arrays[f"{name}/bias"] * gain
    for name in group.readers:
        key = _kernel(name, kinds[name] == "depthwise")
        arrays[key] = arrays[key] / gain[:, None]


def channel_sizes(
    model: tf_keras.Model, names: Iterable[str], batches: list[Array]
) -> dict[str, Array]:
    """Largest |value| of every channel of the named layers' outputs, over float image batches."""
    names = list(names)
    probe = tf_keras.Model(model.input, {name: model.get_layer(name).output for name in names})
    sizes: dict[str, Array] = {}
    for batch in batches:
        for name, value in probe(batch).items():
            found = np.abs(value.numpy()).max(axis=(0, 1, 2))
            sizes[name] = np.maximum(sizes.get(name, found), found)
    return sizes


def equalize(model: tf_keras.Model, weights: Weights, batches: list[Array]) -> Weights:
    """Weights that compute the same with centred, wide channels of equal size where possible.

    Args:
        model: the float network, holding `weights`; it holds the centred ones afterwards.
        weights: what to change; arrays that `model` lacks (training heads) stay as they are and
            would no longer fit an equalised encoder, so they are dropped.
        batches: images float32 [B, S, S, 3], 0..1, to see the channels' sizes on.
    """
    own = {f"{layer.name}/" for layer in model.layers}
    arrays = {k: v.copy() for k, v in weights.arrays.items() if any(k.startswith(o) for o in own)}
    arrays = centre(model, Weights(arrays, {}), batches).arrays
    apply_weights(model, Weights(arrays, {}))
    kinds = {layer.name: kind_of(layer) for layer in model.layers}
    groups = find_groups(model)
    bends = [group for group in find_bends(model) if group.makers != [STEM]]
    names = {n for g in groups for n in (*g.makers, *g.sums)} | {g.sums[0] for g in bends}
    sizes = channel_sizes(model, names, batches)
    for group in groups:
        largest = np.max([sizes[name] for name in (*group.makers, *group.sums)], axis=0)
        largest = np.maximum(largest, SMALLEST)
        _scale(arrays, group, kinds, np.clip(largest.max() / largest, 1.0, LIMIT))
    for group in bends:
        reach = sizes[group.sums[0]]
        gain = np.clip(RELU6 / (MARGIN * np.maximum(reach, FAINT)), 1.0, WIDEST)
        _scale(arrays, group, kinds, np.where(reach > FAINT, gain, 1.0))
    _widen_stem(arrays, kinds)
    return Weights(arrays, weights.about)


def _widen_stem(arrays: dict[str, Array], kinds: dict[str, str]) -> None:
    """Let every channel of the stem's ReLU6 reach 6, where its weights bound it below that.

    The image is 0..1 (or -1..1), so a channel is at most bias + sum |w|: scaled so that this is 6,
    nothing is clipped that was not.
    """
    kernel, bias = arrays["stem/kernel"], arrays["stem/bias"]
    bound = np.abs(kernel).sum(axis=(0, 1, 2)) + np.maximum(bias, 0)
    gain = np.maximum(RELU6 / np.maximum(bound, SMALLEST), 1.0)
    _scale(arrays, Group([STEM], [], ["stem_depthwise"]), kinds, np.minimum(gain, LIMIT))
