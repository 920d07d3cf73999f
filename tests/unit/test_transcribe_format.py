"""Amazon Transcribe's standard output becomes turns."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Participant, Role, Transcript, Word
from chalicelib.formats import transcribe
from tests.shared_data import shared

ROLES = (Role.CUSTOMER, Role.AGENT)


def word(text: str, begin: str, end: str, **more: Any) -> dict[str, Any]:
    alternative = {"confidence": "0.95", "content": text}
    return {
        "type": "pronunciation",
        "start_time": begin,
        "end_time": end,
        "alternatives": [alternative],
        **more,
    }


def mark(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "punctuation", "alternatives": [{"content": text}], **more}


def two_channels() -> dict[str, Any]:
    customer = [word("Hi", "0.5", "0.8"), mark("."), word("Hello", "0.9", "1.234")]
    agent = [word("Yes", "3.0", "3.5"), mark("?")]
    channels = [
        {"channel_label": "ch_0", "items": customer},
        {"channel_label": "ch_1", "items": agent},
    ]
    labels = {"channels": channels, "number_of_channels": 2}
    return {"status": "COMPLETED", "results": {"channel_labels": labels, "items": customer + agent}}


def mono(*items: dict[str, Any], **results: Any) -> dict[str, Any]:
    return {"status": "COMPLETED", "results": {"items": list(items), **results}}


def read(doc: dict[str, Any], roles: tuple[Role, ...] | None = ROLES) -> Transcript:
    return transcribe.read(doc, roles=roles, method=Method())


def test_each_channel_speaks_for_its_participant() -> None:
    transcript = read(two_channels())
    assert [(t.role, t.text) for t in transcript.turns] == [
        (Role.CUSTOMER, "Hi. Hello"),
        (Role.AGENT, "Yes?"),
    ]
    assert transcript.participants == (
        Participant("CUSTOMER", Role.CUSTOMER),
        Participant("AGENT", Role.AGENT),
    )
    assert transcript.flags == ()


def test_seconds_in_strings_become_milliseconds_and_marks_join_the_word_before() -> None:
    assert read(two_channels()).turns[0].words == (
        Word("Hi.", 500, 800, 0.95),
        Word("Hello", 900, 1234, 0.95),
    )


def test_nobody_is_guessed_when_the_roles_are_not_known() -> None:
    transcript = read(two_channels(), roles=None)
    assert [p.id for p in transcript.participants] == ["ch_0", "ch_1"]
    assert {p.role for p in transcript.participants} == {Role.UNKNOWN}
    assert transcript.flags == ("roles_unknown",)


def test_a_silent_channel_is_a_participant_without_turns() -> None:
    doc = two_channels()
    doc["results"]["channel_labels"]["channels"][1]["items"] = []
    transcript = read(doc)
    assert len(transcript.participants) == 2
    assert {t.role for t in transcript.turns} == {Role.CUSTOMER}


def test_a_mark_at_the_begin_of_a_channel_does_not_join_the_other_channels_word() -> None:
    doc = two_channels()
    doc["results"]["channel_labels"]["channels"][1]["items"].insert(0, mark("!"))
    assert [t.text for t in read(doc).turns] == ["Hi. Hello", "Yes?"]


def test_a_mono_recording_has_one_speaker_of_unknown_role() -> None:
    transcript = read(mono(word("Hello", "1.0", "1.4"), mark(".")))
    assert transcript.participants == (Participant("SPEAKER", Role.UNKNOWN),)
    assert transcript.flags == ("mono",)
    assert [t.text for t in transcript.turns] == ["Hello."]


def test_speaker_labels_tell_voices_apart_and_give_no_role_by_themselves() -> None:
    items = (
        word("Hello", "1.0", "1.4", speaker_label="spk_0"),
        mark(".", speaker_label="spk_0"),
        word("Hi", "1.9", "2.2", speaker_label="spk_1"),
    )
    transcript = read(mono(*items))
    assert [(t.participant_id, t.role, t.text) for t in transcript.turns] == [
        ("spk_0", Role.UNKNOWN, "Hello."),
        ("spk_1", Role.UNKNOWN, "Hi"),
    ]
    assert transcript.flags == ("mono", "speakers_separated", "roles_unknown")


GREETED = (("Thanks", "0.5"), ("for", "0.9"), ("calling", "1.2"))
ANSWERED = (("Hello", "3.0"),)


def labelled_items() -> dict[str, Any]:
    """As newer documents are: every item says whose it is, marks too."""
    spoken = [("spk_1", *w) for w in GREETED] + [("spk_0", *w) for w in ANSWERED]
    items = [word(t, at, f"{float(at) + 0.3}", speaker_label=who) for who, t, at in spoken]
    items.insert(3, mark(".", speaker_label="spk_1"))
    return mono(*items, speaker_labels={"speakers": 2, "segments": segments(with_items=True)})


def segments(*, with_items: bool) -> list[dict[str, Any]]:
    def of(label: str, words: tuple[tuple[str, str], ...], end: str) -> dict[str, Any]:
        items = [{"start_time": at, "speaker_label": label} for _, at in words]
        begin = words[0][1]
        times = {"start_time": begin, "end_time": end, "speaker_label": label}
        return times | ({"items": items} if with_items else {})

    return [of("spk_1", GREETED, "1.6"), of("spk_0", ANSWERED, "3.4")]


def bare_items(*, with_items: bool) -> dict[str, Any]:
    """As older documents are: the labels stand beside the items only."""
    items = [word(t, at, f"{float(at) + 0.3}") for t, at in (*GREETED, *ANSWERED)]
    items.insert(3, mark("."))
    return mono(*items, speaker_labels={"segments": segments(with_items=with_items)})


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param(labelled_items(), id="in_the_items"),
        pytest.param(bare_items(with_items=True), id="by_start_time_beside_the_items"),
        pytest.param(bare_items(with_items=False), id="by_segments_that_span_the_words"),
    ],
)
def test_separated_speakers_get_the_roles_that_their_words_tell(doc: dict[str, Any]) -> None:
    transcript = read(doc)
    assert [(t.participant_id, t.role, t.text) for t in transcript.turns] == [
        ("AGENT", Role.AGENT, "Thanks for calling."),
        ("CUSTOMER", Role.CUSTOMER, "Hello"),
    ]
    assert transcript.flags == ("mono", "speakers_separated", "roles_inferred")
    assert transcript.speakers
    assert (transcript.speakers.agent, transcript.speakers.customer) == ("spk_1", "spk_0")


@pytest.mark.parametrize(
    "items",
    [
        pytest.param(
            [word("Hello", "1.0", "1.4", speaker_label="spk_0")],
            id="one_voice_in_the_whole_recording",
        ),
        pytest.param(
            [word("Hello", "1.0", "1.4", speaker_label="spk_0"), word("Hi", "2.0", "2.2")],
            id="words_that_no_label_reaches",
        ),
    ],
)
def test_nobody_is_separated_by(items: list[dict[str, Any]]) -> None:
    transcript = read(mono(*items))
    assert transcript.flags == ("mono",)
    assert transcript.speakers is None


def test_speaker_labels_beside_the_items_are_found_by_start_time() -> None:
    times = [{"start_time": "1.9", "speaker_label": "spk_1"}]
    labels = {
        "segments": [{"items": [{"start_time": "1.0", "speaker_label": "spk_0"}]}, {"items": times}]
    }
    items = (word("Hello", "1.0", "1.4"), mark("."), word("Hi", "1.9", "2.2"), mark("!"))
    transcript = read(mono(*items, speaker_labels=labels))
    assert [(t.participant_id, t.text) for t in transcript.turns] == [
        ("spk_0", "Hello."),
        ("spk_1", "Hi!"),
    ]


def test_a_masked_word_is_a_redaction_with_its_entity_and_time() -> None:
    hidden = word("[PII]", "2.0", "2.5")
    hidden["alternatives"] = [
        {
            "content": "[PII]",
            "redactions": [{"type": "NAME", "category": "PII", "confidence": "0.9"}],
        }
    ]
    doc = mono(word("I", "1.0", "1.1"), word("am", "1.2", "1.4"), hidden, mark(".")) | {
        "isRedacted": True
    }
    (turn,) = read(doc).turns
    (found,) = turn.redactions
    assert (turn.text, turn.text[found.begin : found.end]) == ("I am [PII].", "[PII]")
    assert (found.entity, found.begin_ms, found.end_ms) == ("NAME", 2000, 2500)
    assert turn.words[-1].confidence is None
    assert read(doc).flags == ("mono", "redacted")


def test_a_mask_of_another_shape_is_covered_whole() -> None:
    hidden = word("XXXX", "2.0", "2.5")
    hidden["alternatives"][0]["redactions"] = [{}]
    (found,) = read(mono(hidden)).turns[0].redactions
    assert (found.begin, found.end, found.entity) == (0, 4, "PII")


def test_an_identified_language_is_taken_from_the_document() -> None:
    assert read(mono(language_code="es-US")).language == "es-US"
    assert read(mono()).language == "en-US"


def test_an_empty_recording_has_no_turns() -> None:
    assert read(mono()).turns == ()


def _without(path: str) -> dict[str, Any]:
    doc = two_channels()
    *parents, last = path.split(".")
    at: Any = doc
    for name in parents:
        at = at[int(name) if name.isdigit() else name]
    del at[last]
    return doc


def _with_item(**changes: Any) -> dict[str, Any]:
    return mono({**word("Hi", "0.5", "0.8"), **changes})


def _with_best(best: object) -> dict[str, Any]:
    return _with_item(alternatives=[best])


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param({"status": "FAILED"}, id="a_failed_job"),
        pytest.param({"status": "COMPLETED"}, id="no_results"),
        pytest.param({"results": []}, id="results_of_another_type"),
        pytest.param({"results": {}}, id="no_items"),
        pytest.param(_without("results.channel_labels.channels"), id="no_channels"),
        pytest.param(_without("results.channel_labels.channels.0.channel_label"), id="no_label"),
        pytest.param(_without("results.channel_labels.channels.0.items"), id="no_channel_items"),
        pytest.param(mono(None), id="an_item_that_is_null"),  # type: ignore[arg-type]
        pytest.param(_with_item(type="music"), id="an_item_of_unknown_type"),
        pytest.param(_with_item(start_time=None), id="a_word_without_a_time"),
        pytest.param(_with_item(start_time="soon"), id="a_time_that_is_no_number"),
        pytest.param(_with_item(start_time=True), id="a_time_that_is_a_truth_value"),
        pytest.param(_with_item(start_time="NaN"), id="a_time_that_is_not_a_number"),
        pytest.param(_with_item(end_time="1e300"), id="a_time_beyond_all_calls"),
        pytest.param(_with_item(end_time=10**400), id="a_time_too_large_for_a_float"),
        pytest.param(_with_item(start_time="-1"), id="a_time_before_the_begin"),
        pytest.param(_with_item(start_time="0.9"), id="a_word_that_ends_before_it_begins"),
        pytest.param(_with_item(alternatives=[]), id="no_alternatives"),
        pytest.param(_with_item(alternatives={"content": "Hi"}), id="alternatives_of_another_type"),
        pytest.param(_with_best("Hi"), id="an_alternative_of_another_type"),
        pytest.param(_with_best({"content": 1}), id="content_that_is_a_number"),
        pytest.param(_with_best({"content": "Hi", "confidence": "1.5"}), id="too_much_confidence"),
        pytest.param(
            _with_best({"content": "Hi", "redactions": [1]}), id="a_redaction_of_another_type"
        ),
        pytest.param(_with_item(speaker_label=1), id="a_speaker_that_is_a_number"),
        pytest.param(mono(speaker_labels={"segments": [1]}), id="a_segment_of_another_type"),
        pytest.param(
            mono(
                speaker_labels={
                    "segments": [{"start_time": "Hi", "end_time": "1", "speaker_label": "spk_0"}]
                }
            ),
            id="a_segment_that_begins_at_no_time",
        ),
        pytest.param([], id="a_document_that_is_a_list"),
    ],
)
def test_what_is_not_a_transcript_is_refused_without_quoting_it(doc: Any) -> None:
    with pytest.raises(InputRefused) as caught:
        read(copy.deepcopy(doc))
    assert caught.value.code == "transcript.schema"
    assert "Hi" not in caught.value.detail


@pytest.mark.shared_data
def test_the_published_two_channel_example_reads_as_two_turns() -> None:
    doc = json.loads(
        shared("transcribe", "transcribe_standard_two_channels.json").read_text("utf-8")
    )
    assert [(t.role, t.begin_ms, t.end_ms, t.text) for t in read(doc).turns] == [
        (Role.CUSTOMER, 4860, 6870, "I've been on hold for an hour."),
        (Role.AGENT, 8500, 9250, "Sorry about that."),
    ]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "entities"), [("pii_batch_redacted", ["NAME"]), ("pii_batch_unredacted", [])]
)
def test_the_published_redaction_examples_read(name: str, entities: list[str]) -> None:
    transcript = read(json.loads(shared("transcribe", f"{name}.json").read_text("utf-8")))
    assert [r.entity for turn in transcript.turns for r in turn.redactions] == entities
    assert ("redacted" in transcript.flags) is bool(entities)
