"""Model folders are complete and checked before anything is loaded."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from chalicelib.adapters.engines import models
from chalicelib.domain.errors import EngineMissing, IntegrityError

ENGLISH = "word\n" * 51_864
MANY = "word\n" * 51_865


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete folder that is no pinned model."""
    made = tmp_path / "my-model"
    made.mkdir()
    for name, text in {"model.bin": "weights", "config.json": "{}", "tokenizer.json": "{}"}.items():
        (made / name).write_text(text, "utf-8")
    (made / "vocabulary.txt").write_text(MANY, "utf-8")
    return made


@pytest.fixture
def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default model's package, made of the folder, with pins to match."""
    made = folder.rename(folder.with_name("model"))
    spec = SimpleNamespace(submodule_search_locations=[str(made.parent)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    pin = {
        file.name: {
            "size": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in made.iterdir()
    }
    monkeypatch.setattr(models, "pins", lambda: {"tiny.en": pin})
    return made


def test_the_default_is_the_pinned_folder_of_the_package(package: Path) -> None:
    found = models.locate("")
    assert (found.path, found.name, found.pinned) == (package, "tiny.en", True)
    assert found.detail == f"tiny.en int8, sha256 {found.sha256[:12]}"


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_default_file_with_other_content_is_refused(package: Path, name: str) -> None:
    changed = bytearray((package / name).read_bytes())
    changed[0] ^= 1
    (package / name).write_bytes(changed)
    with pytest.raises(IntegrityError, match=r"tiny\.en"):
        models.locate("")


def test_a_file_that_changes_after_the_first_look_is_noticed(package: Path) -> None:
    models.locate("")
    weights = package / "model.bin"
    weights.write_text("weightz", "utf-8")
    os.utime(weights, ns=(1, 1))
    with pytest.raises(IntegrityError):
        models.locate("")


def test_a_file_is_hashed_once(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.locate("")
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    assert models.locate("").pinned


def test_a_missing_package_is_a_missing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match="not installed"):
        models.locate("")


def test_a_users_own_folder_is_taken_and_named_as_not_pinned(folder: Path) -> None:
    found = models.locate(str(folder))
    assert (found.name, found.pinned) == ("my-model", False)
    assert found.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert found.detail.endswith("own model, not pinned")


def test_a_users_copy_of_a_pinned_model_is_known_by_its_content(package: Path) -> None:
    copy = package.rename(package.with_name("copy"))
    assert models.locate(str(copy)).name == "tiny.en"


@pytest.mark.parametrize(
    ("vocabulary", "text", "english"),
    [
        pytest.param("vocabulary.txt", ENGLISH, True, id="the_english_vocabulary"),
        pytest.param("vocabulary.txt", MANY, False, id="the_multilingual_vocabulary"),
        pytest.param(
            "vocabulary.json", json.dumps(["w"] * 51_866), False, id="a_newer_one_as_json"
        ),
    ],
)
def test_the_vocabulary_tells_whether_a_model_knows_only_english(
    folder: Path, vocabulary: str, text: str, english: bool
) -> None:
    (folder / "vocabulary.txt").unlink()
    (folder / vocabulary).write_text(text, "utf-8")
    assert models.locate(str(folder)).english_only is english


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_an_incomplete_folder_is_a_missing_engine_that_names_the_file(
    folder: Path, name: str
) -> None:
    (folder / name).unlink()
    with pytest.raises(EngineMissing, match=name.replace(".", r"\.")):
        models.locate(str(folder))


@pytest.mark.parametrize("name", ["base", "Systran/faster-whisper-base", "/no/such/folder"])
def test_a_name_is_never_looked_up_elsewhere(name: str) -> None:
    with pytest.raises(EngineMissing):
        models.locate(name)


def test_every_pin_has_a_hash_for_every_file_the_engine_opens() -> None:
    for pin in models.pins().values():
        assert set(models.NEEDED) < set(pin)
        assert any(name in pin for name in models.VOCABULARIES)
        assert all(len(bytes.fromhex(file["sha256"])) == 32 for file in pin.values())
        assert all(file.get("size", 1) > 0 for file in pin.values())


@pytest.mark.speech
def test_the_installed_model_is_the_pinned_one_and_english() -> None:
    found = models.locate("")
    assert (found.name, found.pinned, found.english_only) == ("tiny.en", True, True)
