"""Settings: defaults, parsing, refusals, and that each is documented."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from chalicelib.config import ELSEWHERE, Settings, variables
from chalicelib.config.checks import RANGES
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
        pytest.param("LOUPE_VOCABULARY_NAME", "my words", id="no_name_of_a_vocabulary"),
        pytest.param("LOUPE_SENTIMENT", "tea_leaves", id="unknown_engine_of_sentiment"),
        pytest.param("LOUPE_VECTORS", "word2vec", id="unknown_engine_of_vectors"),
        pytest.param("LOUPE_PII", "nobody", id="unknown_engine_of_personal_data"),
        pytest.param("LOUPE_INSIGHT", "palm", id="unknown_engine_of_insight"),
        pytest.param(
            "LOUPE_COMPREHEND_CLASSIFIER", "topics", id="a_classifier_that_is_no_endpoint"
        ),
        pytest.param(
            "LOUPE_COMPREHEND_CLASSIFIER",
            "arn:aws:comprehend:eu-west-1:111122223333:document-classifier-endpoint/topics",
            id="a_classifier_that_nobody_asks",
        ),
        pytest.param("LOUPE_SOURCE_GONE", "maybe", id="unknown_policy"),
        pytest.param("LOUPE_CONTACT_LENS_OUTPUT", "raw", id="unknown_reading"),
        pytest.param("LOUPE_SEARCH", "google", id="unknown_search"),
        pytest.param("LOUPE_SUMMARY", "oracle", id="unknown_engine_of_summaries"),
        pytest.param("LOUPE_MODEL_ID", "a model", id="no_name_of_a_model"),
        pytest.param("LOUPE_MODEL_GUARDRAIL", "abc", id="a_guardrail_without_its_version"),
        pytest.param("LOUPE_MODEL_URL", "http://models.example/v1", id="a_model_in_the_open"),
        pytest.param("LOUPE_RULE_STATEMENTS", "yes", id="unknown_judge_of_statements"),
        pytest.param("LOUPE_RULE_STATEMENTS", "model", id="a_judge_without_a_model"),
        pytest.param("LOUPE_SEMANTIC_THRESHOLD", "high", id="no_likeness"),
        pytest.param("LOUPE_SEMANTIC_THRESHOLD", "nan", id="a_likeness_that_is_no_number"),
        pytest.param("LOUPE_RISK", "horoscope", id="unknown_engine_of_risk"),
        pytest.param("LOUPE_RISK", "fraud-detector", id="a_detector_without_its_name"),
        pytest.param("LOUPE_RISK", "sagemaker", id="an_endpoint_without_its_name"),
        pytest.param("LOUPE_RISK_ENDPOINT", "my endpoint", id="no_name_of_an_endpoint"),
        pytest.param("LOUPE_FRAUD_LABELS", "fraud", id="one_label_for_both"),
        pytest.param("LOUPE_FRAUD_DETECTOR", "My Detector", id="no_name_of_a_detector"),
        pytest.param("LOUPE_FRAUD_DETECTOR_VERSION", "1.0", id="no_version_of_a_detector"),
        pytest.param("LOUPE_CUSTOMER_CHANNEL", "2", id="no_such_channel"),
        pytest.param("LOUPE_MAX_AUDIO_S", "long", id="not_a_number"),
        pytest.param("LOUPE_MAX_RECEIVES", "0", id="no_delivery_at_all"),
        pytest.param("LOUPE_NON_TALK_INCLUDE_LEADING", "perhaps", id="not_a_switch"),
        pytest.param("LOUPE_WEBHOOK_URL", "https://hooks.example", id="a_webhook_without_a_secret"),
        pytest.param("LOUPE_NEXT_ACTION", "oracle", id="unknown_engine_of_next_actions"),
        pytest.param("LOUPE_PERSONALIZE_CALL", "guess", id="unknown_call_of_a_campaign"),
        pytest.param("LOUPE_DECLINED_DAYS", "a week", id="days_in_words"),
        pytest.param("LOUPE_WEBHOOK_SECRET", "secret.txt", id="a_secret_without_a_webhook"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


PERSONALIZE = ("campaign", "tracking_id", "dataset_group", "lists", "role")


@pytest.mark.parametrize("missing", PERSONALIZE)
def test_a_service_that_learns_of_customers_is_named_whole(missing: str) -> None:
    given = {f"LOUPE_PERSONALIZE_{name.upper()}": "x" for name in PERSONALIZE}
    given["LOUPE_NEXT_ACTION"] = "personalize"
    assert Settings.from_env(given).next_action == "personalize"
    del given[f"LOUPE_PERSONALIZE_{missing.upper()}"]
    with pytest.raises(SettingsError, match=f"needs LOUPE_PERSONALIZE_{missing.upper()}"):
        Settings.from_env(given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(name, value, id=f"{name}_of_{value}")
        for name, (low, high) in RANGES.items()
        for value in (low - 1, high + 1)
    ],
)
def test_a_number_out_of_its_range_is_refused_by_name(name: str, value: int) -> None:
    variable = f"LOUPE_{name.upper()}"
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: str(value)})


@pytest.mark.parametrize(("name", "limits"), RANGES.items(), ids=RANGES)
def test_the_ends_of_a_range_are_taken(name: str, limits: tuple[int, int]) -> None:
    for value in limits:
        Settings.from_env({f"LOUPE_{name.upper()}": str(value)})


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        pytest.param({"LOUPE_SUMMARY": "bedrock"}, "LOUPE_MODEL_ID", id="bedrock_without_a_model"),
        pytest.param(
            {"LOUPE_SUMMARY": "openai", "LOUPE_MODEL_URL": "http://localhost/v1"},
            "LOUPE_MODEL_ID",
            id="a_url_without_a_model",
        ),
        pytest.param(
            {"LOUPE_SUMMARY": "openai", "LOUPE_MODEL_ID": "m"},
            "LOUPE_MODEL_URL",
            id="a_model_without_its_url",
        ),
    ],
)
def test_a_model_that_is_half_named_is_refused(given: dict[str, str], lacking: str) -> None:
    with pytest.raises(SettingsError, match=f"LOUPE_SUMMARY=.* needs {lacking}"):
        Settings.from_env(given)


def test_every_number_has_a_range() -> None:
    numbers = {
        f.name for f in (*fields(Settings), *fields(Method)) if type(f.default) in (int, float)
    }
    assert numbers == set(RANGES)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("LOUPE_VISIBILTY_S", "LOUPE_VISIBILITY_S", id="a_letter_is_missing"),
        pytest.param("LOUPE_SPEACH", "LOUPE_SPEECH", id="a_wrong_letter"),
        pytest.param("LOUPE_MAX_RECIEVES", "LOUPE_MAX_RECEIVES", id="letters_swapped"),
        pytest.param("LOUPE_TOKENS", "LOUPE_TOKEN", id="near_a_variable_of_the_command_line"),
    ],
)
def test_a_name_that_is_no_setting_is_refused_with_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is no setting; the nearest is {meant}$"):
        Settings.from_env({name: "1"})


def test_names_that_others_read_and_names_of_other_programs_pass() -> None:
    others = dict.fromkeys((*ELSEWHERE, "LOUPES", "loupe_speech"), "x")
    assert Settings.from_env(others) == Settings()


def test_no_name_is_a_setting_and_something_else() -> None:
    assert not set(variables()) & set(ELSEWHERE)


@pytest.mark.parametrize(
    "name", [f.name for f in (*fields(Settings), *fields(Method)) if f.name != "method"]
)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`LOUPE_{name.upper()}`" in DOCUMENT.read_text()


def test_a_webhook_that_is_not_https_is_refused_by_name() -> None:
    given = {"LOUPE_WEBHOOK_URL": "http://hooks.example", "LOUPE_WEBHOOK_SECRET": "secret.txt"}
    with pytest.raises(SettingsError, match="LOUPE_WEBHOOK_URL begins with https://"):
        Settings.from_env(given)
