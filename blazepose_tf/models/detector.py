"""The person detector: face box and four alignment points for every anchor (MediaPipe's layout).

image -> rescale to -1..1 -> encoder 112 56 28 14 7
7x7 -> up, + 14x14 -> 2 residuals -> up, + 28x28 -> 2 residuals
each of the three -> depth to space -> stride-2 depthwise -> scores and boxes
"""

from __future__ import annotations

from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.blocks import Blocks, DepthToSpace, model, upsample
from blazepose_tf.models.presets import DETECTOR, DetectorPreset

Tensor = Any

NOMINAL_SIZE = 224
"""Layers are named after their resolution at this input, so that weights fit any input size."""
VALUES = 12
"""Face box x, y, w, h, then x, y of mid-hip, full-body circle, mid-shoulder, upper-body circle."""


def _pyramid(blocks: Blocks, features: dict[int, Tensor], row: DetectorPreset) -> dict[int, Tensor]:
    """Encoder features joined from coarse to fine: {7: ..., 14: ..., 28: ...}."""
    outputs = {7: features[7]}
    x = features[7]
    for size, channels in zip((14, 28), reversed(row.pyramid), strict=True):
        lateral = blocks.separable(
            features[size], f"pyramid_{size}_lateral", channels, depthwise_relu=False
        )
        if row.reduce_first:
            x = blocks.conv(x, f"pyramid_{size}_reduce", channels, relu=True)
            up = upsample(x, f"pyramid_{size}_up")
        else:
            x = upsample(x, f"pyramid_{size}_up")
            up = blocks.conv(x, f"pyramid_{size}_reduce", channels, relu=True)
        x = blocks.add([lateral, up], f"pyramid_{size}_join")
        for i in range(2):
            x = blocks.residual(x, f"pyramid_{size}_{i}", depthwise_relu=False)
        outputs[size] = x
    return outputs


def build_detector(
    preset: str = "detector", *, layout: str = "own", quantization_aware: bool = False,
    batch_size: int | None = None, input_size: int | None = None,
) -> tf_keras.Model:  # fmt: skip
    """Build the detector.

    Input `image` (batch, S, S, 3), RGB, 0..1 (letterboxed, black bars), S and the number A of
    anchors as in the preset (MediaPipe's 224 and 2254). Outputs:
        boxes (batch, A, 12): pixels of the input, relative to the anchor's centre.
        scores (batch, A): probabilities.

    With the `layout` of MediaPipe's file the input is -1..1, and the outputs are `Identity`, the
    boxes, and `Identity_1` (batch, 2254, 1), logits.

    `input_size`, if given, replaces the preset's. `quantization_aware` simulates int8 everywhere
    but in the last convolutions and outputs.

    Raises:
        BadInputError: unknown preset.
    """
    if preset not in DETECTOR:
        raise BadInputError(
            f"unknown detector preset {preset!r}; choose one of {', '.join(DETECTOR)}"
        )
    row = DETECTOR[preset]
    size = input_size or row.anchors.input_size
    blocks, float_blocks = Blocks(quantization_aware), Blocks()
    image = layers.Input((size, size, 3), batch_size=batch_size, name="image")
    theirs = layout == "mediapipe"
    # Not folded into the stem: its padding is zero in -1..1, which is mid-grey in 0..1.
    x = blocks.ranged(image, "image")
    x = x if theirs else blocks.ranged(layers.Rescaling(2.0, -1.0, name="rescale")(x), "rescale")
    x = blocks.conv(x, "stem", row.stem, kernel=3, stride=2, relu=True)
    x = blocks.separable(x, "stem", row.stem_out, relu=False)
    stages = blocks.encoder_stages(x, row.stages, NOMINAL_SIZE // 2)
    features = {int(name.split("_")[1]): y for name, y in stages}
    x = blocks.conv(features[7], "encoder_last_expand", features[7].shape[-1] * 6, relu=True)
    features[7] = blocks.depthwise(x, "encoder_last_depthwise", 3)

    scores: list[Tensor] = []
    boxes: list[Tensor] = []
    for stride_size, y in sorted(_pyramid(blocks, features, row).items(), reverse=True):
        spread = DepthToSpace(name=f"head_{stride_size}_spread")(y)
        count = row.anchors.per_layer * row.anchors.strides.count(NOMINAL_SIZE // stride_size)
        for name, values, parts in (("score", 1, scores), ("box", VALUES, boxes)):
            prefix = f"head_{stride_size}_{name}"
            z = blocks.depthwise(spread, f"{prefix}_depthwise", 3, stride=2, relu=False)
            z = float_blocks.conv(z, f"{prefix}_project", count * values)
            parts.append(layers.Reshape((-1, values), name=f"{prefix}_flat")(z))
    logits = layers.Concatenate(axis=1, name="scores_joined")(scores)
    if theirs:
        both = layers.Concatenate(axis=1, name="Identity")(boxes), logits
        return model(image, dict(zip(("Identity", "Identity_1"), both, strict=True)),
                     f"blazepose_{preset}_mediapipe")  # fmt: skip
    logits = layers.Reshape((-1,), name="scores_logit")(logits)
    outputs = {
        "boxes": layers.Concatenate(axis=1, name="boxes")(boxes),
        "scores": layers.Activation("sigmoid", name="scores")(logits),
    }
    return model(image, outputs, f"blazepose_{preset}")
