"""The few layers that everything is made of, with or without simulated quantisation.

Shapes are (batch, height, width, channels). There is no batch normalisation: MediaPipe's weights
come with it folded in, and training keeps it so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tf_keras
from tf_keras import layers

Tensor = Any


def quantized_weights(kernel: Tensor, channel_axis: int) -> Tensor:
    """What int8 keeps of a kernel: per channel, symmetric, +-127 steps of max|w|/127.

    The gradient passes straight through (Bengio et al. 2013, arXiv 1308.3432), as TFLite's
    specification of 8-bit quantisation asks for weights.
    """
    axes = [axis for axis in range(4) if axis != channel_axis]
    scale = tf.reduce_max(tf.abs(kernel), axis=axes, keepdims=True) / 127.0
    scale = tf.maximum(scale, 1e-12)
    return kernel + tf.stop_gradient(tf.round(kernel / scale) * scale - kernel)


class QuantizedConv2D(layers.Conv2D):
    """Conv2D that computes with the int8 values of its kernel."""

    def call(self, inputs: Tensor) -> Tensor:
        kernel = quantized_weights(self.kernel, 3)
        outputs = tf.nn.conv2d(inputs, kernel, self.strides, self.padding.upper())
        return tf.nn.bias_add(outputs, self.bias)


class QuantizedDepthwiseConv2D(layers.DepthwiseConv2D):
    """DepthwiseConv2D that computes with the int8 values of its kernel."""

    def call(self, inputs: Tensor) -> Tensor:
        kernel = quantized_weights(self.depthwise_kernel, 2)
        strides = (1, *self.strides, 1)
        outputs = tf.nn.depthwise_conv2d(inputs, kernel, strides, self.padding.upper())
        return tf.nn.bias_add(outputs, self.bias)


class ActivationRange(layers.Layer):
    """Rounds activations to the 256 steps of a learned range; the range always holds zero.

    Weights: `range` [2], minimum and maximum. Named after the layer whose output it rounds, plus
    `_range`: the converter finds the range of a tensor by that name.
    """

    def build(self, input_shape: Any) -> None:
        self.range = self.add_weight(
            name="range", shape=(2,), initializer=tf.constant_initializer([0.0, 6.0])
        )

    def call(self, inputs: Tensor) -> Tensor:
        low = tf.minimum(self.range[0], 0.0)
        high = tf.maximum(self.range[1], low + 1e-3)
        return tf.quantization.fake_quant_with_min_max_vars(inputs, low, high)


class StopGradient(layers.Layer):
    """Passes features on and no gradient back: the regression encoder must not pull on the
    features that the heatmaps train (BlazePose, section 2)."""

    def call(self, inputs: Tensor) -> Tensor:
        return tf.stop_gradient(inputs)


class DepthToSpace(layers.Layer):
    """Moves 2x2 groups of channels into space: (b, h, w, 4c) -> (b, 2h, 2w, c)."""

    def call(self, inputs: Tensor) -> Tensor:
        return tf.nn.depth_to_space(inputs, 2)


class PadChannels(layers.Layer):
    """Appends `count` channels of zeros (the shortcuts of MediaPipe's heavy widen so)."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, inputs: Tensor) -> Tensor:
        return tf.pad(inputs, [[0, 0], [0, 0], [0, 0], [0, self.count]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


class Blocks:
    """Builds named layers; `quantized` says whether int8 is simulated from here on, `widths` which
    inverted residuals have fewer expanded channels than their place in the table says."""

    def __init__(self, quantized: bool = False, widths: Mapping[str, int] | None = None) -> None:
        self.quantized = quantized
        self.widths = widths or {}

    def ranged(self, x: Tensor, name: str) -> Tensor:
        """Round `x`, the output of layer `name`, if int8 is simulated."""
        return ActivationRange(name=f"{name}_range")(x) if self.quantized else x

    def _activate(self, x: Tensor, name: str, activation: bool) -> Tensor:
        if not activation:
            return self.ranged(x, name)
        return self.ranged(layers.ReLU(6.0, name=f"{name}_relu6")(x), f"{name}_relu6")

    def conv(
        self, x: Tensor, name: str, filters: int, *, kernel: int = 1, stride: int = 1,
        relu: bool = False, padding: str = "same", zero: bool = False,
    ) -> Tensor:  # fmt: skip
        """Convolution with bias, then ReLU6 if `relu`. `zero` starts it without influence."""
        layer = QuantizedConv2D if self.quantized else layers.Conv2D
        initializer = "zeros" if zero else "he_normal"
        if stride > 1:
            x, padding = self._pad(x, name, kernel), "valid"
        x = layer(
            filters, kernel, stride, padding, kernel_initializer=initializer, name=name
        )(x)  # fmt: skip
        return self._activate(x, name, relu)

    def depthwise(
        self, x: Tensor, name: str, kernel: int, *, stride: int = 1, relu: bool = True,
        pad: bool = True,
    ) -> Tensor:  # fmt: skip
        """Depthwise convolution with bias. At stride 2 the borders get kernel // 2 zeros on every
        side (MediaPipe's encoders), or TensorFlow's `same` if not `pad` (regression encoder)."""
        layer = QuantizedDepthwiseConv2D if self.quantized else layers.DepthwiseConv2D
        padding = "same"
        if stride > 1 and pad:
            x, padding = self._pad(x, name, kernel), "valid"
        x = layer(kernel, stride, padding, depthwise_initializer="he_normal", name=name)(x)
        return self._activate(x, name, relu)

    @staticmethod
    def _pad(x: Tensor, name: str, kernel: int) -> Tensor:
        return layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)

    def add(self, inputs: list[Tensor], name: str, *, relu: bool = False) -> Tensor:
        """Sum, then ReLU6 if `relu`."""
        return self._activate(layers.Add(name=name)(inputs), name, relu)

    def separable(
        self, x: Tensor, name: str, filters: int, *, relu: bool = True, zero: bool = False,
        depthwise_relu: bool = True,
    ) -> Tensor:  # fmt: skip
        """3x3 depthwise, then 1x1 convolution."""
        x = self.depthwise(x, f"{name}_depthwise", 3, relu=depthwise_relu)
        return self.conv(x, f"{name}_project", filters, relu=relu, zero=zero)

    def inverted_residual(
        self, x: Tensor, name: str, filters: int, *, kernel: int, stride: int, expansion: int
    ) -> Tensor:
        """MobileNetV2's block (arXiv 1801.04381): expand, depthwise, project, add where it fits."""
        channels = x.shape[-1]
        width = self.widths.get(name, channels * expansion)
        y = self.conv(x, f"{name}_expand", width, relu=True)
        y = self.depthwise(y, f"{name}_depthwise", kernel, stride=stride)
        y = self.conv(y, f"{name}_project", filters)
        return self.add([y, x], f"{name}_add") if stride == 1 and channels == filters else y

    def residual(
        self, x: Tensor, name: str, *, zero: bool = False, depthwise_relu: bool = True
    ) -> Tensor:
        """ReLU6(x + separable(x)). With `zero` it starts as identity (x is a ReLU6's output)."""
        y = self.separable(
            x, name, x.shape[-1], relu=False, zero=zero, depthwise_relu=depthwise_relu
        )
        return self.add([x, y], f"{name}_add", relu=True)

    def downsample(self, x: Tensor, name: str, filters: int, *, zero: bool = False) -> Tensor:
        """Half the resolution: ReLU6(max pool(x) + 1x1(depthwise(x, stride 2)))."""
        y = self.depthwise(x, f"{name}_depthwise", 3, stride=2, pad=False)
        y = self.conv(y, f"{name}_project", filters, zero=zero)
        shortcut = layers.MaxPool2D(2, padding="same", name=f"{name}_pool")(x)
        if filters > x.shape[-1]:
            shortcut = PadChannels(filters - x.shape[-1], name=f"{name}_widen")(shortcut)
        return self.add([shortcut, y], f"{name}_add", relu=True)

    def encoder_stages(
        self, x: Tensor, stages: tuple[Any, ...], size: int
    ) -> list[tuple[str, Tensor]]:
        """Run inverted-residual stages: (name, features) after every block.

        Blocks are called `encoder_<resolution>_<number>`, counting from `size`, the input's.
        """
        outputs, number = [], 0
        for stage in stages:
            for i, expansion in enumerate(stage.expansions):
                stride = stage.stride if i == 0 else 1
                if stride == 2:
                    size, number = size // 2, 0
                name = f"encoder_{size}_{number}"
                x = self.inverted_residual(
                    x, name, stage.channels, kernel=stage.kernel, stride=stride, expansion=expansion
                )
                outputs.append((name, x))
                number += 1
        return outputs


def upsample(x: Tensor, name: str) -> Tensor:
    """Twice the resolution, bilinear, half-pixel centres."""
    return layers.UpSampling2D(2, interpolation="bilinear", name=name)(x)


def resized(x: Tensor, name: str, size: int) -> Tensor:
    """`size` x `size` positions, bilinear, half-pixel centres; `x` itself if it has them."""
    if size == x.shape[1]:
        return x
    if size == 2 * x.shape[1]:
        return upsample(x, name)
    return layers.Resizing(size, size, interpolation="bilinear", name=name)(x)


def model(inputs: Tensor, outputs: dict[str, Tensor], name: str) -> tf_keras.Model:
    """A functional model with named outputs."""
    return tf_keras.Model(inputs, outputs, name=name)
