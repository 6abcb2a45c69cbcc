"""Pours MediaPipe's published .tflite weights into our models, in graph order, checking shapes.

The published files are plain graphs (float16 constants behind DEQUANTIZE; the detector's are
sparse, behind DENSIFY). We walk their convolutions in order and name, for each, the layer of ours
that it fills. A file that differs in one kernel's shape is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.branches import FILE_POINTS
from blazepose_tf.models.detector import build_detector
from blazepose_tf.models.landmark import NOMINAL_SIZE, build_landmark
from blazepose_tf.models.presets import DETECTOR, LANDMARK, LandmarkPreset, Stage
from blazepose_tf.models.refinement import add_refinement
from blazepose_tf.models.weights import Weights, apply_weights, get_weights
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

Array = NDArray[np.float32]


def _mask_order() -> Iterator[str]:
    """The mask's convolutions after those at 128x128."""
    for name in ("mask_64", "mask_128_0", "mask_128_1", "mask_256_0", "mask_256_1"):
        yield from _separable(name)
    yield "mask_conv"


def _separable(name: str) -> Iterator[str]:
    yield f"{name}_depthwise"
    yield f"{name}_project"


def _blocks(stages: tuple[Stage, ...], size: int) -> list[str]:
    """Names of the encoder's blocks in order, as `Blocks.encoder_stages` gives them."""
    names, number = [], 0
    for stage in stages:
        for i in range(len(stage.expansions)):
            if stage.stride == 2 and i == 0:
                size, number = size // 2, 0
            names.append(f"encoder_{size}_{number}")
            number += 1
    return names


def _encoder_order(
    stages: tuple[Stage, ...], size: int, branches: dict[int, list[str]]
) -> Iterator[str]:
    """Convolutions of stem and encoder. A resolution's side branches stand in the files right
    after the expansion that begins the next resolution."""
    yield "stem"
    yield from _separable("stem")
    done = size
    for name in [*_blocks(stages, size), "encoder_last"]:
        yield f"{name}_expand"
        here = int(name.split("_")[1]) if name != "encoder_last" else 0
        if here and here != done:
            yield from (layer for branch in branches.get(done, []) for layer in _separable(branch))
            done = here
        if name == "encoder_last":
            yield "encoder_last_depthwise"
        else:
            yield from _separable(name)


