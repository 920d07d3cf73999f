"""Which language model is asked follows from the settings; what is wrong with them stops the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.aws import clients
from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.text_engines import language_model
from local import doctor

SERVER = Settings(summary="openai", model_id="m-1", model_url="http://127.0.0.1:9/v1")


def test_without_the_setting_nobody_is_asked():
    assert language_model(Settings()) is None
    assert language_model(Settings(model_id="m-1", model_url=SERVER.model_url)) is None


def test_a_server_is_named_by_its_model():
    model = language_model(SERVER)
    assert model
    assert (model.engine.name, model.engine.version) == ("OpenAI-compatible", "m-1")


def test_bedrock_is_named_by_its_model_and_guardrail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    clients.client.cache_clear()
    model = language_model(Settings(summary="bedrock", model_id="a.b-1:0", model_guardrail="g1:2"))
    clients.client.cache_clear()
    assert model
    assert (model.engine.name, model.engine.version) == ("Amazon Bedrock", "a.b-1:0")
    assert "g1:2" in model.engine.detail


def test_bedrock_without_a_region_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    clients.client.cache_clear()
    with pytest.raises(SettingsError, match="LOUPE_SUMMARY=bedrock needs a region"):
        language_model(Settings(summary="bedrock", model_id="a.b-1:0"))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="no_file"),
        pytest.param(b"", id="an_empty_file"),
        pytest.param(b"\n", id="a_blank_line"),
        pytest.param(b"one\r\nx-header: two", id="two_lines"),
        pytest.param("schlüssel".encode(), id="letters_that_no_header_takes"),
    ],
)
def test_a_key_file_that_holds_no_key_is_refused_without_telling_it(tmp_path: Path, body) -> None:
    path = tmp_path / "key"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(SettingsError, match="LOUPE_MODEL_KEY_FILE") as refused:
        language_model(replace(SERVER, model_key_file=str(path)))
    assert "one" not in str(refused.value).replace("of one line", "")
    assert refused.value.__cause__ is None or isinstance(refused.value.__cause__, OSError)


def test_doctor_names_the_model_without_asking_it():
    found = doctor.report(SERVER, Path("/nonexistent/loupe"))["capabilities"]
    (told,) = [c for c in found if c["capability"] == "generated_summary"]
    assert (told["state"], told["engine"]["version"]) == ("OK", "m-1")
    plain = doctor.report(Settings(), Path("/nonexistent/loupe"))["capabilities"]
    assert "generated_summary" not in [c["capability"] for c in plain]
