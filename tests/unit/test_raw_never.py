"""LOUPE_RAW=never: in the end nothing unredacted lies anywhere, and what is shown is not less for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import PartKind, PartState, Refusal, Status
from chalicelib.domain.errors import EngineMissing, SettingsError
from chalicelib.domain.events import Hint
from chalicelib.domain.language import STATED
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Role
from chalicelib.flow import reconcile
from chalicelib.formats.artifact import load
from chalicelib.formats.object_keys import provisional_id
from chalicelib.ports.speech import JobState
from chalicelib.stages.masking import REASON, Masked
from tests.rules import says
from tests.unit.test_brought import at, matched
from tests.unit.test_brought_flow import KEY as LENS_KEY
from tests.unit.test_brought_flow import lens
from tests.unit.test_language import LOCALE
from tests.wav_files import wav
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, call, chat, record
from tests.world import spoken as said

CARD, MAIL = "4111 1111 1111 1111", "canary@example.com"
SPOKEN = said(
    (Role.AGENT, "thank you for calling may I have your card"),
    (Role.CUSTOMER, f"yes it is {CARD} do you see it I want to cancel this is terrible"),
    (Role.AGENT, "thank you it is cancelled"),
)
WRITTEN = chat(
    [
        ("AGENT", "Hello, your card please?"),
        ("CUSTOMER", f"it is {CARD} and my mail is {MAIL}, this is terrible"),
        ("AGENT", "Thank you, until tomorrow"),
    ]
)
CARD_SPAN = (SPOKEN.turns[1].words[3].begin_ms, SPOKEN.turns[1].words[6].end_ms)
FRAMES = 8000 * 20
AUDIO = wav(b"CaNaRy7." * (FRAMES // 2))
SECRETS = (CARD, '"1111"', MAIL)
IMPORTED_KEY = f"imported/{OTHER}.json"


def imported() -> bytes:
    """A Transcribe document in which the customer says the card, and the mail is its own item."""
    words = [("my", 0), ("card", 1), ("is", 2), *((four, 3) for four in CARD.split()), (MAIL, 8)]
    items = [
        {
            "type": "pronunciation",
            "start_time": f"{at + n / 10:.1f}",
            "end_time": f"{at + n / 10 + 0.05:.2f}",
            "alternatives": [{"confidence": "0.9", "content": text}],
        }
        for n, (text, at) in enumerate(words)
    ]
    channels = [
        {"channel_label": "ch_0", "items": items},
        {"channel_label": "ch_1", "items": []},
    ]
    labels = {"channels": channels, "number_of_channels": 2}
    results = {"channel_labels": labels, "items": items}
    return json.dumps({"jobName": "j", "status": "COMPLETED", "results": results}).encode()


def world_of(folder: Path, raw: str = "never", **settings: Any) -> World:
    world = World(folder, raw=raw, **settings)
    world.speech.outcome = JobState("DONE", SPOKEN)
    return world


def filled(folder: Path, raw: str = "never", **settings: Any) -> World:
    """A recording, a chat and an imported transcript, worked off."""
    world = world_of(folder, raw, **settings)
    world.put(CALL_KEY, AUDIO)
    world.put(CHAT_KEY, WRITTEN)
    world.put(IMPORTED_KEY, imported())
    world.drain()
    return world


def leaks(folder: Path) -> list[str]:
    """Every place under the folder where a secret stands, whatever file it is."""
    return [
        f"{path.relative_to(folder)}: {secret}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for secret in SECRETS
        if secret.encode() in path.read_bytes()
    ]


def conversations(world: World, contact_id: str = CONTACT) -> tuple[Conversation, ...]:
    published = world.row(contact_id).publication
    assert published
    return load(ContactAnalysis, world.services.redacted.read(published.analysis_key)).conversations


def originals(world: World) -> list[str]:
    kept = [s.key for s in world.services.sources.list()]
    return kept + [s.key for s in world.services.raw.list("raw/")]


def test_no_byte_of_the_data_folder_holds_what_was_masked(tmp_path: Path) -> None:
    world = filled(tmp_path)
    for row in world.rows():
        assert row.status is Status.COMPLETED
        assert {p.state for p in row.parts} == {PartState.RELEASED}
    assert len(world.rows()) == 2
    assert leaks(tmp_path) == []
    assert originals(world) == []


def test_the_search_sees_originals_where_they_are_kept(tmp_path: Path) -> None:
    filled(tmp_path, "keep")
    found = leaks(tmp_path)
    assert {secret for secret in SECRETS for leak in found if leak.endswith(secret)} == {*SECRETS}


@pytest.mark.parametrize("contact_id", [CONTACT, OTHER], ids=["call_and_chat", "imported"])
def test_figures_labels_and_texts_are_those_of_an_installation_that_keeps_originals(
    tmp_path: Path, contact_id: str
) -> None:
    kept = conversations(filled(tmp_path / "keep", "keep"), contact_id)
    masked = conversations(filled(tmp_path / "never"), contact_id)
    assert contact_id == OTHER or [e.kind for e in kept[1].entities.found] == ["DATE"]
    for one, other in zip(kept, masked, strict=True):
        assert other.characteristics == one.characteristics
        assert other.sentiment == one.sentiment
        assert other.transcript == one.transcript
        assert other.summary == one.summary
        assert other.brought == one.brought
        assert other.language == one.language
        assert other.entities == one.entities
        assert other.engines == one.engines
        assert [s.reason for s in other.skipped if s not in one.skipped] == [REASON]


def test_a_pause_within_a_card_number_is_still_no_talk(tmp_path: Path) -> None:
    """A mask is one word; the silence between two words under it is heard all the same."""
    turn = SPOKEN.turns[1]
    late = tuple(
        replace(w, begin_ms=w.begin_ms + 5000, end_ms=w.end_ms + 5000) if n > 4 else w
        for n, w in enumerate(turn.words)
    )
    slow = replace(turn, words=late, end_ms=late[-1].end_ms)
    world = world_of(tmp_path)
    world.speech.outcome = JobState("DONE", replace(SPOKEN, turns=(SPOKEN.turns[0], slow)))
    world.put(CALL_KEY, call(20))
    world.drain()
    (voice,) = conversations(world)
    shown = voice.transcript.turns[1].words
    assert any(w.end_ms - w.begin_ms > 5000 for w in shown)
    assert [gap.duration_ms for gap in voice.characteristics.non_talk] == [5050]


def test_the_recording_is_replaced_by_a_copy_in_which_the_card_is_silent(tmp_path: Path) -> None:
    world = filled(tmp_path)
    (part,) = (p for p in world.row().parts if p.kind is PartKind.RECORDING)
    copy = world.services.redacted.read(part.copy_key)
    assert len(copy) == len(AUDIO)
    begin, end = (44 + 4 * 8 * ms for ms in CARD_SPAN)
    customer = [copy[at : at + 2] for at in range(begin, end, 4)]
    assert set(customer) == {b"\0\0"}
    assert copy[:begin].count(b"CaNaRy7.") > 1000


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param(Hint(key=CALL_KEY), id="an_event_of_the_removed_object"),
        pytest.param(Hint(contact_id=CONTACT), id="a_look"),
        pytest.param(Hint(contact_id=CONTACT, reason="reconcile"), id="a_sweeps_look"),
        pytest.param(Hint(contact_id=CONTACT, reason="retry"), id="a_retry"),
    ],
)
@pytest.mark.parametrize("source_gone", ["keep", "delete"])
def test_a_later_look_changes_nothing(tmp_path: Path, hint: Hint, source_gone: str) -> None:
    world = filled(tmp_path, source_gone=source_gone)
    before = world.rows()
    world.hint(hint)
    world.drain()
    assert world.rows() == before
    assert reconcile(world.services).hints == 0
    world.rollups_equal_rows()


def test_changed_rules_read_the_redacted_text_and_the_result_says_so(tmp_path: Path) -> None:
    world = filled(tmp_path)
    rules = (says("r1", "Card", 1, ("4111",)), says("r2", "Upset", 1, ("terrible",)))
    world.rule_set = RuleSet("later", rules)
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    published = world.row().publication
    assert published.rule_set == "later"
    assert published.categories == ("Upset",)
    told = {(s.capability, s.reason, s.conversation) for s in published.skipped}
    assert {("original", REASON, "voice"), ("original", REASON, "chat")} <= told
    assert [p.state for p in world.row().parts] == [PartState.RELEASED] * 2
    assert len(world.speech.started) == 0
    assert leaks(tmp_path) == []


@pytest.mark.parametrize("later", [False, True], ids=["at_first", "after_rules_changed"])
def test_what_an_import_brought_is_kept_masked_alone(tmp_path: Path, later: bool) -> None:
    shown = []
    for raw in ("keep", "never"):
        world = world_of(tmp_path / raw, raw)
        world.put(LENS_KEY, lens(matched(Leaving=[at(1000, 1900)], Angry=[])))
        world.drain()
        if later:
            world.rule_set = RuleSet("later", (says("r1", "Leaving", 1, ("cancel",)),))
            world.hint(Hint(contact_id=CONTACT))
            world.drain()
        shown.append((conversations(world)[0].brought, world.row().publication.categories))
    assert shown[0] == shown[1]
    assert shown[1][0].summary.text == "The customer with card [CREDIT_DEBIT_NUMBER] leaves."
    assert (leaks(tmp_path / "never"), originals(world)) == ([], [])
    assert leaks(tmp_path / "keep")


def test_a_late_record_makes_a_new_publication_of_what_is_left(tmp_path: Path) -> None:
    world = filled(tmp_path)
    talk = [c.characteristics for c in conversations(world)]
    world.put(RECORD_KEY, record(Channel="VOICE"))
    world.drain()
    assert world.row().publication.agent_name == "ada"
    assert [c.characteristics for c in conversations(world)] == talk
    world.rollups_equal_rows()


@pytest.mark.parametrize("raw", ["keep", "never"])
def test_a_language_that_a_late_record_states_comes_too_late_for_what_is_away(
    tmp_path: Path, raw: str
) -> None:
    world = filled(tmp_path, raw)
    for part in world.row().parts:
        world.delete(part.key)
        world.drain()
    texts = [c.transcript.turns for c in conversations(world)]
    figures = [c.sentiment for c in conversations(world)]
    world.put(RECORD_KEY, record(Channel="VOICE", **LOCALE))
    world.drain()
    assert world.row().publication.agent_name == "ada"
    assert [(c.language.code, c.language.how) for c in conversations(world)] == [
        ("es-US", STATED)
    ] * 2
    assert [c.transcript.turns for c in conversations(world)] == texts
    if raw == "never":
        assert [c.sentiment for c in conversations(world)] == figures
        assert leaks(tmp_path) == []
    assert reconcile(world.services).hints == 0
    world.rollups_equal_rows()


def test_the_same_bytes_put_again_go_again_and_other_bytes_are_analysed(tmp_path: Path) -> None:
    world = filled(tmp_path)
    published = world.row().publication
    world.put(CHAT_KEY, WRITTEN)
    world.drain()
    assert (world.row().publication, originals(world)) == (published, [])
    world.put(CHAT_KEY, chat([("AGENT", "Hello"), ("CUSTOMER", "another text")]))
    world.drain()
    assert conversations(world)[1].transcript.turns[-1].text == "another text"
    assert originals(world) == []
    world.rollups_equal_rows()


def test_a_chat_comes_back_after_its_recording_failed_under_another_engine(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.put(CHAT_KEY, WRITTEN)
    world.drain()
    (before,) = conversations(world)
    world.speech.outcome = JobState("FAILED", failure=Refusal("speech.failed", "no luck"))
    world.put(CALL_KEY, AUDIO)
    world.drain()
    assert world.row().status is Status.FAILED
    world.speech.outcome = JobState("DONE", SPOKEN)
    world.mood.engine = replace(world.mood.engine, version="another")
    world.hint(Hint(contact_id=CONTACT, reason="retry"))
    world.drain()
    assert world.row().status is Status.COMPLETED
    assert conversations(world)[1].transcript == before.transcript
    assert originals(world) == []


def test_a_recording_that_others_had_removed_gets_its_copy_when_it_comes_again(
    tmp_path: Path,
) -> None:
    before = filled(tmp_path, "keep")
    before.delete(CALL_KEY)
    before.drain()
    world = world_of(tmp_path)
    world.put(CALL_KEY, AUDIO)
    world.drain()
    (part,) = (p for p in world.row().parts if p.kind is PartKind.RECORDING)
    assert part.state is PartState.RELEASED
    assert world.services.redacted.stat(part.copy_key)
    assert world.services.sources.stat(CALL_KEY) is None


def test_the_output_of_a_service_is_deleted_once_it_is_read(tmp_path: Path) -> None:
    world = filled(tmp_path)
    assert world.speech.started == [], "the job was not forgotten"
    kept = filled(tmp_path / "keep", "keep")
    assert len(kept.speech.started) == 1


def test_a_recording_whose_words_nobody_knows_stays(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.speech.error = EngineMissing("transcript", "no model")
    world.put(CALL_KEY, AUDIO)
    world.drain()
    assert world.row().status is Status.COMPLETED
    assert originals(world) == [CALL_KEY]
    assert reconcile(world.services).hints == 0


def test_refused_sources_stay_for_who_repairs_them(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.put(CHAT_KEY, b'{"Transcript": [')
    world.drain()
    assert world.row().status is Status.QUARANTINED
    assert originals(world) == [CHAT_KEY]


def test_without_a_detector_nothing_is_written_and_nothing_removed(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    finding = world.services.pii

    class Missing:
        engine = finding.engine

        def spans(self, *_: object) -> None:
            raise EngineMissing("pii", "no model")

    world.services = replace(world.services, pii=Missing())
    world.put(CHAT_KEY, WRITTEN)
    with pytest.raises(EngineMissing):
        world.drain()
    assert [s.key for s in world.services.redacted.list()] == []
    assert originals(world) == [CHAT_KEY]


def test_switched_on_it_masks_and_removes_what_was_kept_before(tmp_path: Path) -> None:
    before = filled(tmp_path, "keep", contact_lens_output="both")
    published = {row.contact_id: row.publication for row in before.rows()}
    assert leaks(tmp_path)
    world = world_of(tmp_path)
    world.clock.now = 4_000_000_000_000
    world.reconcile()
    world.clock.now += 3_600_000
    world.reconcile()
    assert leaks(tmp_path) == []
    assert originals(world) == []
    assert {row.contact_id: row.publication for row in world.rows()} == published
    assert reconcile(world.services).hints == 0
    world.rule_set = replace(world.rule_set, id="later")
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row().publication.rule_set == "later"
    assert REASON in {s.reason for s in world.row().publication.skipped}


def test_switched_on_it_masks_in_the_language_that_the_record_states(tmp_path: Path) -> None:
    before = world_of(tmp_path, "keep")
    before.put(RECORD_KEY, record(Channel="VOICE", **LOCALE))
    before.put(CALL_KEY, AUDIO)
    before.drain()
    world = world_of(tmp_path)
    world.hint(Hint(contact_id=CONTACT, reason="reconcile"))
    world.drain()
    redacted = world.services.redacted
    kept = [s.key for s in redacted.list(f"redacted/artifacts/{CONTACT}/transcript/")]
    languages = [load(Masked, redacted.read(key)).language for key in kept]
    assert [(one.code, one.how) for one in languages] == [("es-US", STATED)]


def test_switched_off_what_was_masked_can_still_be_published_again(tmp_path: Path) -> None:
    filled(tmp_path)
    world = world_of(tmp_path, "keep")
    world.rule_set = replace(world.rule_set, id="later")
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    published = world.row().publication
    assert (world.row().status, published.rule_set) == (Status.COMPLETED, "later")
    assert REASON in {s.reason for s in published.skipped}
    assert reconcile(world.services).hints == 0


def test_a_record_that_names_a_released_recording_takes_nothing_away(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    nameless = "calls/monday-4.wav"
    world.put(nameless, AUDIO)
    world.drain()
    published = world.row(provisional_id(nameless)).publication
    world.put(RECORD_KEY, record(Recording={"Location": f"b/{nameless}", "Type": "AUDIO"}))
    world.drain()
    assert world.row(provisional_id(nameless)).publication == published
    assert world.row().publication.analysis_key == ""
    world.rollups_equal_rows()


def test_contact_lens_files_are_written_redacted(tmp_path: Path) -> None:
    world = filled(tmp_path, contact_lens_output="redacted")
    keys = [s.key for s in world.services.redacted.list() if "/contact-lens/" in s.key]
    assert len(keys) == 3
    assert leaks(tmp_path) == []


def test_originals_cannot_be_written_and_not_stored() -> None:
    env = {"LOUPE_RAW": "never", "LOUPE_CONTACT_LENS_OUTPUT": "both"}
    with pytest.raises(SettingsError, match=r"LOUPE_CONTACT_LENS_OUTPUT=both .* LOUPE_RAW=never"):
        Settings.from_env(env)
    assert not Settings.from_env({**env, "LOUPE_CONTACT_LENS_OUTPUT": "redacted"}).keeps_raw
