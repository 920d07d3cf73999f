"""Imported analyses through the whole flow: listed and counted by what they bring, remade when asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.brought import Brought
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.formats.artifact import load
from chalicelib.ports.storage import ContactQuery
from tests.rules import says
from tests.unit.api_world import CALL, ENGINE, voice
from tests.unit.api_world import populated as api
from tests.unit.test_brought import at, items, matched, summed
from tests.world import CONTACT, World

KEY = f"Analysis/Voice/2026/01/05/{CONTACT}_analysis_2026-01-05T09:00:00Z.json"
CHAT_KEY = KEY.replace("Voice", "Chat")
CANCEL = says("r-1", "Leaving", 1, ("cancel",))
SUMMARY = "The customer with card 4111 1111 1111 1111 leaves."


def turn(number: int, who: str, content: str) -> dict[str, object]:
    return {
        "Id": f"t{number}",
        "ParticipantId": who,
        **at(number * 1000, number * 1000 + 900),
        "Content": content,
        "Sentiment": "NEUTRAL",
        "LoudnessScore": [],
    }


def lens(categories: dict[str, object], summary: str = SUMMARY) -> bytes:
    people = [{"ParticipantId": r, "ParticipantRole": r} for r in ("AGENT", "CUSTOMER")]
    document = {
        "Version": "1.1.0",
        "AccountId": "111122223333",
        "Channel": "VOICE",
        "ContentMetadata": {"Output": "Raw"},
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-US",
        "Participants": people,
        "Categories": categories,
        "ConversationCharacteristics": {"ContactSummary": summed(summary)},
        "CustomerMetadata": {"InputS3Uri": "s3://b/x.wav", "ContactId": CONTACT, "InstanceId": "i"},
        "Transcript": [
            turn(0, "AGENT", "Hello."),
            turn(1, "CUSTOMER", "I want to cancel."),
        ],
    }
    return json.dumps(document).encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.rule_set = RuleSet("none", ())
    return made


def shown(world: World) -> Brought:
    key = world.row().publication.analysis_key
    (conversation,) = load(ContactAnalysis, world.services.redacted.read(key)).conversations
    return conversation.brought


def listed(world: World, name: str) -> list[str]:
    page = world.services.contacts.find(ContactQuery(categories=(name,)))
    return [row.contact_id for row in page.rows]


def test_an_import_is_found_and_counted_by_what_its_source_matched(world: World) -> None:
    world.put(KEY, lens(matched(Leaving=[at(1000, 1900)])))
    world.drain()
    published = world.row().publication
    assert (published.categories, published.brought_categories) == (("Leaving",), ("Leaving",))
    assert listed(world, "Leaving") == [CONTACT]
    assert shown(world).source.name == "Amazon Connect Contact Lens"
    world.rollups_equal_rows()


def test_a_rule_of_the_same_name_takes_the_contact_over(world: World) -> None:
    world.put(KEY, lens(matched(Leaving=[], Angry=[])))
    world.drain()
    world.rule_set = RuleSet("mine", (CANCEL,))
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    published = world.row().publication
    assert published.categories == ("Angry", "Leaving")
    assert published.brought_categories == ("Angry",)
    assert listed(world, "Leaving") == listed(world, "Angry") == [CONTACT]
    world.rollups_equal_rows()


def test_another_file_takes_its_categories_out_of_the_roll_ups(world: World) -> None:
    world.put(KEY, lens(matched(Leaving=[])))
    world.drain()
    world.put(KEY, lens(matched(Angry=[])))
    world.drain()
    assert listed(world, "Leaving") == []
    world.rollups_equal_rows()


def test_what_is_stored_for_reading_has_no_summary_that_nobody_redacted(world: World) -> None:
    world.put(KEY, lens(matched()))
    world.drain()
    assert shown(world).summary.text == "The customer with card [CREDIT_DEBIT_NUMBER] leaves."
    assert shown(world).summary.masked == ("CREDIT_DEBIT_NUMBER",)
    stored = world.services.redacted.read(world.row().publication.analysis_key)
    assert b"4111" not in stored


class Counting(PatternPii):
    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def spans(self, turns, language):
        self.asked += 1
        return super().spans(turns, language)


def test_rules_that_change_redact_no_summary_again(world: World) -> None:
    detector = Counting()
    world.services = replace(world.services, pii=detector)
    world.put(KEY, lens(matched()))
    world.drain()
    before, asked = shown(world), detector.asked
    world.rule_set = RuleSet("mine", (CANCEL,))
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row().publication.categories == ("Leaving",)
    assert (shown(world), detector.asked) == (before, asked)


JANUARY_5TH_9H = 1_767_603_600_000


@pytest.mark.parametrize(
    ("recorded", "started"),
    [
        pytest.param(
            "s3://b/c_20260105T08%3A30_UTC.wav", JANUARY_5TH_9H - 1_800_000, id="its_recording_says"
        ),
        pytest.param("s3://b/call.wav", JANUARY_5TH_9H - 1900, id="its_own_name_says"),
    ],
)
def test_an_import_stands_in_history_where_it_happened(
    world: World, recorded: str, started: int
) -> None:
    world.put(KEY, lens(matched()).replace(b"s3://b/x.wav", recorded.encode()))
    world.drain()
    published = world.row().publication
    assert published.initiation_ms == started
    assert published.disconnect_ms == started + 1900


def test_the_api_tells_what_the_source_said(tmp_path: Path) -> None:
    world = api(tmp_path)
    said = Brought(ENGINE)
    made = replace(voice("connect/acme/CallRecordings/call.wav", None), brought=said)
    world.publish(CALL, made, brought_categories=("Angry",), categories=("Angry", "Refund"))
    detail = world.ask(f"/v1/contacts/{CALL}").json
    assert detail["broughtCategories"] == ["Angry"]
    assert detail["conversations"][0]["brought"] == {
        "source": {"name": "test-engine", "version": "1.0", "detail": "for tests"},
        "categories": [],
        "summary": None,
    }


def test_a_chats_items_survive_the_store(world: World) -> None:
    document = json.loads(lens(matched(Leaving=[items(("t1", 0, 4))])))
    document |= {"Version": "CHAT-2022-11-30", "Channel": "CHAT"}
    document["Transcript"] = [
        {
            "Id": turn["Id"],
            "AbsoluteTime": f"2026-01-05T09:00:0{n}.000Z",
            "Type": "MESSAGE",
            "ContentType": "text/plain",
            "Content": turn["Content"],
            "ParticipantId": turn["ParticipantId"],
            "ParticipantRole": turn["ParticipantId"],
        }
        for n, turn in enumerate(document["Transcript"])
    ]
    world.put(CHAT_KEY, json.dumps(document).encode())
    world.drain()
    (category,) = shown(world).categories
    assert [(i.turn_id, i.begin, i.end) for p in category.points for i in p.items] == [("t1", 0, 4)]
