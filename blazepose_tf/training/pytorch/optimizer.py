"""`training.optimizer.RelativeAdam` in PyTorch, without a wait for the GPU anywhere."""

from __future__ import annotations

from typing import Any

import torch

from blazepose_tf.training.recipe import BETAS, CLIP_NORM, EPSILON, FLOOR

Tensor = Any


def _size_axes(weight: Tensor) -> list[int]:
    """Axes over which the size of a filter is taken: all but that of its output channel, which is
    the first here; all of a bias."""
    return list(range(weight.ndim))[weight.ndim > 1 :]


class RelativeAdam:
    """Adam whose steps are relative to the size of the filter they change. A weight that is zero
    at the start stays zero, unless the whole tensor is (see `Loop`); gradients are cut to
    CLIP_NORM, and a step whose loss or gradient is not finite is not taken.

    weights: changed in place, in PyTorch's order; `rate` is a tensor that the caller fills.
    """

    def __init__(self, weights: list[Tensor], rate: float) -> None:
        self.weights = weights
        self.rate = torch.full((), rate, device=weights[0].device)
        self.axes = [_size_axes(w) for w in weights]
        self.masks = [_kept(w.detach()) for w in weights]
        self.first = [torch.zeros_like(w) for w in weights]
        self.second = [torch.zeros_like(w) for w in weights]
        self.powers = torch.ones(2, device=weights[0].device, dtype=torch.float64)
        self.betas = torch.tensor(BETAS, device=weights[0].device, dtype=torch.float64)

    @torch.no_grad()
    def step(self, gradients: list[Tensor | None], loss: Tensor) -> Tensor:
        """Take a step; the norm of the gradient before it was cut."""
        found = [
            torch.zeros_like(w) if g is None else g
            for g, w in zip(gradients, self.weights, strict=True)
        ]
        found = torch._foreach_mul(found, self.masks)
        norm = torch.stack(torch._foreach_norm(found)).norm()
        finite = torch.isfinite(norm) & torch.isfinite(loss)
        factor = torch.where(finite, (CLIP_NORM / norm).clamp(max=1.0), torch.zeros_like(norm))
        found = [torch.where(finite, g * factor, torch.zeros_like(g)) for g in found]
        torch._foreach_lerp_(self.first, found, 1 - BETAS[0])
        torch._foreach_lerp_(self.second, torch._foreach_mul(found, found), 1 - BETAS[1])
        self.powers.mul_(self.betas)
        past = (1 - self.powers).to(norm.dtype)
        for w, m, v, axes in zip(self.weights, self.first, self.second, self.axes, strict=True):
            size = w.square().mean(dim=axes, keepdim=True).sqrt().clamp(min=FLOOR)
            direction = (m / past[0]) / ((v / past[1]).sqrt() + EPSILON)
            w.sub_(self.rate * size * direction)
        return norm


def _kept(weight: Tensor) -> Tensor:
    changes = (weight != 0).to(weight.dtype)
    return changes if bool(changes.any()) else torch.ones_like(changes)
