"""Does a delegate take the whole graph? Measured by running, not guessed from a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.interpreter import load_backend

DELEGATE_NODE = "DELEGATE"


@dataclass(frozen=True)
class Delegation:
    """What XNNPACK did with a graph.

    whole: every operator runs in one delegated node. kernels: number of delegated nodes.
    outside: operators on the border that stayed with the interpreter, as `KIND name`.
    """

    whole: bool
    kernels: int
    outside: tuple[str, ...]


def xnnpack(content: bytes, backend: str) -> Delegation:
    """Load a file in `backend` and see which operators its XNNPACK delegate took.

    The interpreter applies XNNPACK on its own and lists the delegated node behind the original
    operators. The node holds the whole graph if it reads nothing but the graph's inputs and
    constants and writes every output of the graph.

    Raises:
        BadInputError: the backend is not installed or cannot load the file.
    """
    _, module = load_backend(backend)
    try:
        interpreter = module.Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:160]
        raise BadInputError(f"{backend} cannot load the file ({reason})") from error
    ops: list[Mapping[str, Any]] = interpreter._get_ops_details()  # no public way exists
    nodes = [op for op in ops if op["op_name"] == DELEGATE_NODE]
    producers = {int(t): op for op in ops if op["op_name"] != DELEGATE_NODE for t in op["outputs"]}
    names = {details["index"]: details["name"] for details in interpreter.get_tensor_details()}
    written = {int(t) for node in nodes for t in node["outputs"]}
    read = {int(t) for node in nodes for t in node["inputs"] if t >= 0}
    inputs = {details["index"] for details in interpreter.get_input_details()}
    outputs = {details["index"] for details in interpreter.get_output_details()}
    missing = ((read - inputs) | outputs) - written
    outside = [
        f"{producers[tensor]['op_name']} {names[tensor]}"
        for tensor in sorted(missing)
        if tensor in producers
    ]
    return Delegation(len(nodes) == 1 and not outside, len(nodes), tuple(outside))
