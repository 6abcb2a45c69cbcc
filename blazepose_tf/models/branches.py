"""What MediaPipe's landmark files have besides our outputs: a person mask, 39 heatmaps, and the
rest of 39 points.

The mask grows out of the heatmap branch, 64x64 -> 128x128 -> 256x256, and is joined by the stem's
features at 128x128.
"""

from __future__ import annotations

from typing import Any

from tf_keras import layers

from blazepose_tf.models.blocks import Blocks, upsample
from blazepose_tf.models.presets import LandmarkPreset
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

Tensor = Any

MASK_CHANNELS = 8
FILE_POINTS = 39
"""Points of MediaPipe's files: our 35, and four of the hands (35-38) that no client reads."""
REST_POINTS = FILE_POINTS - NUM_POINTS
REST_MARKS = FILE_POINTS - NUM_LANDMARKS
"""Points that have no visibility, world position or heatmap with us."""


def mask_branch(blocks: Blocks, stem: Tensor, decoded: Tensor, row: LandmarkPreset) -> Tensor:
    """Person mask (batch, 256, 256, 1), logits, from the stem's features (batch, 128, 128, C) and
    the heatmap branch's (batch, 64, 64, C)."""
    if row.stem_out == MASK_CHANNELS:
        fine = blocks.residual(stem, "mask_128")
    else:
        fine = blocks.separable(stem, "mask_128", MASK_CHANNELS)
    x = blocks.separable(decoded, "mask_64", MASK_CHANNELS)
    x = blocks.add([upsample(x, "mask_128_up"), fine], "mask_128_join")
    for i in range(2):
        x = blocks.residual(x, f"mask_128_{i}")
    x = upsample(x, "mask_256_up")
    for i in range(2):
        x = blocks.residual(x, f"mask_256_{i}")
    return blocks.conv(x, "mask_conv", 1, kernel=3)


def rest_outputs(blocks: Blocks, coarse: Tensor, decoded: Tensor) -> dict[str, Tensor]:
    """The numbers of MediaPipe's file that our outputs lack, from the 2x2 and 64x64 features.

    point_presence (batch, 39): logits that a point is inside the crop; rest_landmarks
    (batch, 4, 3): points 35-38 in crop units; rest_visibility (batch, 6), logits, rest_world
    (batch, 6, 3), metres, and rest_heatmap (batch, 64, 64, 6), logits: points 33-38.
    """

    def head(name: str, *shape: int) -> Tensor:
        channels = shape[0] * (shape[1] if len(shape) > 1 else 1)
        x = blocks.conv(coarse, f"{name}_conv", channels, kernel=2, padding="valid")
        return layers.Reshape(shape, name=name)(x)

    return {
        "point_presence": head("point_presence", FILE_POINTS),
        "rest_landmarks": head("rest_landmarks", REST_POINTS, 3),
        "rest_visibility": head("rest_visibility", REST_MARKS),
        "rest_world": head("rest_world", REST_MARKS, 3),
        "rest_heatmap": blocks.conv(decoded, "rest_heatmap", REST_MARKS),
    }


def file_outputs(
    blocks: Blocks, coarse: Tensor, decoded: Tensor, mask: Tensor
) -> dict[str, Tensor]:
    """Outputs in the names, order and form of MediaPipe's files: `Identity` (batch, 195): x, y, z
    in pixels of the input, visibility and presence logits of 39 points; `Identity_1` (batch, 1):
    probability of a person; `Identity_2` mask and `Identity_3` heatmaps, logits; `Identity_4`
    (batch, 117): metres. The weights of the three `*_file` layers are joined from ours
    (`mediapipe.join_heads`)."""

    def head(name: str, channels: int) -> Tensor:
        return blocks.conv(coarse, name, channels, kernel=2, padding="valid")

    def flat(x: Tensor, name: str, channels: int) -> Tensor:
        return layers.Reshape((channels,), name=name)(x)

    present = layers.Activation("sigmoid", name="presence")(head("presence_conv", 1))
    return {
        "Identity": flat(head("landmarks_file", FILE_POINTS * 5), "Identity", FILE_POINTS * 5),
        "Identity_1": flat(present, "Identity_1", 1),
        "Identity_2": mask,
        "Identity_3": blocks.conv(decoded, "heatmap_file", FILE_POINTS),
        "Identity_4": flat(head("world_file", FILE_POINTS * 3), "Identity_4", FILE_POINTS * 3),
    }
