"""Which engine reads sentiment follows from the settings, and doctor says whether it can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.aws import clients
from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.text_engines import language_engines, text_insight
from local import doctor


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        pytest.param("minilm", "minilm-sentiment", id="the_default"),
        pytest.param("vader", "vader", id="the_lexicon_alone"),
    ],
)
def test_the_setting_names_the_engine(setting, name):
    sentiment, _ = language_engines(replace(Settings(), sentiment=setting))
    assert sentiment.engine.name == name


@pytest.mark.parametrize("setting", ["minilm", "vader"])
def test_doctor_names_the_engine_that_would_answer(setting):
    settings = replace(Settings(), sentiment=setting)
    found = doctor.report(settings, Path("/nonexistent/loupe"))["capabilities"]
    (told,) = [c for c in found if c["capability"] == "sentiment"]
    assert told["state"] == "OK"
    assert told["engine"]["name"] == language_engines(settings)[0].engine.name


def test_the_default_on_one_machine_is_the_head():
    assert Settings().sentiment == "minilm"


def test_the_deeper_reading_is_local_from_the_engines_that_are_set():
    engine = text_insight(Settings(sentiment="vader")).engine
    assert engine.name == "loupe-insight"
    assert "by vader" in engine.detail
    found = doctor.report(Settings(), Path("/nonexistent/loupe"))["capabilities"]
    (told,) = [c for c in found if c["capability"] == "insight"]
    assert told["state"] == "OK"
    assert told["detail"].startswith("approximate")


def test_the_deeper_reading_of_comprehend_needs_a_region(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    clients.client.cache_clear()
    with pytest.raises(SettingsError, match="LOUPE_INSIGHT=comprehend needs a region"):
        text_insight(Settings(insight="comprehend"))
