"""From ``LOUPE_VOCABULARY`` to the engine that listens for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.bootstrap import local_speech, local_vocabulary
from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.domain.vocabulary import Vocabulary
from tests.fakes.stores import MemoryObjects


def _settings(path: Path) -> Settings:
    return Settings.from_env({"LOUPE_VOCABULARY": str(path)})


def test_without_a_setting_there_is_no_vocabulary() -> None:
    assert local_vocabulary(Settings()) == Vocabulary()


def test_the_file_of_the_setting_is_part_of_the_engine(tmp_path: Path) -> None:
    file = tmp_path / "trade.tsv"
    file.write_text("Phrase\tDisplayAs\nA.W.S.\tAWS\n", "utf-8")
    known = local_vocabulary(_settings(file))
    assert known.hot_words == "AWS"
    engine = local_speech(_settings(file), MemoryObjects()).engine
    assert engine.detail.endswith(f"; vocabulary {known.id[:12]}")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"Phrase\nLos Angeles\n", "line 2: Phrase has a blank", id="a_wrong_line"),
        pytest.param(b"", "the vocabulary holds nothing", id="an_empty_file"),
        pytest.param(None, "No such file", id="no_file"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(
    tmp_path: Path, body: bytes | None, told: str
) -> None:
    file = tmp_path / "trade.tsv"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(SettingsError, match=f"LOUPE_VOCABULARY: {told}"):
        local_speech(_settings(file), MemoryObjects())
