"""The BlazePose landmark network (arXiv 2006.10204, figure 4).

    image -> encoder 128 64 32 16 8 --------------------------------.
                      |  |  |  |                                     |
                      decoder 64 <- 32 <- 16 <- 8 -> heatmaps, offsets   (training only)
                      :  :  :  :                                     :
                      regression encoder 64 -> 32 -> 16 -> 8 -> 4 -> 2 -> landmarks, visibility,
                      :  :  :                                             presence, world
                      refinement 32 <- 16 <- 8 -> evidence -> landmarks placed anew

Dotted arrows are skip connections that carry no gradient back: the heatmaps train the features,
the regression encoder learns to read them. At inference the decoder's outputs are dropped, and
with them the decoder wherever the regression encoder starts from the encoder's 8x8 features
(`lite`, `full`). What the heatmaps knew and 2x2 features forget comes back there by the refinement
(`refinement`), which MediaPipe's files lack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.models import branches, refinement
from blazepose_tf.models.blocks import Blocks, StopGradient, model, resized
from blazepose_tf.models.presets import LandmarkPreset, landmark_preset
from blazepose_tf.models.refinement import PointRefinement
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

Tensor = Any

HEADS = ("heatmap", "offset")
"""Outputs of the training graph that the exported one does not have."""
NOMINAL_SIZE = 256
"""Layers are named after their resolution at this input, so that weights fit any input size."""
STEM_SIZE = NOMINAL_SIZE // 2
TRUNK, TRUNK_SIZE = 2, 32
"""The first stage of the trunk, and the resolution of what it reads."""
COARSE_START = 8
"""Cells at which 4x4 and 2x2 of the regression encoder begin."""
OUTPUTS = ("landmarks", "visibility", "presence", "world")


def _stem(blocks: Blocks, image: Tensor, preset: LandmarkPreset) -> Tensor:
    """Features at 128x128, of few channels."""
    x = blocks.conv(image, "stem", preset.stem, kernel=3, stride=2, relu=True)
    return blocks.separable(x, "stem", preset.stem_out, relu=False)


def _encoder(blocks: Blocks, image: Tensor, preset: LandmarkPreset) -> dict[int, Tensor]:
    """Features by (nominal) resolution: 128 to 16 with few channels, 8 expanded (576 for lite)."""
    features = {STEM_SIZE: _stem(blocks, image, preset)}
    stages = blocks.encoder_stages(features[STEM_SIZE], preset.stages[:TRUNK], STEM_SIZE)
    seen_as = preset.trunk_size or preset.input_size
    x = resized(stages[-1][1], "trunk_resize", seen_as * TRUNK_SIZE // NOMINAL_SIZE)
    stages += blocks.encoder_stages(x, preset.stages[TRUNK:], TRUNK_SIZE)
    features |= {int(name.split("_")[1]): y for name, y in stages}
    bottom = min(features)
    last = features[bottom]
    x = blocks.conv(last, "encoder_last_expand", last.shape[-1] * 6, relu=True)
    features[bottom] = blocks.depthwise(x, "encoder_last_depthwise", 3)
    return features


def _pyramid(
    blocks: Blocks, features: dict[int, Tensor], channels: int, finest: int, name: str
) -> Tensor:
    """Feature pyramid: every encoder stage joins on the way up from 8x8 to `finest`."""
    x = None
    for size in (8, 16, 32, 64):
        if size > finest:
            break
        lateral = blocks.separable(features[size], f"{name}_{size}", channels)
        if x is None:
            x = lateral
        else:
            up = resized(x, f"{name}_{size}_up", lateral.shape[1])
            x = blocks.add([up, lateral], f"{name}_{size}_add")
    return x


def _fine_path(
    blocks: Blocks, source: Tensor, skips: dict[int, Tensor], preset: LandmarkPreset
) -> Tensor:
    """Regression encoder from 64x64 to 8x8, joined by the encoder's features at 32 and 16."""
    x = source
    widths = preset.fine_widths or ()
    for size, width, count in zip((32, 16), widths, preset.fine_blocks, strict=False):
        name = f"regression_{size}"
        x = blocks.downsample(x, f"{name}_down", width)
        for i in range(count):
            x = blocks.residual(x, f"{name}_{i}")
        skip = blocks.separable(skips[size], f"{name}_skip", width)
        x = blocks.add([x, skip], f"{name}_join")
    x = blocks.downsample(x, "regression_8_down", preset.coarse_width)
    for i in range(preset.fine_blocks[2]):
        x = blocks.residual(x, f"regression_8_{i}")
    return x


