"""Finds out from an interpreter which operators a delegate took."""

from __future__ import annotations

from typing import Any

from benchmarks.logs import Delegation

DELEGATE = "DELEGATE"


def delegation_of(interpreter: Any, delegate: str) -> Delegation:
    """What `delegate` took of an allocated interpreter's graph.

    The interpreter lists the original operators and, after them, one DELEGATE node per partition
    with its inputs and outputs. Walking back from a partition's outputs to its inputs visits
    exactly the operators that it replaced.
    """
    operators = interpreter._get_ops_details()
    originals = [o for o in operators if o["op_name"] != DELEGATE]
    partitions = [o for o in operators if o["op_name"] == DELEGATE]
    producer = {int(t): i for i, o in enumerate(originals) for t in o["outputs"]}
    taken: set[int] = set()
    for partition in partitions:
        inputs = {int(t) for t in partition["inputs"]}
        waiting = [int(t) for t in partition["outputs"]]
        while waiting:
            index = producer.get(waiting.pop())
            if index is None or index in taken:
                continue
            taken.add(index)
            waiting += [int(t) for t in originals[index]["inputs"] if int(t) not in inputs]
    extent = "none" if not taken else "full" if len(taken) == len(originals) else "partial"
    return Delegation(delegate, extent, len(partitions), len(taken), len(originals))
