"""Dialogues as they are composed, on one machine and for AWS, and from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.config import Settings
from chalicelib.dialogue_engines import aws_dialogue, local_dialogue
from chalicelib.domain.errors import SettingsError
from chalicelib.flow import bot_talks
from local import cli
from tests.lex_service import PLACES


def services(folder: Path, **settings):
    made = bootstrap.local_services(folder, replace(Settings(pii="patterns"), **settings))
    dialogue = local_dialogue(made)
    return replace(made, after=replace(made.after, dialogue=dialogue))


def test_on_one_machine_intents_are_recognised_by_meaning(tmp_path):
    made = services(tmp_path)
    bot_talks.begin(made, "self-service", "s-1", {})
    turn = bot_talks.say(made, "self-service", "s-1", "we relocated to another town")
    assert turn.intent == "ChangeAddress"
    assert "linear-intents" in made.after.dialogue.engine.detail


def test_without_vectors_they_are_recognised_by_words_and_that_is_said(tmp_path):
    made = services(tmp_path, vectors="none")
    assert "tf-idf-nearest" in made.after.dialogue.engine.detail


def test_a_dialogue_can_be_switched_off(tmp_path):
    made = bootstrap.local_services(tmp_path, Settings(dialogue="none"))
    assert local_dialogue(made) is None
    assert aws_dialogue(made) is None


def test_on_aws_nobody_leads_dialogues_but_lex(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    made = bootstrap.local_services(tmp_path, Settings())
    assert aws_dialogue(made) is None
    asked = replace(made, settings=Settings(dialogue="lex", lex_bots=PLACES))
    assert aws_dialogue(asked).engine.name == "Amazon Lex V2"


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"LOUPE_DIALOGUE": "lex"}, id="lex without bots"),
        pytest.param({"LOUPE_LEX_BOTS": PLACES[0]}, id="bots without lex"),
        pytest.param({"LOUPE_DIALOGUE": "alexa"}, id="an engine that nobody knows"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(told):
    with pytest.raises(SettingsError):
        Settings.from_env(told)


def test_a_bot_at_lex_has_a_definition_here(tmp_path):
    made = bootstrap.local_services(tmp_path, Settings())
    places = ("other=ABCDEFGHIJ/TSTALIASID/en_US",)
    asked = replace(made, settings=Settings(dialogue="lex", lex_bots=places))
    with pytest.raises(SettingsError, match="self-service"):
        aws_dialogue(asked)


def test_proposed_intents_are_written_as_files(tmp_path, capsys):
    made = services(tmp_path / "data")
    for number, text in enumerate(
        [
            "can you book a flight to rome",
            "book me a flight to rome",
            "please book a flight to paris",
        ]
    ):
        bot_talks.begin(made, "self-service", f"s-{number}", {})
        assert bot_talks.say(made, "self-service", f"s-{number}", text).missed
    out = tmp_path / "out"
    asked = ["follow-ups", "intents", "--data", str(tmp_path / "data"), "--out", str(out)]
    assert cli.main(asked) == 0
    (intent,) = json.loads(capsys.readouterr().out)["intents"]
    assert intent["utterances"] == 3
    (path,) = out.rglob("Intent.json")
    assert {"utterance": "book me a flight to rome"} in json.loads(path.read_text())[
        "sampleUtterances"
    ]
