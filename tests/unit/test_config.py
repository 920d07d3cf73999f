"""Settings: defaults, parsing, refusals, and that each is documented."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.domain.method import Method

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({"PATH": "/bin"}) == Settings()


def test_values_are_read_with_their_types() -> None:
    settings = Settings.from_env(
        {
            "LOUPE_SPEECH": "transcribe",
            "LOUPE_CUSTOMER_CHANNEL": "1",
            "LOUPE_NON_TALK_INCLUDE_LEADING": "no",
            "LOUPE_INTERRUPTION_BACKCHANNEL_OPEN": "aha genau",
        }
    )
    assert settings.speech == "transcribe"
    assert settings.customer_channel == 1
    assert settings.method.non_talk_include_leading is False
    assert settings.method.interruption_backchannel_open == ("aha", "genau")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("LOUPE_SPEECH", "magic", id="unknown_engine"),
        pytest.param("LOUPE_SOURCE_GONE", "maybe", id="unknown_policy"),
        pytest.param("LOUPE_CUSTOMER_CHANNEL", "2", id="no_such_channel"),
        pytest.param("LOUPE_MAX_AUDIO_S", "long", id="not_a_number"),
        pytest.param("LOUPE_MAX_RECEIVES", "0", id="no_delivery_at_all"),
        pytest.param("LOUPE_NON_TALK_INCLUDE_LEADING", "perhaps", id="not_a_switch"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


@pytest.mark.parametrize(
    "name", [f.name for f in (*fields(Settings), *fields(Method)) if f.name != "method"]
)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`LOUPE_{name.upper()}`" in DOCUMENT.read_text()
