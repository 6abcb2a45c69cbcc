"""A Keras graph, described as plain data (`models.layer_graph.describe`), computed by PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from blazepose_tf.training.recipe import BFLOAT16_LAYERS

Tensor = Any
Array = NDArray[Any]

DEPTHWISE, SIGMOID = "DepthwiseConv2D", "sigmoid"
LOGITS = "_logits"


def from_keras(name: str, array: Array) -> Array:
    """A weight in PyTorch's order: kernels (height, width, in, out) become (out, in, height,
    width), depthwise ones (height, width, channels, 1) become (channels, 1, height, width)."""
    if name.endswith("/depthwise_kernel"):
        return array.transpose(2, 3, 0, 1)
    return array.transpose(3, 2, 0, 1) if name.endswith("/kernel") else array


def to_keras(name: str, array: Array) -> Array:
    """Inverse of `from_keras`."""
    if name.endswith("/depthwise_kernel"):
        return array.transpose(2, 3, 0, 1)
    return array.transpose(2, 3, 1, 0) if name.endswith("/kernel") else array


class Network(nn.Module):
    """Weights by `layer/weight`, in PyTorch's order, in `weights`.

    With `bfloat16` the encoder computes in bfloat16 (on a GPU), the rest in float32.
    """

    def __init__(
        self, description: dict[str, Any], arrays: dict[str, Array], bfloat16: bool
    ) -> None:
        super().__init__()
        self.layers, self.outputs = description["layers"], dict(description["outputs"])
        self.input, self.bfloat16 = description["input"], bfloat16
        before = {row["name"]: row["inputs"][0] for row in self.layers if row["kind"] == SIGMOID}
        self.outputs |= {
            f"{name}{LOGITS}": before[source]
            for name, source in self.outputs.items()
            if source in before
        }
        self.weights = nn.ParameterDict({
            name: nn.Parameter(_tensor(from_keras(name, array))) for name, array in arrays.items()
        })  # fmt: skip

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """image uint8 [B, S, S, 3] -> outputs by name, as the Keras model's, in float32; of
        probabilities also the logits, as `NAME_logits`."""
        found = {self.input: (image.float() / 255.0).permute(0, 3, 1, 2)}
        for layer in self.layers:
            inputs = [found[name] for name in layer["inputs"]]
            low = self.bfloat16 and layer["name"].startswith(BFLOAT16_LAYERS)
            inputs = [x.to(torch.bfloat16 if low else torch.float32) for x in inputs]
            found[layer["name"]] = self._compute(layer, inputs)
        return {name: found[source] for name, source in self.outputs.items()}

    def _compute(self, layer: dict[str, Any], inputs: list[Tensor]) -> Tensor:
        kind, x = layer["kind"], inputs[0]
        if kind in ("Conv2D", DEPTHWISE):
            return self._convolve(layer, x)
        if kind == "ReLU":
            return functional.relu6(x)
        if kind == "Add":
            return inputs[0] + inputs[1]
        if kind == "ZeroPadding2D":
            return _pad(x, layer["pads"])
        if kind == "MaxPooling2D":
            return functional.max_pool2d(x, 2)
        if kind == "UpSampling2D":
            return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        if kind == "Resizing":
            size = layer["size"]
            return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
        if kind == "Reshape":
            return _reshape(x, layer["shape"])
        if kind == SIGMOID:
            return torch.sigmoid(x)
        if kind == "linear":
            return x
        if kind == "PointRefinement":
            name = layer["name"]
            return place(
                x, inputs[1], self.weights[f"{name}/precision"], self.weights[f"{name}/stay"]
            )
        raise ValueError(f"layer {layer['name']}: PyTorch's side does not know {kind}")

    def _convolve(self, layer: dict[str, Any], x: Tensor) -> Tensor:
        depthwise = layer["kind"] == DEPTHWISE
        name, (top, bottom, left, right) = layer["name"], layer["pads"]
        kernel = self.weights[f"{name}/{'depthwise_kernel' if depthwise else 'kernel'}"]
        padding: tuple[int, int] = (top, left)
        if (top, left) != (bottom, right):
            x, padding = _pad(x, layer["pads"]), (0, 0)
        return functional.conv2d(
            x, kernel.to(x.dtype), self.weights[f"{name}/bias"].to(x.dtype), layer["stride"],
            padding, groups=x.shape[1] if depthwise else 1,
        )  # fmt: skip

    def keras_arrays(self, tensors: list[Tensor] | None = None) -> dict[str, Array]:
        """`tensors` (the weights themselves, if None) by name, in Keras's order."""
        values = self.weights.values() if tensors is None else tensors
        return {
            name: to_keras(name, value.detach().float().cpu().numpy())
            for name, value in zip(self.weights, values, strict=True)
        }


def _tensor(array: Array) -> Tensor:
    tensor = torch.from_numpy(np.array(array, np.float32))
    return tensor.to(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor


def _pad(x: Tensor, pads: list[int]) -> Tensor:
    top, bottom, left, right = pads
    return functional.pad(x, (left, right, top, bottom))


def _reshape(x: Tensor, shape: list[int]) -> Tensor:
    """As in Keras, where channels come last."""
    rows = x.permute(0, 2, 3, 1).reshape(x.shape[0], *shape)
    return rows.permute(0, 3, 1, 2) if rows.ndim == 4 else rows


def place(points: Tensor, evidence: Tensor, precision: Tensor, stay: Tensor) -> Tensor:
    """`models.refinement.PointRefinement`: points [B, K, 3], evidence [B, K, S, S]."""
    cells = evidence.shape[-1]
    axis = (torch.arange(cells, device=points.device, dtype=points.dtype) + 0.5) / cells
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    grid = torch.stack([x.reshape(-1), y.reshape(-1)], dim=-1)
    away = (grid[None, None] - points[:, :, None, :2]) * precision[None, :, None, None]
    logits = evidence.flatten(2) - 0.5 * away.square().sum(dim=-1)
    rest = stay[None, :, None].expand(len(points), -1, 1)
    share = torch.softmax(torch.cat([logits, rest], dim=-1), dim=-1)
    placed = share[..., :-1] @ grid + share[..., -1:] * points[..., :2]
    return torch.cat([placed, points[..., 2:]], dim=-1)
