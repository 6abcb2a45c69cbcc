"""A small JSON Schema checker: the keywords that the schemas in this folder use, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}  # fmt: skip
_KEYWORDS = {
    "type", "const", "enum", "required", "properties", "items", "minimum", "minItems", "pattern",
    "additionalProperties", "anyOf", "description", "title", "$schema", "$id",
}  # fmt: skip


def load_schema(path: Path) -> dict[str, Any]:
    """Read a schema file."""
    schema: dict[str, Any] = json.loads(path.read_text())
    return schema


def _is_type(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        if isinstance(value, bool):
            return False
        return isinstance(value, int) or (name == "number" and isinstance(value, float))
    return isinstance(value, _TYPES[name])


def problems(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """Everything wrong with `value`, one line each, with its place; empty when it is valid.

    Raises:
        ValueError: the schema uses a keyword that is not known here.
    """
    unknown = set(schema) - _KEYWORDS
    if unknown:
        raise ValueError(f"schema keywords {sorted(unknown)} are not supported")
    found: list[str] = []
    if "anyOf" in schema:
        tries = [problems(value, option, where) for option in schema["anyOf"]]
        return [] if any(not t for t in tries) else min(tries, key=len)
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(_is_type(value, name) for name in names):
        return [f"{where}: is {type(value).__name__}, should be {' or '.join(names)}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: should be {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        found.append(f"{where}: {value!r} does not match {schema['pattern']}")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if "minimum" in schema and number and not value >= schema["minimum"]:
        found.append(f"{where}: {value} is below {schema['minimum']}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [
            f"{where}: lacks {name!r}" for name in schema.get("required", []) if name not in value
        ]
        for name, item in value.items():
            if name in known:
                found += problems(item, known[name], f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}: has unknown {name!r}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            found.append(f"{where}: has {len(value)} items, needs {schema['minItems']}")
        items = schema.get("items", {})
        for index, item in enumerate(value):
            if len(found) > 20:
                break
            found += problems(item, items, f"{where}[{index}]")
    return found
