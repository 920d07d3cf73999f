"""Which engine reads sentiment follows from the settings, and doctor says whether it can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.config import Settings
from chalicelib.text_engines import language_engines
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
