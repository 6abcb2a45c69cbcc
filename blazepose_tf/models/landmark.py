"""The BlazePose landmark network (arXiv 2006.10204, figure 4).

    image -> encoder 128 64 32 16 8 --------------------------------.
                      |  |  |  |                                     |
                      decoder 64 <- 32 <- 16 <- 8 -> heatmaps, offsets   (training only)
                      :  :  :  :                                     :
                      regression encoder 64 -> 32 -> 16 -> 8 -> 4 -> 2 -> landmarks, visibility,
                                                                          presence, world

Dotted arrows are skip connections that carry no gradient back: the heatmaps train the features,
the regression encoder learns to read them. At inference the decoder's outputs are dropped, and
with them the decoder wherever the regression encoder starts from the encoder (`lite`, `full`).
"""

from __future__ import annotations

from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.models import branches
from blazepose_tf.models.blocks import Blocks, StopGradient, model, upsample
from blazepose_tf.models.presets import LandmarkPreset, landmark_preset
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

Tensor = Any

HEADS = ("heatmap", "offset")
"""Outputs of the training graph that the exported one does not have."""
NOMINAL_SIZE = 256
"""Layers are named after their resolution at this input, so that weights fit any input size."""
OUTPUTS = ("landmarks", "visibility", "presence", "world")