def _coarse_path(blocks: Blocks, x: Tensor, preset: LandmarkPreset) -> Tensor:
    """Regression encoder at 4x4 and 2x2. Stays float in int8 files: 8 bits here cost ten points.

    Whatever the input size, it begins at 8x8 cells: what its features mean depends on how much of
    the crop a cell covers (lite at 192 px, weights of 256 px: PCK@0.2 75.5, 44.3 without)."""
    x = resized(x, "regression_8_resize", COARSE_START)
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
    regressed: bool = False,
    widths: Mapping[str, int] | None = None,
) -> tf_keras.Model:
    """Build a landmark network.

    Input `image` (batch, 256, 256, 3) or of the preset's size, RGB, 0..1. Outputs, by name:
        landmarks (batch, 35, 3): x, y, z in crop units; points 33, 34 are the alignment points.
        visibility (batch, 33), presence (batch, 1): probabilities.
        world (batch, 33, 3): metres, origin between the hips.
        heatmap (batch, 64, 64, 33), a quarter of the input: logits, and offset (batch, 64, 64, 66):
            (x, y) per landmark in cells of the heatmap, from the cell's centre; only with `heads`.
        mask (batch, 256, 256, 1): probability that the pixel shows the person; only with `mask`.
        regressed (batch, 35, 3): landmarks before refinement; only with `regressed`.

    Args:
        preset: row of `presets.LANDMARK`.
        heads: also build the heatmap and offset outputs (training).
        mask: also build the mask.
        rest: also build what only MediaPipe's files have (training, see `branches.rest_outputs`).
        layout: `own` as above, or `mediapipe`: five outputs as in its files, nothing else
            (`branches.file_outputs`).
        stop_gradient: cut the regression encoder's gradient off the features, as the paper does.
        quantization_aware: simulate int8 everywhere but in the 4x4 and 2x2 regression encoder and
            in the refinement.
        batch_size: fixed for export, free for training.
        regressed: also give the landmarks before refinement (training).
        widths: expanded channels of blocks that lost some (`thin.without_dead_channels`).

    Raises:
        BadInputError: unknown preset.
    """
    row = landmark_preset(preset)
    blocks, float_blocks = Blocks(quantization_aware, widths), Blocks()
    shape = (row.input_size, row.input_size, 3)
    image = layers.Input(shape, batch_size=batch_size, name="image")

    seen_image = blocks.ranged(image, "image")
    features = _encoder(blocks, seen_image, row)
    theirs = layout == "mediapipe"
    paper = row.fine_widths is not None
    needs_decoder = heads or mask or rest or theirs or paper
    decoded = _pyramid(blocks, features, row.decoder, 64, "decoder") if needs_decoder else None

    def tap(x: Tensor, name: str) -> Tensor:
        return StopGradient(name=f"{name}_stop")(x) if stop_gradient else x

    sizes = (32, 16, 8) if paper or (row.refined and not theirs) else (8,)
    skips = {size: tap(features[size], f"skip_{size}") for size in sizes}
    x = blocks.separable(skips[8], "regression_8_skip", row.coarse_width)
    if paper:
        fine = _fine_path(blocks, tap(decoded, "source"), skips, row)
        x = blocks.add([fine, x], "regression_8_join")
    x = _coarse_path(float_blocks, x, row)

    mask_logit = None
    if mask or theirs:
        mask_logit = branches.mask_branch(blocks, features[STEM_SIZE], decoded, row)
    if theirs:
        outputs = branches.file_outputs(float_blocks, x, decoded, mask_logit)
        return model(image, outputs, f"blazepose_{preset}_mediapipe")

    def head(name: str, channels: int) -> Tensor:
        return float_blocks.conv(x, name, channels, kernel=2, padding="valid")

    points = layers.Reshape((NUM_POINTS, 3), name="regressed")(
        head("landmarks_conv", NUM_POINTS * 3)
    )
    placed = points
    if row.refined:
        seen = _pyramid(float_blocks, skips, row.decoder, 32, refinement.PYRAMID)
        evidence = float_blocks.conv(seen, refinement.EVIDENCE, NUM_POINTS)
        placed = PointRefinement(name=refinement.NAME)([points, evidence])
    visible = layers.Reshape((NUM_LANDMARKS,), name="visibility_logit")(
        head("visibility_conv", NUM_LANDMARKS)
    )
    present = layers.Reshape((1,), name="presence_logit")(head("presence_conv", 1))
    world = head("world_conv", NUM_LANDMARKS * 3)
    outputs = {
        "landmarks": layers.Activation("linear", name="landmarks")(placed),
        "visibility": layers.Activation("sigmoid", name="visibility")(visible),
        "presence": layers.Activation("sigmoid", name="presence")(present),
        "world": layers.Reshape((NUM_LANDMARKS, 3), name="world")(world),
    }
    if regressed:
        outputs["regressed"] = points
    if heads:
        outputs["heatmap"] = float_blocks.conv(decoded, "heatmap", NUM_LANDMARKS)
        outputs["offset"] = float_blocks.conv(decoded, "offset", 2 * NUM_LANDMARKS, zero=True)
    if mask:
        outputs["mask"] = layers.Activation("sigmoid", name="mask")(mask_logit)
    if rest:
        outputs.update(branches.rest_outputs(float_blocks, x, decoded))
    return model(image, outputs, f"blazepose_{preset}")
