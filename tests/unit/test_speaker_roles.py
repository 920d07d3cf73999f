"""Which of two separated speakers is the agent is told by what they say, or not told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.domain.speaker_roles import (
    CUES,
    FIRST,
    MARGIN,
    OPENING,
    evidence,
    score,
    with_roles,
)
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Participant,
    Role,
    Transcript,
    Turn,
)
from tests.shared_data import ROOT, shared

UNDECIDED = None


def talk(*said: tuple[str, str], language: str = "en-US") -> Transcript:
    """Turns of ``(voice, text)``, as a reader of labelled words makes them."""
    turns = tuple(
        Turn(f"t-{n}", voice, Role.UNKNOWN, n * 1000, n * 1000 + 900, text)
        for n, (voice, text) in enumerate(said)
    )
    people = tuple(Participant(v, Role.UNKNOWN) for v in sorted({voice for voice, _ in said}))
    return Transcript(Channel.VOICE, language, people, turns, Engine("e", "1"), flags=("mono",))


@pytest.mark.parametrize(
    ("said", "agent"),
    [
        pytest.param(
            [("a", "Thank you for calling Acme."), ("b", "Hi there.")],
            "a",
            id="who_greets_for_a_company",
        ),
        pytest.param(
            [("b", "Hello?"), ("a", "Hi, how may I help you today?"), ("b", "Well.")],
            "a",
            id="who_offers_help_after_the_other_spoke_first",
        ),
        pytest.param(
            [("a", "Hello, this is Jane from Acme Energy."), ("b", "Yes?")],
            "a",
            id="who_calls_out_for_a_company",
        ),
        pytest.param(
            [("b", "Hi, I'm calling because my meter broke."), ("a", "Okay.")],
            UNDECIDED,
            id="nobody_when_the_reason_of_the_call_is_outweighed_by_speaking_first",
        ),
        pytest.param(
            [("a", "Hello."), ("b", "Hi, I'm calling because my meter broke.")],
            "a",
            id="the_other_one_of_who_says_why_they_call",
        ),
        pytest.param(
            [("b", "I need help."), ("a", "What is your account number?"), ("b", "Six.")],
            "a",
            id="who_asks_for_details_of_who_asks_for_help",
        ),
        pytest.param(
            [("a", "Hello."), ("b", "Hello."), ("a", "Nice day.")],
            UNDECIDED,
            id="nobody_when_only_the_order_tells",
        ),
        pytest.param(
            [("a", "How can I help you?"), ("b", "How can I help you?")],
            UNDECIDED,
            id="nobody_when_both_say_the_same",
        ),
        pytest.param(
            [("b", "I’m leaving from Boston."), ("a", "Okay.")],
            UNDECIDED,
            id="nobody_when_a_place_stands_where_a_company_would",
        ),
    ],
)
def test_the_agent_is(said: list[tuple[str, str]], agent: str | None) -> None:
    told = with_roles(talk(*said))
    assert told.speakers
    assert told.speakers.agent == agent
    assert [turn.role for turn in told.turns] == [
        Role.UNKNOWN if agent is None else Role.AGENT if voice == agent else Role.CUSTOMER
        for voice, _ in said
    ]
    assert told.flags == (
        "mono",
        "speakers_separated",
        "roles_inferred" if agent else "roles_unknown",
    )


def test_participants_are_named_by_the_role_and_the_evidence_by_the_label() -> None:
    told = with_roles(talk(("spk_1", "Thanks for calling."), ("spk_0", "Hello.")))
    assert told.participants == (
        Participant("CUSTOMER", Role.CUSTOMER),
        Participant("AGENT", Role.AGENT),
    )
    assert [turn.participant_id for turn in told.turns] == ["AGENT", "CUSTOMER"]
    assert told.speakers
    assert (told.speakers.agent, told.speakers.customer) == ("spk_1", "spk_0")
    assert (told.speakers.lead, told.speakers.margin) == (5, MARGIN)
    assert [(c.cue, c.speaker, c.points, c.turn_id) for c in told.speakers.cues] == [
        (FIRST, "spk_1", 1, "t-0"),
        ("thanks_for_calling", "spk_1", 4, "t-0"),
    ]


@pytest.mark.parametrize(
    ("transcript", "voices"),
    [
        pytest.param(
            talk(("a", "Thank you for calling."), ("b", "Hi."), ("c", "Hello.")),
            3,
            id="three_voices",
        ),
        pytest.param(
            talk(("a", "How can I help you?"), ("b", "Hallo."), language="de-DE"),
            2,
            id="another_language",
        ),
    ],
)
def test_no_role_is_inferred_from(transcript: Transcript, voices: int) -> None:
    told = with_roles(transcript)
    assert told.speakers
    assert (told.speakers.voices, told.speakers.agent) == (voices, None)
    assert told.turns == transcript.turns


@pytest.mark.parametrize("said", [(), (("a", "How can I help you?"),)], ids=["nobody", "one_voice"])
def test_fewer_than_two_voices_are_left_as_they_are(said: tuple[tuple[str, str], ...]) -> None:
    assert with_roles(talk(*said)) == talk(*said)


def test_a_cue_counts_once_for_a_speaker_and_only_while_the_conversation_opens() -> None:
    late = [("b", "Hm.")] * OPENING + [("b", "How can I help you?")]
    said = [("a", "Thanks for calling."), ("a", "Thank you for calling."), *late]
    cues = tuple(evidence(talk(*said).turns))
    assert [cue.cue for cue in cues] == [FIRST, "thanks_for_calling"]
    assert (score(cues, "a"), score(cues, "b")) == (5, 0)


def test_roles_do_not_depend_on_the_labels() -> None:
    said = [("x", "Hello."), ("y", "Thank you for calling Acme."), ("x", "I need help.")]
    swapped = [({"x": "y", "y": "x"}[voice], text) for voice, text in said]
    one, other = with_roles(talk(*said)), with_roles(talk(*swapped))
    assert [turn.role for turn in one.turns] == [turn.role for turn in other.turns]


def test_names_of_cues_are_unique() -> None:
    assert max(Counter(cue.name for cue in CUES).values()) == 1


def test_the_page_of_metrics_lists_every_cue_with_its_points() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    wanted = [(FIRST, "AGENT", "1"), *((c.name, c.role.value, str(c.points)) for c in CUES)]
    listed = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:4]) for line in page.splitlines()
    ]
    assert [row for row in listed if row in wanted] == wanted
    assert f"if it leads by {MARGIN}" in page
    assert f"the first {OPENING} turns" in page


@pytest.mark.shared_data
def test_in_the_shared_chats_nobody_is_taken_for_the_other() -> None:
    outcomes: Counter[str] = Counter()
    for path in sorted(shared("chats_connect", "connect").rglob("*.json")):
        items = json.loads(path.read_text("utf-8"))["Transcript"]
        said = [
            (item["ParticipantRole"], item["Content"])
            for item in items
            if item["Type"] == "MESSAGE" and item["ParticipantRole"] in ("AGENT", "CUSTOMER")
        ]
        speakers = with_roles(talk(*said)).speakers
        assert speakers
        outcomes["undecided" if speakers.agent is None else speakers.agent] += 1
    assert outcomes == {"AGENT": 19, "undecided": 4}


@pytest.mark.shared_data
def test_the_real_call_on_one_channel_would_have_its_agent() -> None:
    turns = json.loads(shared("recordings", "silver", "Auto3.json").read_text("utf-8"))["turns"]
    said = [(t["role"], t["text"]) for t in sorted(turns, key=lambda turn: turn["start"])]
    told = with_roles(talk(*said))
    assert told.speakers
    assert told.speakers.agent == "AGENT"
    assert replace(told, speakers=None, flags=("mono",)).turns == told.turns
