"""plan(): what is due, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.contact import Part, PartKind, PartState
from chalicelib.domain.transcript import Channel
from chalicelib.flow.table import FLOW, Source, plan, stages_of

AUDIO = Part("call.wav", "a1", PartKind.RECORDING, "wav", 10, 0)
TEXT = Part("call.json", "t1", PartKind.TRANSCRIPT, "call-analytics", 10, 0)
CALL = Source(Channel.VOICE, AUDIO)
IMPORTED = Source(Channel.VOICE, None, TEXT)
BOTH = Source(Channel.VOICE, AUDIO, TEXT)
CHAT = Source(Channel.CHAT, None, replace(TEXT, kind=PartKind.CHAT, format="connect-chat"))
INPUTS = {"record": "r1", "rules": "s1"}
SETTINGS = {
    "speech": "tiny",
    "method": {"a": 1},
    "sentiment": "vader",
    "pii": "patterns",
    "summary": "s",
}

ALL_VOICE = {
    "acoustics",
    "transcript",
    "language",
    "characteristics",
    "sentiment",
    "pii",
    "redaction",
    "entities",
    "summary",
    "categories",
}


def made(source: Source, **changes: object) -> dict[str, object]:
    planned = plan(source, {}, INPUTS, SETTINGS, {})
    return {f"{source.name}/{name}": p.made for name, p in planned.items()}


def due(source: Source, recipe: dict, inputs: dict = INPUTS, settings: dict = SETTINGS) -> set[str]:
    return {name for name, p in plan(source, recipe, inputs, settings, {}).items() if p.due}


@pytest.mark.parametrize(
    ("source", "places"),
    [
        pytest.param(CALL, {"acoustics": "acoustics", "transcript": "speech"}, id="a_recording"),
        pytest.param(
            BOTH,
            {"acoustics": "acoustics", "transcript": "here"},
            id="a_recording_with_its_transcript",
        ),
        pytest.param(IMPORTED, {"transcript": "here"}, id="an_imported_transcript"),
        pytest.param(CHAT, {"transcript": "here"}, id="a_chat"),
    ],
)
def test_which_stages_a_source_has_and_where_they_run(
    source: Source, places: dict[str, str]
) -> None:
    stages = {s.name: s.place for s in stages_of(source)}
    assert {n: p for n, p in stages.items() if n in ("acoustics", "transcript")} == places


def test_everything_is_due_for_a_new_source() -> None:
    assert due(CALL, {}) == ALL_VOICE


def test_nothing_is_due_when_everything_stands() -> None:
    assert due(CALL, made(CALL)) == set()


@pytest.mark.parametrize(
    ("source", "inputs", "settings", "expected"),
    [
        pytest.param(
            CALL, {**INPUTS, "rules": "s2"}, SETTINGS, {"categories"}, id="another_rule_set"
        ),
        pytest.param(
            CALL, {**INPUTS, "record": "r2"}, SETTINGS, {"categories"}, id="a_newer_contact_record"
        ),
        pytest.param(
            CALL, INPUTS, {**SETTINGS, "speech": "large"}, set(), id="another_speech_model_alone"
        ),
        pytest.param(
            Source(Channel.VOICE, replace(AUDIO, etag="a2")),
            INPUTS,
            SETTINGS,
            ALL_VOICE,
            id="other_bytes",
        ),
        pytest.param(
            Source(Channel.VOICE, replace(AUDIO, key="copy.wav")),
            INPUTS,
            SETTINGS,
            set(),
            id="equal_bytes_elsewhere",
        ),
        pytest.param(
            BOTH, INPUTS, SETTINGS, ALL_VOICE - {"acoustics"}, id="a_transcript_brought_later"
        ),
    ],
)
def test_what_a_change_makes_due(
    source: Source, inputs: dict, settings: dict, expected: set[str]
) -> None:
    assert due(source, made(CALL), inputs, settings) == expected


def test_a_recipe_from_before_languages_were_identified_keeps_what_was_heard() -> None:
    recipe = made(CALL)
    del recipe["voice/language"]
    assert due(CALL, recipe) == ALL_VOICE - {"acoustics", "transcript"}


def test_a_recipe_from_before_entities_were_looked_for_lacks_them_alone() -> None:
    recipe = made(CALL)
    del recipe["voice/entities"]
    assert due(CALL, recipe) == {"entities"}


def test_a_contact_record_that_states_the_language_makes_the_recording_be_heard_again() -> None:
    stated = {**INPUTS, "record": "r2", "language": "es-US"}
    assert due(CALL, made(CALL), stated) == ALL_VOICE - {"acoustics"}


def test_a_recording_that_is_away_is_not_heard_again_for_it() -> None:
    stated = {**INPUTS, "record": "r2", "language": "es-US"}
    away = Source(Channel.VOICE, replace(AUDIO, state=PartState.RELEASED))
    assert due(away, made(CALL), stated) == ALL_VOICE - {"acoustics", "transcript"}
    other = Source(Channel.VOICE, replace(AUDIO, state=PartState.RELEASED, etag="a2"))
    assert "transcript" in due(other, made(CALL), stated)
    assert due(CHAT, made(CHAT), stated) == ALL_VOICE - {"acoustics", "transcript"}


def test_a_missing_product_makes_what_needs_it_due() -> None:
    recipe = made(CALL)
    del recipe["voice/sentiment"]
    assert due(CALL, recipe) == {"sentiment", "categories"}


def test_fingerprints_name_settings_inputs_and_what_was_needed() -> None:
    def marks(
        settings: dict = SETTINGS, inputs: dict = INPUTS, attempts: dict | None = None
    ) -> dict[str, str]:
        return {
            n: p.made.fingerprint
            for n, p in plan(CALL, {}, inputs, settings, attempts or {}).items()
        }

    before = marks()
    changed = {n for n, m in marks({**SETTINGS, "speech": "large"}).items() if before[n] != m}
    assert changed == ALL_VOICE - {"acoustics"}
    again = {n for n, m in marks(attempts={"voice/transcript": 1}).items() if before[n] != m}
    assert again == ALL_VOICE - {"acoustics"}
    assert marks() == before


def test_a_stage_needs_only_stages_above_it() -> None:
    seen: set[str] = set()
    for stage in FLOW:
        assert set(stage.needs) <= seen
        seen.add(stage.name)
