"""What an import brought beside its figures: read, carried over, masked, counted, written out again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.brought import (
    LONGEST_NAME,
    MOST_NAMES,
    Brought,
    BroughtCategory,
    BroughtItem,
    BroughtPoint,
    BroughtSummary,
    brought,
    row_names,
)
from chalicelib.domain.contact import Part, PartKind
from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.explain.contact import comparison
from chalicelib.domain.redaction import RedactionPolicy
from chalicelib.domain.rollup import contribution
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.domain.summary import GeneratedSummary, SummarySentence
from chalicelib.domain.transcript import Channel, Engine, Redaction, Span, Transcript
from chalicelib.formats.contact_lens_writer import write
from chalicelib.formats.native import document
from chalicelib.stages import brought as stage
from chalicelib.stages import publication
from chalicelib.stages.conversation import Material, Readings, Standing, analyse
from tests.fakes.language import FakePiiDetector, fake_readers
from tests.rules import says
from tests.unit.analyses import contact, faults
from tests.unit.api_world import row
from tests.unit.conversations import A, C, call, chat, span, wrote

LENS = Engine("Amazon Connect Contact Lens", "1.1.0", "imported")
NAMES = FakePiiDetector({"Ann Lee": "NAME", "4111": "PIN"})
CALL = call(
    span(C, 0, 900, "I am Ann Lee and want to cancel"),
    span(A, 1000, 1900, "Sure, your PIN is 4111"),
)
CHAT = chat(wrote(C, 0, "I am Ann Lee and want to cancel"), wrote(A, 1000, "Sure"))


def at(begin: int, end: int) -> dict[str, int]:
    return {"BeginOffsetMillis": begin, "EndOffsetMillis": end}


def items(*stretches: tuple[str, int, int]) -> dict[str, object]:
    listed = [
        {"Id": who, "CharacterOffsets": {"BeginOffsetChar": begin, "EndOffsetChar": end}}
        for who, begin, end in stretches
    ]
    return {"TranscriptItems": listed}


def matched(**points: list[object]) -> dict[str, object]:
    details = {name: {"PointsOfInterest": found} for name, found in points.items()}
    return {"MatchedCategories": list(points), "MatchedDetails": details}


def summed(text: str) -> dict[str, object]:
    return {"PostContactSummary": {"Content": text}}


def imported(of: Transcript, **published: object) -> Transcript:
    return replace(of, engine=LENS, published=published)


def analysed(
    transcript: Transcript,
    rules: tuple[Rule, ...] = (),
    detector: FakePiiDetector = NAMES,
    standing: Standing | None = None,
) -> Readings:
    return analyse(
        Material(transcript.channel, "k", "e", transcript),
        settings=Settings(),
        rules=RuleSet("r", rules),
        readers=fake_readers(pii=detector),
        standing=standing,
    )


# Read


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param(
            matched(Refund=[at(1, 2)]),
            (BroughtCategory("Refund", (BroughtPoint(Span(1, 2)),)),),
            id="a_time_of_a_call",
        ),
        pytest.param(
            matched(Refund=[items(("a", 0, 4), ("b", 2, 3))]),
            (
                BroughtCategory(
                    "Refund",
                    (BroughtPoint(None, (BroughtItem("a", 0, 4), BroughtItem("b", 2, 3))),),
                ),
            ),
            id="items_of_a_chat",
        ),
        pytest.param(
            {"MatchedCategories": ["Silent"], "MatchedDetails": {}},
            (BroughtCategory("Silent"),),
            id="a_name_without_evidence",
        ),
        pytest.param(
            {
                "MatchedCategories": [" Refund"],
                "MatchedDetails": {"Refund": {"PointsOfInterest": [at(1, 2)]}},
            },
            (BroughtCategory("Refund", (BroughtPoint(Span(1, 2)),)),),
            id="a_name_with_a_blank_too_many",
        ),
        pytest.param(
            {"MatchedDetails": {"Refund": {"PointsOfInterest": []}}},
            (BroughtCategory("Refund"),),
            id="a_name_that_only_the_details_have",
        ),
        pytest.param(
            {"MatchedCategories": ["Refund", 7, "", "Refund"], "MatchedDetails": []},
            (BroughtCategory("Refund"),),
            id="names_that_are_none_or_doubled",
        ),
        pytest.param(
            matched(
                Refund=[
                    at(5, 2),
                    at(True, 5),
                    "x",
                    {"TranscriptItems": [{"Id": 3}]},
                    items(("a", 4, 1)),
                ]
            ),
            (BroughtCategory("Refund", (BroughtPoint(None, (BroughtItem("a"),)),)),),
            id="evidence_of_another_shape",
        ),
    ],
)
def test_categories_are_read_as_far_as_they_have_the_documented_shape(tree, expected):
    assert brought(imported(CALL, Categories=tree)) == Brought(LENS, expected)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        pytest.param(summed("It went well."), "It went well.", id="contact_lens"),
        pytest.param(
            {"AutoGenerated": {"OverallSummary": {"Content": "Fine."}}},
            "Fine.",
            id="call_analytics",
        ),
        pytest.param(summed("  "), None, id="blanks"),
        pytest.param({"PostContactSummary": {"Status": "FAILED"}}, None, id="a_failed_one"),
        pytest.param(["x"], None, id="another_shape"),
    ],
)
def test_the_summary_is_read_where_the_source_keeps_it(tree, text):
    said = brought(imported(CALL, ContactSummary=tree))
    assert (said and said.summary and said.summary.text) == text


@pytest.mark.parametrize(
    "published",
    [{}, {"Categories": {"MatchedCategories": [], "MatchedDetails": {}}}, {"Categories": None}],
    ids=["no_import", "nothing_matched", "null"],
)
def test_an_import_that_said_nothing_brought_nothing(published):
    assert brought(imported(CALL, **published)) is None


# Carried over to the redacted text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param(("CUSTOMER-0", 0, 4), (0, 4), id="before_a_mask"),
        pytest.param(("CUSTOMER-0", 13, 16), (12, 15), id="behind_a_mask"),
        pytest.param(("CUSTOMER-0", 5, 8), (5, 11), id="inside_a_mask"),
        pytest.param(("CUSTOMER-0", 0, 8), (0, 11), id="ending_in_a_mask"),
        pytest.param(("CUSTOMER-0", 0, 999), (0, 30), id="longer_than_the_text"),
        pytest.param(("CUSTOMER-0", 500, 999), (None, None), id="beyond_the_text"),
        pytest.param(("nobody", 0, 4), (None, None), id="an_item_that_is_not_there"),
    ],
)
def test_offsets_never_cut_into_a_mask(given, shown):
    readings = analysed(imported(CHAT, Categories=matched(Leaving=[items(given)])))
    text = readings.redacted.transcript.turns[0].text
    assert text == "I am [NAME] and want to cancel"
    (point,) = readings.redacted.brought.categories[0].points
    assert point.items == (BroughtItem(given[0], *shown),)
    (original,) = readings.original.brought.categories[0].points
    assert original.items == (BroughtItem(*given),)


def test_the_redacted_reading_keeps_no_other_copy_of_what_was_said():
    transcript = imported(
        CALL, ContactSummary=summed("Ann Lee left."), Categories=matched(Leaving=[]), TalkTime={}
    )
    assert analysed(transcript).redacted.transcript.published == {"TalkTime": {}}


# The summary


@pytest.mark.parametrize(
    ("text", "shown", "masked"),
    [
        pytest.param("All is well.", "All is well.", (), id="nothing_to_mask"),
        pytest.param("Ann Lee left.", "[NAME] left.", ("NAME",), id="found_by_the_detector"),
        pytest.param(
            "Ms. LEE left.", "Ms. [NAME] left.", ("NAME",), id="a_part_of_a_name_that_was_said"
        ),
        pytest.param(
            "Leeway was given.", "Leeway was given.", (), id="a_word_that_begins_like_a_name"
        ),
        pytest.param(
            "[PII] used 4111.", "[PII] used [PIN].", ("PII", "PIN"), id="masked_by_the_source_too"
        ),
    ],
)
def test_the_summary_is_redacted_by_the_detector(text, shown, masked):
    readings = analysed(imported(CALL, ContactSummary=summed(text)))
    assert readings.redacted.brought.summary == BroughtSummary(shown, masked, NAMES.engine)
    assert readings.original.brought.summary == BroughtSummary(text)


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        pytest.param(RedactionPolicy(mask="pii"), "[PII] used [PII].", id="one_mask_for_all"),
        pytest.param(RedactionPolicy(("PIN",)), "Ann Lee used [PIN].", id="only_some_entities"),
    ],
)
def test_the_summary_is_masked_as_the_policy_asks(policy, shown):
    raw = imported(CALL, ContactSummary=summed("Ann Lee used 4111."))
    made = stage.make(raw, NAMES.spans(raw.turns, "en-US"), NAMES, policy)
    assert made.shown.summary.text == shown


class NoDetector(FakePiiDetector):
    def spans(self, turns, language):
        raise EngineMissing("pii", "no model")


class Silent(FakePiiDetector):
    def spans(self, turns, language):
        raise Unavailable("later")


def test_without_a_detector_the_summary_is_left_out_and_that_is_said():
    raw = imported(CALL, ContactSummary=summed("Ann left."), Categories=matched(Leaving=[]))
    made = stage.make(raw, (), NoDetector(), RedactionPolicy())
    assert made.shown == Brought(LENS, (BroughtCategory("Leaving"),))
    assert [(s.capability, s.reason, s.detail) for s in made.skipped] == [
        ("brought_summary", "ENGINE_MISSING", "no model")
    ]


def test_a_detector_that_does_not_answer_holds_the_publication_up():
    with pytest.raises(Unavailable):
        stage.make(imported(CALL, ContactSummary=summed("x")), (), Silent(), RedactionPolicy())


def test_a_summary_that_was_redacted_already_asks_no_detector():
    raw = imported(CALL, ContactSummary=summed("Ann Lee left."))
    first = analysed(raw)
    standing = Standing(findings=first.findings, brought=first.redacted.brought)
    again = analysed(raw, detector=NoDetector(), standing=standing)
    assert again.redacted.brought == first.redacted.brought
    assert again.original.brought == first.original.brought


# Searched and counted


CANCEL = says("r-1", "Leaving", 1, ("cancel",))


def published(*readings: Readings):
    shown = tuple(r.redacted for r in readings)
    part = Part("k", "e", PartKind.TRANSCRIPT, "contact-lens", 1, 0)
    return publication.publish(shown, None, [part], analysis_key="a", rule_set="r")


@pytest.mark.parametrize(
    ("rules", "found", "only_the_source"),
    [
        pytest.param((), ("Angry", "Leaving"), ("Angry", "Leaving"), id="no_rules"),
        pytest.param((CANCEL,), ("Angry", "Leaving"), ("Angry",), id="a_rule_of_the_same_name"),
        pytest.param(
            (replace(CANCEL, name="Churn"),),
            ("Angry", "Churn", "Leaving"),
            ("Angry", "Leaving"),
            id="a_rule_of_another_name",
        ),
    ],
)
def test_brought_categories_join_the_row_and_are_marked(rules, found, only_the_source):
    made = published(analysed(imported(CALL, Categories=matched(Leaving=[], Angry=[])), rules))
    assert (made.categories, made.brought_categories) == (found, only_the_source)


def test_a_name_counts_once_whoever_found_it():
    made = published(analysed(imported(CALL, Categories=matched(Leaving=[])), (CANCEL,)))
    counted = contribution(row("c", publication=made))
    days = [counters for key, counters in counted.items() if key.dimension == "CATEGORY"]
    assert [counters["cat:Leaving"] for counters in days] == [1]


def test_a_name_that_the_calls_rules_found_is_not_marked_for_the_chat():
    spoken = analysed(imported(CALL), (CANCEL,))
    written = analysed(imported(CHAT, Categories=matched(Leaving=[])))
    assert published(spoken, written).brought_categories == ()


def test_a_row_takes_no_more_names_than_rules_could_give_it():
    many = tuple(BroughtCategory(f"c{n}") for n in range(MOST_NAMES + 3))
    assert row_names(Brought(LENS, (BroughtCategory("x" * (LONGEST_NAME + 1)), *many))) == tuple(
        c.name for c in many[:MOST_NAMES]
    )
    readings = analysed(imported(CALL, Categories=matched(**{c.name: [] for c in many})))
    assert len(readings.redacted.brought.categories) == len(many)
    (said,) = [s for s in readings.redacted.skipped if s.capability == "brought_categories"]
    assert said.detail.startswith("3 of ")


def test_the_evidence_of_a_name_that_both_found_is_compared():
    made = analysed(imported(CALL, Categories=matched(Leaving=[at(0, 5), at(7, 9)])), (CANCEL,))
    (compared,) = [e for e in comparison(made.redacted) if e.part == "Leaving"]
    assert (compared.value, compared.published, compared.difference) == (1, 2, -1)


# Shown and written


def both_found() -> Readings:
    categories = matched(Leaving=[at(0, 5)], Angry=[at(0, 5)])
    raw = imported(CALL, Categories=categories, ContactSummary=summed("Ann Lee left."))
    return analysed(raw, (CANCEL,))


def test_loupes_document_tells_who_said_what():
    made = document(contact(both_found().redacted))
    assert faults("loupe-1.json", made) == []
    told = made["conversations"][0]["brought"]
    assert told["source"]["name"] == LENS.name
    assert [(c["name"], c["foundByRules"]) for c in told["categories"]] == [
        ("Leaving", True),
        ("Angry", False),
    ]
    assert told["categories"][1]["pointsOfInterest"] == [
        {"beginOffsetMillis": 0, "endOffsetMillis": 5, "items": []}
    ]
    assert told["summary"]["text"] == "[NAME] left."
    assert [c["name"] for c in made["conversations"][0]["categories"]] == ["Leaving"]


@pytest.mark.parametrize(("redacted", "text"), [(True, "[NAME] left."), (False, "Ann Lee left.")])
def test_a_contact_lens_file_has_what_the_source_said_in_its_places(redacted, text):
    readings = both_found()
    made = readings.redacted if redacted else readings.original
    got = write(contact(made), made, redacted=redacted)
    assert faults("contact-lens-voice-1.1.0.json", got) == []
    assert got["Categories"]["MatchedCategories"] == ["Leaving", "Angry"]
    assert got["Categories"]["MatchedDetails"]["Leaving"] == {"PointsOfInterest": [at(0, 900)]}
    assert got["Categories"]["MatchedDetails"]["Angry"] == {"PointsOfInterest": [at(0, 5)]}
    assert got["ConversationCharacteristics"]["ContactSummary"] == summed(text)
    own = got["Loupe"]
    assert own["Brought"]["Categories"] == matched(Leaving=[at(0, 5)], Angry=[at(0, 5)])
    assert own["Summary"] == made.summary.text


def test_what_a_model_wrote_leaves_the_source_its_place():
    made = both_found().redacted
    wrote = GeneratedSummary(LENS, (SummarySentence("They parted.", ("t1",)),))
    made = replace(made, summary=replace(made.summary, generated=wrote))
    got = write(contact(made), made, redacted=True)
    assert faults("contact-lens-voice-1.1.0.json", got) == []
    assert got["ConversationCharacteristics"]["ContactSummary"] == summed("[NAME] left.")
    assert got["Loupe"]["Summary"] == "They parted."


def test_a_chats_file_has_the_items_of_the_source():
    evidence = [items(("CUSTOMER-0", 0, 4)), {"TranscriptItems": [{"Id": "nobody"}]}]
    made = analysed(imported(CHAT, Categories=matched(Leaving=evidence))).original
    got = write(contact(made), made, redacted=False)
    assert faults("contact-lens-chat-2022-11-30.json", got) == []
    assert got["Categories"] == matched(Leaving=evidence)


SKIP = {"Feature": "CATEGORIZATION", "ReasonCode": "QUOTA_EXCEEDED"}
MODEL = {"Type": "TRANSCRIPTION_VOCABULARY", "Name": "products", "Id": "m-1"}


@pytest.mark.parametrize(
    ("published", "path", "expected"),
    [
        pytest.param({"AccountId": "123"}, ("AccountId",), "123", id="the_account"),
        pytest.param({"AccountId": 5}, ("AccountId",), "", id="no_account"),
        pytest.param({"CustomModels": [MODEL]}, ("CustomModels",), [MODEL], id="models"),
        pytest.param({"CustomModels": []}, ("CustomModels",), [], id="no_models"),
        pytest.param(
            {"CustomModels": [{"Name": 1}]}, ("CustomModels",), [], id="models_of_another_shape"
        ),
        pytest.param(
            {"JobDetails": {"SkippedAnalysis": [SKIP]}},
            ("JobDetails", "SkippedAnalysis"),
            [SKIP],
            id="what_the_source_left_out",
        ),
        pytest.param(
            {"JobDetails": {"SkippedAnalysis": "x"}},
            ("JobDetails", "SkippedAnalysis"),
            [],
            id="left_out_in_another_shape",
        ),
        pytest.param(
            {"CustomerMetadata": {"InputS3Uri": "s3://b/k.wav"}},
            ("CustomerMetadata", "InputS3Uri"),
            "s3://b/k.wav",
            id="where_the_recording_was",
        ),
        pytest.param(
            {"CustomerMetadata": None},
            ("CustomerMetadata", "InputS3Uri"),
            "k",
            id="nobody_said_where",
        ),
    ],
)
def test_what_stands_beside_the_characteristics_is_written_out_again(published, path, expected):
    made = analysed(imported(CALL, **published)).redacted
    got = write(contact(made), made, redacted=True)
    assert faults("contact-lens-voice-1.1.0.json", got) == []
    for step in path:
        got = got[step]
    assert got == expected


def test_loupes_own_recording_is_named_where_there_is_one():
    made = replace(
        analysed(imported(CALL, CustomerMetadata={"InputS3Uri": "s3://old/x.wav"})).redacted,
        acoustics_key="a",
    )
    got = write(contact(made), made, redacted=True, bucket="b")
    assert got["CustomerMetadata"]["InputS3Uri"] == "s3://b/k"


def test_masks_of_the_source_count_in_offsets_too():
    marked = replace(
        CHAT.turns[0], text="I am [PII] and left", redactions=(Redaction(5, 10, "PII"),)
    )
    raw = imported(
        replace(CHAT, turns=(marked, CHAT.turns[1])),
        Categories=matched(Leaving=[items((marked.id, 0, 7))]),
    )
    assert raw.channel is Channel.CHAT
    (point,) = analysed(raw).redacted.brought.categories[0].points
    assert point.items == (BroughtItem(marked.id, 0, 10),)
