"""What ``chalice package --merge-template`` is given.

Made from ``infrastructure/*.yaml`` and ``functions/*/function.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class HeavyFunction:
    """A Lambda with a zip of its own, as its ``function.json`` describes it."""

    folder: Path
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.told["name"])

    @property
    def logical_id(self) -> str:
        return _camel(self.name)

    @property
    def zip_name(self) -> str:
        return f"{self.name}.zip"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Wheel tags of its own; a function that needs them has a runtime of its own too."""
        return tuple(self.told.get("platforms", ()))

    @property
    def runtime(self) -> str:
        """The interpreter that packages, as for Chalice's own functions: the byte code and the import
        check are that version's. Or its own, whose wheels are loaded with the first message only."""
        return str(self.told["runtime"]) if self.platforms else RUNTIME

    def properties(self) -> dict[str, Any]:
        told, trigger = self.told, self.told["trigger"]
        return {
            "CodeUri": f"./{self.zip_name}",
            "Description": told["description"],
            "Handler": told["handler"],
            "Runtime": self.runtime,
            "Architectures": [told["architecture"]],
            "MemorySize": told["memoryMb"],
            "Timeout": told["timeoutS"],
            "EphemeralStorage": {"Size": told["ephemeralStorageMb"]},
            "Environment": {"Variables": told["environment"]},
            "Events": {
                f"{self.logical_id}SqsEventSource": {
                    "Type": "SQS",
                    "Properties": {
                        "Queue": {"Fn::GetAtt": [f"{_camel(trigger['queue'])}Queue", "Arn"]},
                        "BatchSize": trigger["batchSize"],
                        "FunctionResponseTypes": trigger["functionResponseTypes"],
                        "ScalingConfig": {"MaximumConcurrency": trigger["maximumConcurrency"]},
                    },
                }
            },
        }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def heavy_functions() -> tuple[HeavyFunction, ...]:
    found = sorted((ROOT / "functions").glob("*/function.json"))
    return tuple(HeavyFunction(p.parent, json.loads(p.read_text("utf-8"))) for p in found)


def template() -> dict[str, Any]:
    """All files as one. Raises ``ValueError`` when two files declare one name."""
    merged: dict[str, Any] = {}
    for path in sorted((ROOT / "infrastructure").glob("*.yaml")):
        for section, names in _sections(path):
            target = merged.setdefault(section, {})
            if twice := target.keys() & names.keys():
                raise ValueError(f"{path.name} declares {', '.join(sorted(twice))} again")
            target.update(names)
        merged |= _texts(path)
    for function in heavy_functions():
        merged["Resources"][function.logical_id]["Properties"] |= function.properties()
    return merged


def _sections(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((k, v) for k, v in _read(path).items() if isinstance(v, dict))


def _texts(path: Path) -> dict[str, str]:
    return {k: v for k, v in _read(path).items() if isinstance(v, str)}


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read
