"""The bfloat16 graph trains the same weights and says nearly the same as the float32 one."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tf_keras

from blazepose_tf.training.bfloat16 import in_bfloat16
from blazepose_tf.training.landmark import LandmarkTraining


def test_same_weights_nearly_the_same_gradients() -> None:
    tf_keras.utils.set_random_seed(0)
    exact = LandmarkTraining("lite", "regression", stop_gradient=False).build()
    models = [exact, in_bfloat16(exact)]
    names = [[v.name for v in model.trainable_variables] for model in models]
    assert names[0] == names[1]
    assert {v.dtype for v in models[1].trainable_variables} == {tf.float32}
    models[1].set_weights(models[0].get_weights())
    image = tf.random.stateless_uniform((2, 256, 256, 3), [1, 2])
    gradients = []
    for model in models:
        with tf.GradientTape() as tape:
            points = model(image)["landmarks"]
            value = tf.reduce_sum(tf.square(points - 0.5))
        gradients.append((points, tape.gradient(value, model.trainable_variables)))
    (a, da), (b, db) = gradients
    assert not np.array_equal(a, b)  # bfloat16 it is
    np.testing.assert_allclose(a, b, atol=0.02 * float(np.abs(a).max()))
    flat = [np.concatenate([g.numpy().ravel() for g in d if g is not None]) for d in (da, db)]
    cosine = flat[0] @ flat[1] / np.linalg.norm(flat[0]) / np.linalg.norm(flat[1])
    assert cosine > 0.99
