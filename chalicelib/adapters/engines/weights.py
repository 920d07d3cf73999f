"""Weights that a package carries: found without importing it, and checked before anything is loaded.

The pins stand in ``pins.json``: name, size and SHA-256 of each file. Nothing is fetched at run time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NotRequired, TypedDict

from chalicelib.domain.errors import EngineMissing, IntegrityError

PINS = Path(__file__).with_name("pins.json")


class Pin(TypedDict, total=False):
    """One pinned file; ``size`` in bytes."""

    size: int
    sha256: str


class PinnedModel(TypedDict):
    """A model's files by name. ``package`` and ``folder``: the package that carries them, and where
    in it; without a package they ship with Loupe, beside the pins."""

    source: str
    files: Mapping[str, Pin]
    package: NotRequired[str]
    folder: NotRequired[str]


@cache
def pinned() -> Mapping[str, PinnedModel]:
    """Every pinned model by name."""
    models: dict[str, PinnedModel] = json.loads(PINS.read_text("utf-8"))
    return models


def checked(name: str, capability: str) -> Path:
    """The folder of a pinned model, every file hashed once per process and state of the file.

    Raises ``EngineMissing`` where a file is missing, ``IntegrityError`` where one is another.
    """
    model = pinned()[name]
    folder = _home(model, capability) / model.get("folder", "")
    for file, pin in model["files"].items():
        if not (folder / file).is_file():
            raise EngineMissing(capability, f"no model: {folder / file} is not there")
        if sha256(folder / file) != pin["sha256"]:
            raise IntegrityError(f"{folder / file} is not the pinned file of {name}")
    return folder


def _home(model: PinnedModel, capability: str) -> Path:
    if "package" not in model:
        return PINS.parent
    return package_folder(model["package"], capability)


def package_folder(package: str, capability: str) -> Path:
    """Where a package is installed. Raises ``EngineMissing``."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineMissing(capability, f"no model: {package} is not installed")
    return Path(spec.submodule_search_locations[0])


def sha256(file: Path) -> str:
    """The file's hash in hexadecimal, remembered while the file stays as it is."""
    state = file.stat()
    return _sha256_of(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _sha256_of(file: Path, _mtime_ns: int, _size: int) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()
