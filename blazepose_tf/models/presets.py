"""The variants, as rows of a table. A new variant is a new row, not a subclass."""

from __future__ import annotations

from dataclasses import dataclass, replace

from blazepose_tf.anchors import AnchorOptions
from blazepose_tf.errors import BadInputError


@dataclass(frozen=True)
class Stage:
    """A run of inverted residual blocks at one resolution; the first block may halve it.

    `expansions` has one factor per block; `kernel` is the depthwise kernel of all of them.
    """

    channels: int
    kernel: int
    stride: int
    expansions: tuple[int, ...]


@dataclass(frozen=True)
class LandmarkPreset:
    """Widths and depths of a landmark network; resolutions are those of a square input of 256.

    stem: channels of the first convolution; stem_out: channels after its separable convolution.
    stages: the encoder, from 64x64 down to 8x8.
    decoder: channels of the heatmap branch.
    refined: whether points are placed anew by what can be seen around them (`refinement`), with a
        pyramid of `decoder` channels.
    fine_widths: channels of the regression encoder at 32x32, 16x16; fine_blocks: residual blocks
        there and at 8x8 before the encoder's 8x8 features join. Where they are given the regression
        encoder begins at the heatmap branch (the paper's figure, MediaPipe's heavy), else at the
        encoder's 8x8 features, and inference needs no heatmap branch.
    coarse_width: channels at 8x8, 4x4 and 2x2; coarse_blocks: residual blocks at 4x4 and 2x2.
    added_blocks: how many of `coarse_blocks` MediaPipe's file lacks; they start as the identity.
    input_size: pixels of the square input, a multiple of 32; weights fit every size, and want to be
        fine-tuned at it.
    trunk_size: the input size that features from 16x16 on are those of, if not `input_size`: they
        are enlarged before.
    variant_of: the row that this one is another form of; files are named after that.
    """

    stages: tuple[Stage, ...]
    stem_out: int
    decoder: int
    coarse_width: int
    coarse_blocks: tuple[int, int]
    added_blocks: tuple[int, int] = (0, 0)
    refined: bool = False
    fine_widths: tuple[int, int] | None = None
    fine_blocks: tuple[int, int, int] = (0, 0, 0)
    stem: int = 24
    input_size: int = 256
    trunk_size: int | None = None
    variant_of: str | None = None


def _encoder(
    widths: tuple[int, ...], first: tuple[int, ...], repeats: tuple[int, ...], expansion: int = 6
) -> tuple[Stage, ...]:
    """EfficientNet-like stages: kernels 3 5 3 5 5, strides 2 2 2 1 2; `first` expands at 64x64."""
    kernels, strides = (3, 5, 3, 5, 5), (2, 2, 2, 1, 2)
    expansions = (first, *((expansion,) * count for count in repeats))
    return tuple(Stage(*row) for row in zip(widths, kernels, strides, expansions, strict=True))


LANDMARK: dict[str, LandmarkPreset] = {
    # 1.3M parameters, the paper's Lite; widths of MediaPipe's pose_landmark_lite.
    "lite": LandmarkPreset(
        stages=_encoder((16, 24, 40, 56, 96), (4, 6), (2, 3, 3, 4)),
        stem_out=8, decoder=32, refined=True, coarse_width=192, coarse_blocks=(2, 3),
    ),
    # 3.5M parameters, the paper's Full; widths of pose_landmark_full, five coarse blocks more.
    "full": LandmarkPreset(
        stages=_encoder((24, 32, 64, 88, 144), (4, 6), (2, 3, 3, 4)),
        stem_out=16, decoder=48, refined=True,
        coarse_width=288, coarse_blocks=(5, 9), added_blocks=(1, 4),
    ),
    # The teacher: pose_landmark_heavy, whose regression encoder is the paper's figure as drawn.
    "heavy": LandmarkPreset(
        stages=_encoder((32, 56, 112, 160, 272), (4, 4, 6, 6), (4, 6, 6, 8)),
        stem_out=24, decoder=48, fine_widths=(96, 192), fine_blocks=(6, 7, 7),
        coarse_width=288, coarse_blocks=(7, 7),
    ),
}  # fmt: skip

# What is shipped as `lite` and `full`: crops of 192 pixels, from 16x16 on as if they had been 224,
# where weights of 256 pixels feel at home. `lite_256` and `full_256` see as much as MediaPipe's.
LANDMARK |= {
    f"{name}_192": replace(LANDMARK[name], input_size=192, trunk_size=224, variant_of=name)
    for name in ("lite", "full")
}
LANDMARK |= {f"{name}_256": replace(LANDMARK[name], variant_of=name) for name in ("lite", "full")}


@dataclass(frozen=True)
class DetectorPreset:
    """Widths and depths of the detector: `stages` as in `LandmarkPreset`, pyramid from the fine."""

    stages: tuple[Stage, ...]
    stem_out: int
    pyramid: tuple[int, int]
    anchors: AnchorOptions
    stem: int = 24
    reduce_first: bool = False
    """Coarse features lose channels before they are enlarged, not after it as MediaPipe's do: a
    quarter of that work, and the same function but for ReLU6's bends."""


_SHORT_DETECTOR = DetectorPreset(
    stages=_encoder((24, 40, 80, 112, 192), (4, 6), (2, 1, 2, 2)),
    stem_out=16, pyramid=(96, 192), anchors=AnchorOptions(input_size=160), reduce_first=True,
)  # fmt: skip

DETECTOR: dict[str, DetectorPreset] = {
    # MediaPipe's pose detector: face box and four alignment points.
    "detector": DetectorPreset(
        stages=_encoder((24, 40, 80, 112, 192), (4, 6), (2, 3, 3, 4)),
        stem_out=16, pyramid=(96, 192), anchors=AnchorOptions(),
    ),
    # The same network on pictures of half as many pixels: half the time.
    "detector_160_wide": DetectorPreset(
        stages=_encoder((24, 40, 80, 112, 192), (4, 6), (2, 3, 3, 4)),
        stem_out=16, pyramid=(96, 192), anchors=AnchorOptions(input_size=160),
    ),
    # That one without five blocks that say little.
    "detector_160": _SHORT_DETECTOR,
    # And on smaller pictures: in int8 less than a fifth of MediaPipe's time.
    "detector_128": replace(_SHORT_DETECTOR, anchors=AnchorOptions(input_size=128)),
    # The blocks of `detector` in a fifth of the time: smaller pictures, half of the channels.
    "detector_small": DetectorPreset(
        stages=_encoder((16, 24, 32, 48, 80), (3, 3), (2, 3, 3, 4), expansion=4),
        stem_out=8, stem=12, pyramid=(32, 64), anchors=AnchorOptions(input_size=192),
    ),
}  # fmt: skip


def family(preset: str) -> str:
    """The row that `preset` is a variant of, or `preset` itself."""
    row = LANDMARK.get(preset)
    return row.variant_of if row is not None and row.variant_of else preset


def landmark_preset(name: str) -> LandmarkPreset:
    """Row of the landmark table.

    Raises:
        BadInputError: no such row.
    """
    if name not in LANDMARK:
        raise BadInputError(
            f"unknown landmark preset {name!r}; choose one of {', '.join(LANDMARK)}"
        )
    return LANDMARK[name]
