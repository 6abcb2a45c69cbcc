"""What a .tflite file says of itself: standard TFLite Metadata and our JSON description.

The metadata flatbuffer is written by hand (tflite-support has wheels for few Pythons). Table and
field numbers are those of TensorFlow's metadata_schema.fbs, version 1.1.0; readers such as
tflite_support, MediaPipe Tasks and Android Studio understand it. The label file is appended to
the model as an uncompressed zip archive, as that format asks.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import graph
from blazepose_tf.runtime.model_file import DESCRIPTION_ENTRY
from blazepose_tf.topology import ALIGNMENT_NAMES, LANDMARK_NAMES

METADATA_ENTRY = "TFLITE_METADATA"
IDENTIFIER = b"M001"
MIN_PARSER_VERSION = "1.0.0"
"""Nothing newer than the first version of the format is used."""
LABELS = "labels.txt"
LABELS_TEXT = "One name a line: the 35 points (visibility, world: the first 33), or `person`."
# Numbers from metadata_schema.fbs.
_IMAGE_PROPERTIES, _FEATURE_PROPERTIES = 2, 1  # union ContentProperties
_RGB = 1  # enum ColorSpaceType
_NORMALIZATION_OPTIONS = 1  # union ProcessUnitOptions
_TENSOR_AXIS_LABELS = 2  # enum AssociatedFileType


@dataclass(frozen=True)
class TensorText:
    """Description of one tensor. low, high: range of its values, None where it has no bounds.
    labels: the second-last or last axis is labelled by `labels.txt`."""

    description: str
    low: float | None = None
    high: float | None = None
    labels: bool = False


INT8_INPUT_TEXT = TensorText("RGB picture, int8: pixel - 128.", 0.0, 1.0)
OUTPUT_TEXTS: dict[str, TensorText] = {
    "landmarks": TensorText(
        "35 points (x, y, z) in crop units: x, y from 0 to 1 inside the crop, which points may "
        "leave; z is the depth relative to the hips on the same scale. Points 33 and 34 are the "
        "mid-hip and a point on the circle around the body.",
        labels=True,
    ),
    "visibility": TensorText(
        "Probability that each of the 33 landmarks is in the picture and not covered.",
        0.0, 1.0, labels=True,
    ),
    "presence": TensorText("Probability that the crop shows a person.", 0.0, 1.0),
    "mask": TensorText("Probability that the pixel of the crop shows the person.", 0.0, 1.0),
    "world": TensorText(
        "33 landmarks (x, y, z) in metres, origin between the hips.", labels=True
    ),
    "boxes": TensorText(
        "Per anchor, pixels of the input relative to the anchor's centre: face box centre x, y, "
        "width, height, then x, y of mid-hip, full-body circle, mid-shoulder, upper-body circle."
    ),
    "scores": TensorText("Probability that the anchor belongs to a person.", 0.0, 1.0),
}  # fmt: skip
MEDIAPIPE_TEXTS: dict[str, tuple[TensorText, ...]] = {
    "landmark": (
        TensorText("39 points: x, y, z in pixels of the input, visibility and presence, logits."),
        TensorText("Probability that the crop shows a person.", 0.0, 1.0),
        TensorText("Mask of the person, logits."),
        TensorText("Heatmaps of the 39 points, logits."),
        TensorText("39 points (x, y, z) in metres, origin between the hips."),
    ),
    "detector": (
        OUTPUT_TEXTS["boxes"], TensorText("Logit that the anchor belongs to a person.")
    ),
}  # fmt: skip
"""Outputs in the layout of MediaPipe's files, in their order."""
DETECTOR_LABELS = ("person",)


def normalization(low: float, high: float) -> tuple[float, float]:
    """(mean, std) of NormalizationOptions: (pixel - mean) / std takes 0..255 to `low`..`high`."""
    std = 255.0 / (high - low)
    return -low * std, std


def output_name(index: int) -> str:
    """Name of an output in MediaPipe's files."""
    return f"Identity_{index}" if index else "Identity"


def _output_texts(description: Mapping[str, Any]) -> Mapping[str, TensorText]:
    if description.get("layout") != "mediapipe":
        return OUTPUT_TEXTS
    texts = MEDIAPIPE_TEXTS[description["kind"]]
    return {output_name(i): text for i, text in enumerate(texts)}


class _Builder(flatbuffers.Builder):
    """A flatbuffer builder that takes whole tables."""

    def text(self, value: str) -> int:
        return int(self.CreateString(value))

    def offsets(self, items: Sequence[int]) -> int:
        self.StartVector(4, len(items), 4)
        for item in reversed(items):
            self.PrependUOffsetTRelative(item)
        return int(self.EndVector())

    def floats(self, *values: float) -> int:
        return int(self.CreateNumpyVector(np.array(values, np.float32)))

    def table(self, fields: int, offsets: Mapping[int, int | None], **scalars: int) -> int:
        """offsets: field number -> offset (None leaves it out); scalars: `byte_N`/`uint_N`."""
        self.StartObject(fields)
        for slot, offset in offsets.items():
            if offset is not None:
                self.PrependUOffsetTRelativeSlot(slot, offset, 0)
        for key, value in scalars.items():
            width, number = key.split("_")
            put = self.PrependInt8Slot if width == "byte" else self.PrependUint32Slot
            put(int(number), value, 0)
        return int(self.EndObject())


