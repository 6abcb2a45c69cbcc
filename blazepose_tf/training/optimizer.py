"""Adam whose steps are relative to the size of what they change."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras

from blazepose_tf.training.recipe import BETAS, EPSILON, FLOOR

Tensor = Any

DEPTHWISE = "depthwise_kernel"
"""What Keras calls the kernel of a depthwise convolution."""


class RelativeAdam(tf_keras.optimizers.Optimizer):
    """Adam (arXiv 1412.6980) with each step scaled by the RMS of the filter it changes.

    In a network with folded batch norm filters differ in size by orders of magnitude, and one
    absolute step size wrecks the small ones at once. Scaling by the parameter's RMS is Adafactor's
    (arXiv 1804.04235, section 8); here it is taken per output channel, with a floor so that what
    starts at zero can grow. A learning rate of 4e-4 moves a filter by about 0.04 % per step.
    """

    def __init__(
        self, learning_rate: Any = 4e-4, beta_1: float = BETAS[0], beta_2: float = BETAS[1],
        epsilon: float = EPSILON, name: str = "RelativeAdam", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, **kwargs)
        self._learning_rate = self._build_learning_rate(learning_rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, var_list: list[tf.Variable]) -> None:
        super().build(var_list)
        if getattr(self, "_built", False):
            return
        self._built = True
        self._momentums = [self.add_variable_from_reference(v, "m") for v in var_list]
        self._velocities = [self.add_variable_from_reference(v, "v") for v in var_list]

    def update_step(self, gradient: Tensor, variable: tf.Variable) -> None:
        index = self._index_dict[self._var_key(variable)]
        m, v = self._momentums[index], self._velocities[index]
        step = tf.cast(self.iterations + 1, variable.dtype)
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((tf.square(gradient) - v) * (1 - self.beta_2))
        first = m / (1 - tf.pow(self.beta_1, step))
        second = v / (1 - tf.pow(self.beta_2, step))
        # Kernels: one size per output channel (depthwise: per channel, axis 2); biases: one size.
        depthwise = DEPTHWISE in variable.name
        channel = 2 if depthwise else len(variable.shape) - 1
        axes = [a for a in range(len(variable.shape)) if a != channel or len(variable.shape) == 1]
        rms = tf.sqrt(tf.reduce_mean(tf.square(variable), axis=axes, keepdims=True))
        direction = first / (tf.sqrt(second) + self.epsilon)
        rate = tf.cast(self.learning_rate, variable.dtype)
        variable.assign_sub(rate * tf.maximum(rms, FLOOR) * direction)

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().get_config()
        return {
            **config, "learning_rate": self._serialize_hyperparameter(self._learning_rate),
            "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon,
        }  # fmt: skip
