"""`training.losses` in PyTorch, as far as the regression encoder needs it; NaN weighs nothing."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from blazepose_tf.geometry import CROP_PIXELS
from blazepose_tf.training.recipe import (
    DEPTH_SCALE,
    LOG_SCALE,
    LOSS_WEIGHTS,
    WORLD_SCALE,
)

Tensor = Any


def _known(labels: Tensor) -> tuple[Tensor, Tensor]:
    mask = torch.isfinite(labels)
    return torch.where(mask, labels, torch.zeros_like(labels)), mask.to(labels.dtype)


def _masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp(min=1.0)


def landmark_loss(predicted: Tensor, labels: Tensor, scale: float) -> Tensor:
    """See `training.losses.landmark_loss`."""
    target, mask = _known(labels)
    squared = (predicted - target)[..., :2].square().sum(dim=-1)
    distance = CROP_PIXELS * torch.sqrt(squared + 1e-12)
    values = torch.log1p(distance / scale) * (scale / LOG_SCALE)
    return _masked_mean(values, mask[..., 0] * mask[..., 1])


def depth_loss(predicted: Tensor, labels: Tensor) -> Tensor:
    """See `training.losses.depth_loss`."""
    target, mask = _known(labels[..., 2])
    error = CROP_PIXELS * (predicted[..., 2] - target).abs()
    return _masked_mean(torch.log1p(error / DEPTH_SCALE), mask)


def world_loss(predicted: Tensor, labels: Tensor) -> Tensor:
    """See `training.losses.world_loss`."""
    target, mask = _known(labels)
    distance = torch.sqrt((predicted - target).square().sum(dim=-1) + 1e-12)
    return _masked_mean(torch.log1p(distance / WORLD_SCALE), mask[..., 0])


def probability_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """See `training.losses.probability_loss`."""
    target, mask = _known(labels)
    values = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return _masked_mean(values, mask)


def regression_losses(outputs: dict[str, Tensor], batch: dict[str, Tensor], scale: float) -> Any:
    """Named parts of the regression encoder's loss and their weighted sum `loss`."""
    points = batch["points"]
    parts = {
        "landmark": landmark_loss(outputs["landmarks"], points, scale),
        "regressed": landmark_loss(outputs["regressed"], points, scale),
        "depth": depth_loss(outputs["landmarks"], points),
        "world": world_loss(outputs["world"], batch["world"]),
        "visibility": probability_loss(outputs["visibility_logits"], batch["visibility"]),
        "presence": probability_loss(outputs["presence_logits"], batch["presence"]),
    }
    parts["loss"] = sum(LOSS_WEIGHTS[name] * value for name, value in parts.items())
    return parts