def _landmark_order(row: LandmarkPreset) -> Iterator[str]:
    paper = row.fine_widths is not None
    branches = {size: [f"decoder_{size}"] for size in (64, 32, 16)}
    branches[128] = ["mask_128"]
    if paper:
        for size in (32, 16):
            branches[size].append(f"regression_{size}_skip")
    yield from _encoder_order(row.stages, NOMINAL_SIZE // 2, branches)
    yield from _separable("decoder_8")
    if paper:
        for size, count in zip((32, 16, 8), row.fine_blocks, strict=True):
            yield from _separable(f"regression_{size}_down")
            if size == 32:
                yield from _mask_order()
            for i in range(count):
                yield from _separable(f"regression_{size}_{i}")
    else:
        yield from _mask_order()
    yield "heatmap_file"
    yield from _separable("regression_8_skip")
    for size, count, added in zip((4, 2), row.coarse_blocks, row.added_blocks, strict=True):
        yield from _separable(f"regression_{size}_down")
        for i in range(count - added):
            yield from _separable(f"regression_{size}_{i}")
    yield from ("landmarks_file", "world_file", "presence_conv")


def _detector_order(stages: tuple[Stage, ...], size: int) -> Iterator[str]:
    branches = {28: ["pyramid_28_lateral"], 14: ["pyramid_14_lateral"]}
    yield from _encoder_order(stages, size // 2, branches)
    for resolution in (14, 28):
        yield f"pyramid_{resolution}_reduce"
        for i in range(2):
            yield from _separable(f"pyramid_{resolution}_{i}")
    for resolution in (28, 14, 7):
        for name in ("score", "box"):
            yield from _separable(f"head_{resolution}_{name}")


def _schema() -> Any:
    from tensorflow.lite.python import schema_py_generated

    return schema_py_generated


def _convolutions(path: Path) -> list[tuple[Array, Array]]:
    """(kernel, bias) of every convolution, in file order.

    Kernels as Keras has them: (height, width, in, out), depthwise (height, width, channels, 1).
    """
    from tensorflow.lite.python.interpreter import Interpreter, OpResolverType

    schema = _schema()
    try:
        content = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecation of tf.lite; preserving is what we want
            interpreter = Interpreter(
                model_content=content, experimental_preserve_all_tensors=True,
                # XNNPACK would keep the unpacked constants to itself.
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )  # fmt: skip
        interpreter.allocate_tensors()
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except Exception as error:
        raise BadInputError(
            f"{path}: is no readable TensorFlow Lite model; fetch it again"
        ) from error
    graph = model.subgraphs[0]
    # Running once fills the tensors that DEQUANTIZE and DENSIFY make from stored constants.
    interpreter.invoke()
    names = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
    found = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            continue
        kernel, bias = (interpreter.get_tensor(t).astype(np.float32) for t in operator.inputs[1:3])
        found.append((kernel.transpose(1, 2, 3, 0), bias))
    return found


_POINTS = np.arange(FILE_POINTS * 5).reshape(FILE_POINTS, 5)
"""Channels of the files' landmark convolution: x, y, z, visibility, presence of every point."""


def _heads(input_size: int) -> dict[str, list[tuple[str, NDArray[np.intp], float]]]:
    """Layer of the file -> our layers that share its channels: (layer, channels, unit of ours)."""
    world = np.arange(FILE_POINTS * 3)
    maps = np.arange(FILE_POINTS)
    marks, points = NUM_LANDMARKS, NUM_POINTS
    return {
        "landmarks_file": [
            ("landmarks_conv", _POINTS[:points, :3].ravel(), 1 / input_size),
            ("rest_landmarks_conv", _POINTS[points:, :3].ravel(), 1 / input_size),
            ("visibility_conv", _POINTS[:marks, 3], 1.0),
            ("rest_visibility_conv", _POINTS[marks:, 3], 1.0),
            ("point_presence_conv", _POINTS[:, 4], 1.0),
        ],
        "world_file": [
            ("world_conv", world[: marks * 3], 1.0), ("rest_world_conv", world[marks * 3 :], 1.0)
        ],
        "heatmap_file": [("heatmap", maps[:marks], 1.0), ("rest_heatmap", maps[marks:], 1.0)],
    }  # fmt: skip


def split_heads(arrays: Mapping[str, Array], input_size: int) -> dict[str, Array]:
    """One convolution of the file mixes x, y, z, visibility, presence of 39 points: give each its
    own. Positions come out in crop units."""
    rest = dict(arrays)
    for joined, parts in _heads(input_size).items():
        for kind in ("kernel", "bias"):
            values = rest.pop(f"{joined}/{kind}")
            for layer, channels, unit in parts:
                rest[f"{layer}/{kind}"] = values[..., channels] * np.float32(unit)
    return rest


def join_heads(arrays: Mapping[str, Array], input_size: int) -> dict[str, Array]:
    """Inverse of `split_heads`: the arrays of a model with the layout of MediaPipe's files.

    Raises:
        KeyError: a part is missing; its name is the message.
    """
    joined_arrays = dict(arrays)
    for joined, parts in _heads(input_size).items():
        count = sum(len(channels) for _, channels, _ in parts)
        for kind in ("kernel", "bias"):
            first = arrays[f"{parts[0][0]}/{kind}"]
            values = np.zeros((*first.shape[:-1], count), np.float32)
            for layer, channels, unit in parts:
                values[..., channels] = arrays[f"{layer}/{kind}"] / np.float32(unit)
            joined_arrays[f"{joined}/{kind}"] = values
    return joined_arrays


def build(preset: str, **options: Any) -> tf_keras.Model:
    """The Keras model of any preset, landmark or detector."""
    return (
        build_detector(preset, **options)
        if preset in DETECTOR
        else build_landmark(preset, **options)
    )


def import_weights(path: str | Path, preset: str) -> Weights:
    """Read MediaPipe's published file of `preset` (`lite`, `full`, `heavy`, `detector`).

    What MediaPipe's file lacks (offset head, refinement, added blocks) begins without influence, so
    that the model equals the file.

    Raises:
        BadInputError: no such preset, or the file is another one.
    """
    path = Path(path)
    if preset in LANDMARK:
        order = list(_landmark_order(LANDMARK[preset]))
        model = build_landmark(preset, heads=True, mask=True, rest=True)
    elif preset in DETECTOR:
        row = DETECTOR[preset]
        order = list(_detector_order(row.stages, row.anchors.input_size))
        model = build_detector(preset)
    else:
        known = ", ".join([*LANDMARK, *DETECTOR])
        raise BadInputError(f"unknown preset {preset!r}; choose one of {known}")
    convolutions = _convolutions(path)
    if len(convolutions) != len(order):
        raise BadInputError(
            f"{path}: has {len(convolutions)} convolutions, {preset} has {len(order)}; "
            f"give MediaPipe's published {preset} file"
        )
    arrays: dict[str, Array] = {}
    for name, (kernel, bias) in zip(order, convolutions, strict=True):
        part = "depthwise_kernel" if name.endswith("_depthwise") else "kernel"
        if part == "depthwise_kernel":
            kernel = kernel.reshape(*kernel.shape[:2], -1, 1)
        arrays[f"{name}/{part}"], arrays[f"{name}/bias"] = kernel, bias
    if preset in LANDMARK:
        arrays = split_heads(arrays, NOMINAL_SIZE)
        if LANDMARK[preset].refined:
            arrays = add_refinement(arrays)
    fresh = get_weights(model).arrays
    about = {"preset": preset, "origin": f"MediaPipe {path.name}, Apache-2.0"}
    weights = Weights({**fresh, **arrays}, about)
    apply_weights(model, weights, str(path))
    return weights
