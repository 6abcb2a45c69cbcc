"""What people wear: random outfits of vests, shirts, pullovers, trousers, shorts, skirts, shoes."""

from __future__ import annotations

from typing import Any

import numpy as np

from blazepose_tf.data.synthetic.clothes import FAR_OUT, NO_NECK, Color, Garment, Outfit
from blazepose_tf.data.synthetic.materials import CLOTH_PATTERNS

Rng = np.random.Generator

LIGHT_SKIN, DARK_SKIN = np.array([0.93, 0.75, 0.65]), np.array([0.30, 0.19, 0.14])
HAIR_COLORS: tuple[tuple[Color, float], ...] = (
    ((0.05, 0.04, 0.035), 0.36), ((0.13, 0.085, 0.055), 0.28), ((0.30, 0.19, 0.11), 0.14),
    ((0.60, 0.46, 0.28), 0.10), ((0.50, 0.49, 0.47), 0.07), ((0.36, 0.16, 0.08), 0.05),
)  # fmt: skip
"""sRGB colour and share: black, two browns, blond, grey, red."""
EYE_COLORS: tuple[Color, ...] = ((0.16, 0.09, 0.05), (0.30, 0.20, 0.10), (0.30, 0.40, 0.48))
WAIST, COLLAR = 0.24, 1.13
"""Upper ends of trousers and of tops in torso heights."""


def random_color(rng: Rng) -> Color:
    """Half the clothes are grey, black or white with a tint; half coloured, few of them garish."""
    if rng.random() < 0.5:
        return _color(np.clip(rng.uniform(0.06, 0.92) + rng.normal(0, 0.05, 3), 0.03, 1))
    values = rng.uniform(0.05, 0.92, 3)
    return _color(values + (values.mean() - values) * rng.uniform(0, 0.6))


def _color(values: np.ndarray[Any, Any]) -> Color:
    clipped = np.clip(values, 0.02, 1)
    return float(clipped[0]), float(clipped[1]), float(clipped[2])


def _fabric(rng: Rng) -> dict[str, Any]:
    return {
        "color": random_color(rng), "second": random_color(rng), "seed": float(rng.random()),
        "frequency": float(rng.uniform(8, 30)), "folds": float(rng.uniform(0.1, 0.8)),
        "shine": float(rng.uniform(0, 0.12)),
    }  # fmt: skip


def _pattern(rng: Rng, plain: float) -> str:
    patterns = [name for name in CLOTH_PATTERNS if name != "plain"]
    return "plain" if rng.random() < plain else str(rng.choice(patterns))


def _top(rng: Rng, tucked: bool) -> Garment:
    """Vest, T-shirt or long sleeves, worn over the trousers or tucked into the skirt."""
    sleeve = float(rng.choice([0.12, 0.55, 0.7, 1.4, 1.95], p=[0.12, 0.3, 0.18, 0.08, 0.32]))
    hem = WAIST - 0.05 if tucked else float(rng.uniform(-0.16, 0.02))
    neck = (0.0, -0.035 - float(rng.uniform(0, 0.015)), 0.625, float(rng.uniform(0.075, 0.105)))
    return Garment(
        (hem, -FAR_OUT, -FAR_OUT), (COLLAR, sleeve, 0.35), "helper-tights",
        float(rng.uniform(0.007, 0.014)), float(rng.uniform(0, 0.018)), neck,
        _pattern(rng, 0.5), _fabric(rng),
    )  # fmt: skip


def _trousers(rng: Rng) -> Garment:
    """From shorts to long ones, tight or wide."""
    hem = float(rng.choice([0.45, 0.75, 1.0, 1.6, 1.9], p=[0.1, 0.15, 0.08, 0.07, 0.6]))
    return Garment(
        (-FAR_OUT, -FAR_OUT, -FAR_OUT), (WAIST, -0.5, hem), "helper-tights",
        float(rng.uniform(0.004, 0.007)), float(rng.choice([0.0, 0.008, 0.02])), NO_NECK,
        _pattern(rng, 0.8), _fabric(rng),
    )  # fmt: skip


def _skirt(rng: Rng) -> Garment:
    hem = float(rng.uniform(-1.3, -0.6))
    return Garment(
        (hem, -FAR_OUT, -FAR_OUT), (WAIST, 0.0, FAR_OUT), "helper-skirt", 0.012, 0.0, NO_NECK,
        _pattern(rng, 0.6), _fabric(rng),
    )  # fmt: skip


def _shoes(rng: Rng) -> Garment:
    """Low shoes, ankle boots, boots or socks."""
    top = float(rng.choice([2.02, 1.85, 1.6], p=[0.6, 0.3, 0.1]))
    leather = _fabric(rng) | {"folds": 0.0, "shine": float(rng.uniform(0.05, 0.4))}
    return Garment(
        (-FAR_OUT, -FAR_OUT, top), (FAR_OUT, -0.5, FAR_OUT), "helper-tights", 0.009, 0.0, NO_NECK,
        "plain", leather,
    )  # fmt: skip


def random_outfit(rng: Rng, gender: float) -> Outfit:
    """Clothes, skin and hair; `gender` (0 female, 1 male) only shifts what is likely."""
    bottom = _skirt(rng) if rng.random() < 0.3 * (1 - gender) else _trousers(rng)
    garments = [bottom, _top(rng, tucked=bottom.mesh == "helper-skirt")]
    if rng.random() < 0.9:
        garments.append(_shoes(rng))
    tone = rng.beta(1.1, 1.4)
    flesh = ((1 - tone) * LIGHT_SKIN + tone * DARK_SKIN) * rng.normal(1, 0.03, 3)
    colors, chances = zip(*HAIR_COLORS, strict=True)
    hair = np.array(colors[rng.choice(len(colors), p=chances)]) * rng.uniform(0.8, 1.3)
    return Outfit(
        garments=tuple(garments), skin=_color(flesh), hair=_color(hair),
        eyes=EYE_COLORS[rng.integers(len(EYE_COLORS))],
        hair_volume=float(rng.uniform(0.004, 0.02)), hair_low=float(rng.uniform(0.63, 0.68)),
        long_hair=bool(rng.random() < 0.55 * (1 - gender) + 0.04), seed=float(rng.random()),
    )  # fmt: skip
