"""One file after the other: convert, describe, write, check, time. What is finished stays."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import blazepose_tf
from blazepose_tf.convert import calibration, checks, export, graph, latency, metadata, quantize
from blazepose_tf.convert.calibration import People
from blazepose_tf.convert.check import Check
from blazepose_tf.convert.report import Report, write_report
from blazepose_tf.convert.sources import ShippedDetector, Source, WeightsFile, presets
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically
from blazepose_tf.models.presets import family
from blazepose_tf.models.weights import preset_of, read_weights, shipped

PRECISIONS = ("float32", "float16", "int8")
DEFAULT_MODELS = ("lite", "full", "detector", "detector_128")
ALL = "all"
"""Stands for every preset that weights are shipped for."""
RUNTIMES = ("ai-edge-litert", "tflite-runtime")
"""Files are checked in each that is installed."""
STEPS = ("convert", "check", "time")

Progress = Callable[[str], None]
"""Called before every step with what it is."""


@dataclass(frozen=True)
class Request:
    """What to make. weights: None for the shipped ones; calibration: None for the shipped
    pictures; io: `float32`, or `int8` for int8 input of int8 files; mask: with that output."""

    out: Path
    models: tuple[str, ...] = DEFAULT_MODELS
    precisions: tuple[str, ...] = PRECISIONS
    weights: Path | None = None
    calibration: Path | None = None
    io: str = "float32"
    time: bool = True
    mask: bool = False

    @property
    def files(self) -> int:
        """How many files that is."""
        return len(self.models) * len(self.precisions)


def runtime_versions() -> dict[str, str | None]:
    """Installed interpreter packages and their versions; None where one is missing."""
    versions: dict[str, str | None] = {}
    for name in RUNTIMES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def models_of(
    models: Sequence[str] | None, weights: Path | None, default: tuple[str, ...] = DEFAULT_MODELS
) -> tuple[str, ...]:
    """Which presets to make: those named (`all`: every one that weights are shipped for), or the
    one that the weights are of or another form of, or `default`.

    Raises:
        BadInputError: weights together with several presets, or weights that do not say.
    """
    if models and ALL in models:
        models = [preset for preset in presets() if shipped(preset).exists()]
    if weights is None:
        return tuple(models or default)
    if models is not None and len(models) != 1:
        raise BadInputError(f"{weights}: holds one preset; say which with a single --model")
    named = models[0] if models else None
    preset = preset_of(read_weights(weights), weights, named, "--model")
    return (named or family(preset),)


def file_name(source: Source, precision: str) -> str:
    """`pose_landmark_lite_int8.tflite`, `pose_detector_128_float32.tflite`."""
    kind = "landmark_" if source.kind == "landmark" else ""
    return f"pose_{kind}{source.preset}_{precision}.tflite"


@dataclass(frozen=True)
class Converted:
    """An undescribed file, the weights in it, and what int8 did."""

    content: bytes
    weights: WeightsFile
    int8: quantize.Int8Model | None = None


def convert(source: Source, precision: str, io: str) -> Converted:
    """Make one file's content."""
    if precision == "float32":
        return Converted(export.to_float32(source.model), source.weights)
    if precision == "float16":
        return Converted(export.to_float16(source.model), source.weights)
    samples = source.samples()
    int8 = quantize.to_int8(
        source.to_quantize(samples), samples, kind=source.kind,
        learned=source.int8_weights.weights.ranges, int8_input=io == "int8",
        input_range=source.input_range,
    )  # fmt: skip
    return Converted(int8.content, source.int8_weights, int8)


def describe(source: Source, converted: Converted, precision: str, io: str) -> dict[str, Any]:
    """The JSON description that the file carries."""
    weights = converted.weights.summary
    facts: dict[str, Any] = {
        "kind": source.kind, "preset": source.preset, "precision": precision, "io": io,
        "version": blazepose_tf.__version__, "input_size": source.size,
        "input_range": list(source.input_range), "layout": source.layout,
        "weights_sha256": weights["sha256"], "weights_about": weights["about"],
    }  # fmt: skip
    if source.anchors is not None:
        facts["anchors"] = asdict(source.anchors)
    if converted.int8 is not None:
        facts["quantization_aware"] = weights["quantization_aware"]
        facts["float_part"] = quantize.FLOAT_PARTS[source.kind].what
        facts["float_layers"] = list(converted.int8.float_operators)
    return facts


def _row(path: Path, source: Source, converted: Converted, facts: dict[str, Any]) -> dict[str, Any]:
    """What the report says of a file, before the checks."""
    content = path.read_bytes()
    size = graph.size(graph.operators(graph.parse(content)))
    row = {
        "file": path.name, **{key: facts[key] for key in ("kind", "preset", "precision", "io")},
        "bytes": len(content), "sha256": sha256(content),
        "parameters": size.parameters, "macs": size.macs, "input_size": source.size,
        "weights": converted.weights.summary, "float_part": None,
    }  # fmt: skip
    if converted.int8 is not None:
        row["float_part"] = {
            "what": facts["float_part"], "macs": converted.int8.float_macs,
            "layers": facts["float_layers"],
        }  # fmt: skip
        row["ranges"] = {
            "learned": converted.int8.learned, "calibrated": converted.int8.calibrated
        }  # fmt: skip
    return row


def _people(request: Request) -> People:
    if request.calibration is None:
        return calibration.shipped_people()
    return calibration.people_in(request.calibration, ShippedDetector())


def build(request: Request, progress: Progress = lambda step: None) -> Report:
    """Make and check all files; the report is written after each of them.

    Raises:
        BadInputError: weights, pictures or folder cannot be used; files finished before stay.
    """
    report, people, backends = start(request)
    # Weights and folder are tried before minutes of work go into them.
    sources = [
        Source(preset, people, request.weights, mask=request.mask) for preset in request.models
    ]
    write_report(request.out, report)
    for source in sources:
        for precision in request.precisions:
            path = request.out / file_name(source, precision)
            made = make_file(path, source, precision, request, backends, progress)
            report = report.with_file(*made)
            write_report(request.out, report)
    return report


def start(request: Request) -> tuple[Report, People, list[str]]:
    """An empty report, the people to calibrate and check on, and the installed runtimes.

    Raises:
        BadInputError: no runtime, or pictures that cannot be used.
    """
    versions = runtime_versions()
    backends = [name for name, version in versions.items() if version]
    if not backends:
        raise BadInputError("no TFLite interpreter found; run: pip install ai-edge-litert")
    people = _people(request)
    return Report.start(versions, people), people, backends


def make_file(
    path: Path, source: Source, precision: str, request: Request, backends: Sequence[str],
    progress: Progress,
) -> tuple[dict[str, Any], list[Check], dict[str, Any]]:  # fmt: skip
    """Convert, describe, write, check and time one file: its row, checks and times."""
    io = request.io if precision == "int8" else "float32"
    progress(f"{path.stem}: convert")
    converted = convert(source, precision, io)
    facts = describe(source, converted, precision, io)
    write_atomically(path, metadata.describe(converted.content, facts))
    row = _row(path, source, converted, facts)
    progress(f"{path.stem}: check")
    results = checks.check_file(path, source, precision, io, backends)
    timed: dict[str, Any] = {}
    if request.time:
        progress(f"{path.stem}: time")
        timed = {
            backend: asdict(latency.measure(path, source.pictures[0], backend))
            for backend in backends
        }
    return row, results, timed
