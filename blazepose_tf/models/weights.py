"""Weights as one .npz: float16 arrays named `layer/weight`, plus learned activation ranges."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.models.presets import DETECTOR, LANDMARK, family

if TYPE_CHECKING:  # reading weights needs no TensorFlow
    import tf_keras

Array = NDArray[np.floating]

RANGE_SUFFIX = "_range"
"""`<layer>_range/range`: the learned range of that layer's output (quantisation-aware weights)."""
ABOUT = "about"
ASSETS = Path(__file__).resolve().parents[1] / "assets" / "weights"


@dataclass(frozen=True)
class Weights:
    """Arrays by `layer/weight`, and a note (preset, origin, recipe)."""

    arrays: dict[str, Array]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Learned activation ranges (minimum, maximum) by the name of the layer they belong to."""
        suffix = f"{RANGE_SUFFIX}/range"
        return {
            name.removesuffix(suffix): (min(float(a[0]), 0.0), float(a[1]))
            for name, a in self.arrays.items()
            if name.endswith(suffix)
        }


def read_weights(path: str | Path) -> Weights:
    """Read a weights file.

    Raises:
        BadInputError: missing, truncated or not one of ours.
    """
    path = Path(path)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            about = json.loads(str(file[ABOUT])) if ABOUT in file else {}
            arrays = {name: file[name].astype(np.float32) for name in file.files if name != ABOUT}
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be read ({error.strerror or error}); check the path"
        ) from error
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise BadInputError(
            f"{path}: is no weights file (.npz) or is damaged; make it again"
        ) from error
    return Weights(arrays, about)


def preset_of(
    weights: Weights, source: str | Path, named: str | None = None, option: str = "--preset"
) -> str:
    """Row of the preset tables that weights belong to: `named` (or the variant of it that they say
    they are), or what they say themselves.

    source: the file they are from, option: where users name a preset; for the message.

    Raises:
        BadInputError: nobody says, or there is no such row.
    """
    own = weights.about.get("preset")
    preset = own if named is None or family(str(own)) == named else named
    if preset not in LANDMARK and preset not in DETECTOR:
        raise BadInputError(
            f"{source}: of preset {preset}, which there is not; name one of "
            f"{', '.join((*LANDMARK, *DETECTOR))} with {option}"
        )
    return str(preset)


def save_weights(path: str | Path, weights: Weights) -> None:
    """Write a weights file: float16, ranges in float32."""
    arrays = {
        name: a.astype(np.float32 if name.endswith("/range") else np.float16)
        for name, a in weights.arrays.items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays, **{ABOUT: np.array(json.dumps(weights.about))})
    write_atomically(path, buffer.getvalue())


def _variables(model: tf_keras.Model) -> dict[str, Any]:
    return {
        f"{layer.name}/{variable.name.split('/')[-1].split(':')[0]}": variable
        for layer in model.layers
        for variable in layer.weights
    }


def get_weights(model: tf_keras.Model, about: dict[str, Any] | None = None) -> Weights:
    """The weights of a model, by name."""
    arrays = {name: variable.numpy() for name, variable in _variables(model).items()}
    return Weights(arrays, about or {})


def apply_weights(model: tf_keras.Model, weights: Weights, source: str = "weights") -> None:
    """Put weights into a model by layer name.

    What the file has and the model lacks is ignored (heads, ranges: an exported graph has
    neither); activation ranges may be absent from the file.

    Raises:
        BadInputError: a weight of the model is missing or has another shape: the wrong preset.
    """
    wanted = _variables(model)
    for name, variable in wanted.items():
        value = weights.arrays.get(name)
        if value is None and name.endswith(f"{RANGE_SUFFIX}/range"):
            continue
        if value is None or value.shape != tuple(variable.shape):
            found = "is missing" if value is None else f"has shape {value.shape}"
            raise BadInputError(
                f"{source}: {name} {found}, {model.name} needs {tuple(variable.shape)}; "
                "these are the weights of another preset"
            )
        variable.assign(value)


def shipped(name: str) -> Path:
    """Path of weights that come with the package, for instance `lite` or `lite_int8`."""
    return ASSETS / f"{name}.npz"
