"""What is measured, in which order, and how long that will take."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import Combination, Model, Protocol
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from blazepose_tf.runtime.model_file import read_model_file

OVERHEAD_S = 12.0
"""Per measurement, roughly: load, three windows of warm-up or more, looks at the conditions."""


def find_models(paths: Sequence[Path], baselines: Sequence[Path]) -> list[Model]:
    """Check the files and give each a name of its own (parent folder added where stems agree).

    Raises:
        BadInputError: missing, no TFLite model, or given twice.
    """
    models: list[Model] = []
    stems = [path.stem for path in (*paths, *baselines)]
    for path in (*paths, *baselines):
        content = read_model_file(path).content
        repeated = stems.count(path.stem) > 1
        name = f"{path.resolve().parent.name}/{path.stem}" if repeated else path.stem
        models.append(Model(name, path, sha256(content), len(content), path in baselines))
    names = [model.name for model in models]
    for model in models:
        if names.count(model.name) > 1:
            raise BadInputError(f"{model.path}: is given twice; give each model once")
    return models


Group = list[Combination]
"""Combinations that take turns in rounds: models to compare, on one delegate and thread count."""


def make_plan(
    models: Sequence[Model], delegates: Sequence[str], threads: Sequence[int], seed: int
) -> list[Group]:
    """All combinations, shuffled so that heat and time of day fall on nobody in particular.

    With baselines, all models of one delegate and thread count form a group and take turns.
    The GPU and the NPU do not use CPU threads: they are measured once, with the first count.
    """
    order = random.Random(seed)
    groups: list[Group] = []
    alternate = any(model.is_baseline for model in models)
    for delegate in delegates:
        for count in threads[:1] if delegate in ("gpu", "npu") else threads:
            group = [Combination(model, delegate, count) for model in models]
            groups += [group] if alternate else [[combination] for combination in group]
    for group in groups:
        order.shuffle(group)
    order.shuffle(groups)
    return groups


def rounds_of(group: Group, protocol: Protocol) -> int:
    """Turns each member of a group takes."""
    return protocol.rounds if len(group) > 1 else 1


def estimate_seconds(groups: Sequence[Group], protocol: Protocol) -> float:
    """Lower estimate of the whole plan's time on one target, without cool-downs."""
    overhead = OVERHEAD_S / 6 if protocol.quick else OVERHEAD_S
    runs = [(len(group), rounds_of(group, protocol)) for group in groups]
    return sum(size * (protocol.seconds + overhead * rounds) for size, rounds in runs)


def describe_seconds(seconds: float) -> str:
    """'45 s', '12 min' or '2 h 05 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
