"""From a wide crop to what the network sees: geometry, occluders, colour.

The paper's: 10 % scale and shift, coloured rectangles as occluders. Standard deviations that
worked in fine-tuning: turn 0.18 rad, scale 10 %, shift 5 %. A shaken exposure smears over 2-8 %
of the crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.crops import WIDE, WIDE_SIZE
from blazepose_tf.data.synthetic.sensor import smeared
from blazepose_tf.geometry import Roi, rotate_about_depth

Array = NDArray[np.float32]
Image = images.Image


@dataclass(frozen=True)
class Augmentation:
    """How strong: standard deviations and probabilities. All zero = the plain crop."""

    rotation: float = 0.18
    scale: float = 0.10
    shift: float = 0.05
    flip: float = 0.5
    occlusion: float = 0.4
    color: float = 0.8
    blur: float = 0.25


PLAIN = Augmentation(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class TrainingExample:
    """image uint8 [S, S, 3]; points [35, 3] crop units; visibility [33]; world [33, 3]."""

    image: Image
    points: Array
    visibility: Array
    world: Array


def flip(example: TrainingExample) -> TrainingExample:
    """Mirror left and right, and exchange left and right landmarks."""
    order = list(topology.MIRRORED)
    marks = order[: topology.NUM_LANDMARKS]
    negate = np.array([-1, 1, 1], np.float32)
    points = example.points[order] * negate + np.array([1, 0, 0], np.float32)
    return TrainingExample(
        np.ascontiguousarray(example.image[:, ::-1]), points, example.visibility[marks],
        example.world[marks] * negate,
    )  # fmt: skip


def recrop(wide: TrainingExample, size: int, roi: Roi) -> TrainingExample:
    """Cut `roi` (units of the wide crop) out of a wide crop."""
    pixels = Roi(
        roi.center_x * WIDE_SIZE, roi.center_y * WIDE_SIZE, roi.size * WIDE_SIZE, roi.rotation
    )
    points = wide.points.copy()
    points[:, :2] = roi.to_crop(wide.points[:, :2])
    points[:, 2] /= roi.size
    world = rotate_about_depth(wide.world, -roi.rotation)
    return TrainingExample(images.crop(wide.image, pixels, size), points, wide.visibility, world)


def occlude(example: TrainingExample, random: np.random.Generator) -> TrainingExample:
    """One to three rectangles of random colour; landmarks below them become invisible (0)."""
    image, visibility = example.image.copy(), example.visibility.copy()
    size = len(image)
    xy = example.points[: topology.NUM_LANDMARKS, :2] * size
    for _ in range(random.integers(1, 4)):
        width, height = random.uniform(0.05, 0.35, 2) * size
        x, y = random.uniform(0, size, 2) - [width / 2, height / 2]
        low = np.maximum([x, y], 0).astype(int)
        high = np.minimum([x + width, y + height], size).astype(int)
        image[low[1] : high[1], low[0] : high[0]] = random.integers(0, 256, 3)
        visibility[((xy >= low) & (xy < high)).all(axis=1)] = 0
    return TrainingExample(image, example.points, visibility, example.world)


def recolor(image: Image, random: np.random.Generator) -> Image:
    """Contrast, brightness, gamma and colour cast, as one look-up per channel; seldom grey."""
    ramp = np.arange(256, dtype=np.float32)[:, None] / 255
    gain = np.exp(random.normal(0, 0.2)) * np.exp(random.normal(0, 0.06, 3))
    curve = (ramp ** np.exp(random.normal(0, 0.25)) - 0.5) * gain + 0.5 + random.normal(0, 0.08)
    table = np.clip(curve * 255, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table[None])  # type: ignore[assignment]
    if random.random() < 0.05:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)  # type: ignore[assignment]
    return image


def degrade(image: Image, random: np.random.Generator) -> Image:
    """Blur, a shaken exposure, a small sensor, or noise."""
    kind = random.integers(4)
    size = len(image)
    if kind == 0:
        return cv2.GaussianBlur(image, (0, 0), random.uniform(0.5, 2.0))  # type: ignore[return-value]
    if kind == 1:
        small = int(size * random.uniform(0.3, 0.7))
        image = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        return cv2.resize(image, (size, size))  # type: ignore[return-value]
    if kind == 2:
        length = size * random.uniform(0.02, 0.08)
        return smeared(image, length, random.uniform(0, np.pi))  # type: ignore[arg-type, return-value]
    grain = random.uniform(3, 12)
    noise = grain * random.standard_normal(image.shape[:2], np.float32)
    return cv2.add(image, cv2.merge([noise] * 3), dtype=cv2.CV_8U)  # type: ignore[return-value]


def augment(
    wide: TrainingExample, size: int, options: Augmentation, random: np.random.Generator
) -> TrainingExample:
    """A training example of `size` pixels from a wide one."""
    angle = float(
        np.clip(random.normal(0, options.rotation), -3 * options.rotation, 3 * options.rotation)
    )
    scale = float(np.exp(np.clip(random.normal(0, options.scale), -0.3, 0.3)))
    shift = np.clip(random.normal(0, options.shift, 2), -0.2, 0.2) / WIDE
    roi = Roi(0.5 + float(shift[0]), 0.5 + float(shift[1]), scale / WIDE, angle)
    example = recrop(wide, size, roi)
    if random.random() < options.flip:
        example = flip(example)
    image = example.image
    if random.random() < options.color:
        image = recolor(image, random)
    if random.random() < options.blur:
        image = degrade(image, random)
    example = TrainingExample(image, example.points, example.visibility, example.world)
    return occlude(example, random) if random.random() < options.occlusion else example