def _content(builder: _Builder, image_size: int | None) -> int:
    """Content: ImageProperties for the input, FeatureProperties for the rest."""
    if image_size is None:
        return builder.table(3, {1: builder.table(0, {})}, byte_0=_FEATURE_PROPERTIES)
    default_size = builder.table(2, {}, uint_0=image_size, uint_1=image_size)
    image = builder.table(2, {1: default_size}, byte_0=_RGB)
    return builder.table(3, {1: image}, byte_0=_IMAGE_PROPERTIES)


def _label_file(builder: _Builder) -> int:
    name, about = builder.text(LABELS), builder.text(LABELS_TEXT)
    return builder.table(4, {0: name, 1: about}, byte_2=_TENSOR_AXIS_LABELS)


def _tensor(builder: _Builder, name: str, about: TensorText, image_size: int | None = None) -> int:
    """TensorMetadata; `image_size` marks the input."""
    units = stats = files = None
    if image_size is not None:
        assert about.low is not None and about.high is not None
        mean, std = map(builder.floats, normalization(about.low, about.high))
        options = builder.table(2, {0: mean, 1: std})
        units = builder.offsets([builder.table(2, {1: options}, byte_0=_NORMALIZATION_OPTIONS)])
    if about.low is not None and about.high is not None:
        high, low = builder.floats(about.high), builder.floats(about.low)
        stats = builder.table(2, {0: high, 1: low})
    if about.labels:
        files = builder.offsets([_label_file(builder)])
    fields = {
        0: builder.text(name), 1: builder.text(about.description),
        3: _content(builder, image_size), 4: units, 5: stats, 6: files,
    }  # fmt: skip
    return builder.table(7, fields)


def labels(description: Mapping[str, Any]) -> bytes:
    """Content of `labels.txt`: the 35 points of a landmark file, `person` for a detector."""
    names = LANDMARK_NAMES + ALIGNMENT_NAMES
    if description["kind"] == "detector":
        names = DETECTOR_LABELS
    return "".join(f"{name}\n" for name in names).encode()


def model_metadata(model: Any, description: Mapping[str, Any]) -> bytes:
    """The TFLITE_METADATA flatbuffer for a `ModelT`."""
    subgraph = model.subgraphs[0]
    builder = _Builder(1024)
    size = int(subgraph.tensors[subgraph.inputs[0]].shape[1])
    low, high = description.get("input_range", (0.0, 1.0))
    image_text = TensorText(f"RGB picture, float32 {low:g}..{high:g}.", low, high)
    if description["io"] == "int8":
        image_text = INT8_INPUT_TEXT
    texts = _output_texts(description)

    def name(index: int) -> str:
        return graph.text(subgraph.tensors[index].name)

    inputs = [_tensor(builder, name(i), image_text, size) for i in subgraph.inputs]
    outputs = [
        _tensor(builder, name(i), texts.get(name(i), TensorText(name(i)))) for i in subgraph.outputs
    ]
    graph_table = builder.table(7, {2: builder.offsets(inputs), 3: builder.offsets(outputs)})
    about = (
        f"BlazePose {description['kind']} network, preset {description['preset']}, "
        f"{description['precision']}."
    )
    fields = {
        0: builder.text(f"blazepose_{description['preset']}"), 1: builder.text(about),
        2: builder.text(str(description["version"])), 3: builder.offsets([graph_table]),
        4: builder.text("blazepose-tf"), 5: builder.text("Apache License 2.0"),
        6: builder.offsets([_label_file(builder)]), 7: builder.text(MIN_PARSER_VERSION),
    }  # fmt: skip
    builder.Finish(builder.table(8, fields), IDENTIFIER)
    return bytes(builder.Output())


def _append_entry(model: Any, name: str, content: bytes) -> None:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(content, np.uint8)
    model.buffers.append(buffer)
    item = schema.MetadataT()
    item.name, item.buffer = name, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), item]


def _append_file(content: bytes, name: str, data: bytes) -> bytes:
    """The model with a zip archive behind it, one stored file with a fixed date: equal input
    gives equal bytes. Offsets in the archive count from the start of the model."""
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def describe(content: bytes, description: Mapping[str, Any]) -> bytes:
    """Embed metadata, our JSON and the labels in a .tflite file.

    Args:
        content: a file without them.
        description: needs `kind` (`landmark`|`detector`), `preset`, `precision`, `io`, `version`,
            may have `input_range` and `layout`;
            `associated_files` and `min_runtime_version` are added.
    """
    model = graph.parse(content)
    minimum = graph.entry(model, "min_runtime_version").rstrip(b"\0").decode()
    full = {**description, "min_runtime_version": minimum, "associated_files": [LABELS]}
    _append_entry(model, METADATA_ENTRY, model_metadata(model, full))
    _append_entry(model, DESCRIPTION_ENTRY, json.dumps(full).encode())
    return _append_file(graph.to_bytes(model), LABELS, labels(full))