def _encoder(blocks: Blocks, image: Tensor, preset: LandmarkPreset) -> dict[int, Tensor]:
    """Features by (nominal) resolution: 128 to 16 with few channels, 8 expanded (576 for lite)."""
    x = blocks.conv(image, "stem", preset.stem, kernel=3, stride=2, relu=True)
    x = blocks.separable(x, "stem", preset.stem_out, relu=False)
    stages = blocks.encoder_stages(x, preset.stages, NOMINAL_SIZE // 2)
    features = {NOMINAL_SIZE // 2: x, **{int(name.split("_")[1]): y for name, y in stages}}
    bottom = min(features)
    last = features[bottom]
    x = blocks.conv(last, "encoder_last_expand", last.shape[-1] * 6, relu=True)
    features[bottom] = blocks.depthwise(x, "encoder_last_depthwise", 3)
    return features


def _decoder(blocks: Blocks, features: dict[int, Tensor], channels: int) -> Tensor:
    """Feature pyramid: every encoder stage joins on the way up to 64x64."""
    x = None
    for size in (8, 16, 32, 64):
        lateral = blocks.separable(features[size], f"decoder_{size}", channels)
        if x is None:
            x = lateral
        else:
            up = upsample(x, f"decoder_{size}_up")
            x = blocks.add([up, lateral], f"decoder_{size}_add")
    return x


def _fine_path(
    blocks: Blocks, source: Tensor, skips: dict[int, Tensor], preset: LandmarkPreset
) -> Tensor:
    """Regression encoder from 64x64 to 8x8, joined by the encoder's features at 32 and 16.

    Where the heatmap branch is its source (`heavy`) it is the paper's; where the encoder is, it is
    thin, and its last convolution starts at zero: MediaPipe's files have no such path.
    """
    x = source
    paper = preset.regression_source == "decoder"
    for size, width, count in zip((32, 16), preset.fine_widths, preset.fine_blocks, strict=False):
        name = f"regression_{size}"
        if paper:
            x = blocks.downsample(x, f"{name}_down", width)
        else:
            x = blocks.depthwise(x, f"{name}_down_depthwise", 3, stride=2, pad=False)
            x = blocks.conv(x, f"{name}_down_project", width, relu=True)
        for i in range(count):
            x = blocks.residual(x, f"{name}_{i}")
        skip = blocks.separable(skips[size], f"{name}_skip", width)
        x = blocks.add([x, skip], f"{name}_join")
    if paper:
        x = blocks.downsample(x, "regression_8_down", preset.coarse_width)
    else:
        x = blocks.depthwise(x, "regression_8_down_depthwise", 3, stride=2, pad=False)
        x = blocks.conv(x, "regression_8_down_project", preset.coarse_width, zero=True)
    for i in range(preset.fine_blocks[2]):
        x = blocks.residual(x, f"regression_8_{i}")
    return x


def _coarse_path(blocks: Blocks, x: Tensor, preset: LandmarkPreset) -> Tensor:
    """Regression encoder at 4x4 and 2x2. Stays float in int8 files: 8 bits here cost ten points."""
    rows = zip((4, 2), preset.coarse_blocks, preset.added_blocks, strict=True)
    for size, count, added in rows:
        x = blocks.downsample(x, f"regression_{size}_down", preset.coarse_width)
        for i in range(count):
            x = blocks.residual(x, f"regression_{size}_{i}", zero=i >= count - added)
    return x


def build_landmark(
    preset: str,
    *,
    heads: bool = False,
    mask: bool = False,
    rest: bool = False,
    layout: str = "own",
    stop_gradient: bool = True,
    quantization_aware: bool = False,
    batch_size: int | None = None,
) -> tf_keras.Model:
    """Build a landmark network.

    Input `image` (batch, 256, 256, 3), RGB, 0..1. Outputs, by name:
        landmarks (batch, 35, 3): x, y, z in crop units; points 33, 34 are the alignment points.
        visibility (batch, 33), presence (batch, 1): probabilities.
        world (batch, 33, 3): metres, origin between the hips.
        heatmap (batch, 64, 64, 33): logits, and offset (batch, 64, 64, 66): (x, y) per landmark in
            cells of the heatmap, from the cell's centre; only with `heads`.
        mask (batch, 256, 256, 1): probability that the pixel shows the person; only with `mask`.

    Args:
        preset: row of `presets.LANDMARK`.
        heads: also build the heatmap and offset outputs (training).
        mask: also build the mask.
        rest: also build what only MediaPipe's files have (training, see `branches.rest_outputs`).
        layout: `own` as above, or `mediapipe`: five outputs as in its files, nothing else
            (`branches.file_outputs`).
        stop_gradient: cut the regression encoder's gradient off the features, as the paper does.
        quantization_aware: simulate int8 everywhere but in the 4x4 and 2x2 regression encoder.
        batch_size: fixed for export, free for training.

    Raises:
        BadInputError: unknown preset.
    """
    row = landmark_preset(preset)
    blocks, float_blocks = Blocks(quantization_aware), Blocks()
    shape = (row.input_size, row.input_size, 3)
    image = layers.Input(shape, batch_size=batch_size, name="image")

    features = _encoder(blocks, blocks.ranged(image, "image"), row)
    theirs = layout == "mediapipe"
    needs_decoder = heads or mask or rest or theirs or row.regression_source == "decoder"
    decoded = _decoder(blocks, features, row.decoder) if needs_decoder else None

    def tap(x: Tensor, name: str) -> Tensor:
        return StopGradient(name=f"{name}_stop")(x) if stop_gradient else x

    source = decoded if row.regression_source == "decoder" else features[64]
    skips = {size: tap(features[size], f"skip_{size}") for size in (32, 16, 8)}
    fine = _fine_path(blocks, tap(source, "source"), skips, row)
    joined = blocks.separable(skips[8], "regression_8_skip", row.coarse_width)
    x = blocks.add([fine, joined], "regression_8_join")
    x = _coarse_path(float_blocks, x, row)

    mask_logit = None
    if mask or theirs:
        mask_logit = branches.mask_branch(blocks, features[NOMINAL_SIZE // 2], decoded, row)
    if theirs:
        outputs = branches.file_outputs(float_blocks, x, decoded, mask_logit)
        return model(image, outputs, f"blazepose_{preset}_mediapipe")

    def head(name: str, channels: int) -> Tensor:
        return float_blocks.conv(x, name, channels, kernel=2, padding="valid")

    points = head("landmarks_conv", NUM_POINTS * 3)
    visible = layers.Reshape((NUM_LANDMARKS,), name="visibility_logit")(
        head("visibility_conv", NUM_LANDMARKS)
    )
    present = layers.Reshape((1,), name="presence_logit")(head("presence_conv", 1))
    world = head("world_conv", NUM_LANDMARKS * 3)
    outputs = {
        "landmarks": layers.Reshape((NUM_POINTS, 3), name="landmarks")(points),
        "visibility": layers.Activation("sigmoid", name="visibility")(visible),
        "presence": layers.Activation("sigmoid", name="presence")(present),
        "world": layers.Reshape((NUM_LANDMARKS, 3), name="world")(world),
    }
    if heads:
        outputs["heatmap"] = float_blocks.conv(decoded, "heatmap", NUM_LANDMARKS)
        outputs["offset"] = float_blocks.conv(decoded, "offset", 2 * NUM_LANDMARKS, zero=True)
    if mask:
        outputs["mask"] = layers.Activation("sigmoid", name="mask")(mask_logit)
    if rest:
        outputs.update(branches.rest_outputs(float_blocks, x, decoded))
    return model(image, outputs, f"blazepose_{preset}")
