"""What every engine that finds entities promises to the stage that asks it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from chalicelib.adapters.aws.comprehend_entities import ComprehendEntities
from chalicelib.adapters.engines.entity_finder import LocalEntities
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.domain.entities import TYPES
from chalicelib.domain.entity_list import EntityList
from chalicelib.domain.errors import LanguageNotServed, Unavailable
from chalicelib.ports.entities import EntityFinder
from chalicelib.ports.language import Failed
from tests.aws_endpoint import Refused
from tests.comprehend_service import Comprehend, comprehend
from tests.fakes.language import FakeEntities

LISTED = EntityList(
    {"basic internet": "COMMERCIAL_ITEM", "at&t": "ORGANIZATION", "acme": "ORGANIZATION",
     "acme tv": "COMMERCIAL_ITEM", "wi-fi": "OTHER", "straße 7": "LOCATION"}
)  # fmt: skip
LOCAL = LocalEntities(LISTED)
PLACES = LocalEntities(model=Rampart())
ENGINES = {"local": LOCAL, "places": PLACES, "fake": FakeEntities()}


@pytest.fixture
def service() -> Comprehend:
    return Comprehend()


@pytest.fixture
def aws(service: Comprehend) -> Iterator[ComprehendEntities]:
    with comprehend(service) as client:
        yield ComprehendEntities(client)


@pytest.fixture(params=[*ENGINES, "comprehend"])
def finder(request: pytest.FixtureRequest) -> EntityFinder:
    if request.param == "comprehend":
        return request.getfixturevalue("aws")
    return ENGINES[request.param]


def found(finder: EntityFinder, text: str, language: str = "en-US") -> list[tuple[str, str]]:
    (result,) = finder.find([text], language)
    assert not isinstance(result, Failed)
    return [(text[m.begin : m.end], m.kind) for m in result]


def test_gives_one_result_per_text_in_order(finder):
    texts = ["see you tomorrow", "no such thing", "tomorrow then"]
    assert [[m.kind for m in r] for r in finder.find(texts, "en-US")] == [["DATE"], [], ["DATE"]]


def test_no_texts_have_no_entities(finder):
    assert list(finder.find([], "en-US")) == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "!?", "🙂 tomorrow", "a" * 6000, "\x00", "4711", "tomorrow " * 1500],
    ids=["empty", "blank", "punctuation", "emoji", "long_word", "nul", "digits", "many"],
)
def test_what_it_finds_lies_in_the_text_in_order_and_apart(finder, text):
    (result,) = finder.find([text], "en-US")
    assert all(0 <= m.begin < m.end <= len(text) for m in result)
    assert all(before.end <= after.begin for before, after in pairwise(result))
    assert {m.kind for m in result} <= set(finder.types("en-US"))
    assert all(m.score is None or 0 <= m.score <= 1 for m in result)


def test_says_which_types_it_knows(finder):
    assert "DATE" in finder.types("en-US")
    assert set(finder.types("en-US")) <= set(TYPES)


def test_names_itself_with_a_version(finder):
    assert finder.engine.name
    assert finder.engine.version
    assert finder.engine.detail


# In this process


SAID = {
    "money_in_signs": ("it was $1,045.99 or 20 €", [("$1,045.99", "QUANTITY"), ("20 €", "QUANTITY")]),
    "money_in_words": ("twenty five dollars back", [("twenty five dollars", "QUANTITY")]),
    "money_by_the_thousand": ("3k dollars", [("3k dollars", "QUANTITY")]),
    "a_share": ("20% off, five percent", [("20%", "QUANTITY"), ("five percent", "QUANTITY")]),
    "a_count": ("two tickets and 10 GB", [("two tickets", "QUANTITY"), ("10 GB", "QUANTITY")]),
    "a_duration": ("in 3 business days", [("3 business days", "QUANTITY")]),
    "a_duration_ago": ("ordered two days ago", [("two days ago", "DATE")]),
    "a_written_date": ("on 2026-03-02 or 3/2/2026", [("2026-03-02", "DATE"), ("3/2/2026", "DATE")]),
    "a_month_and_day": ("March 2nd, 2025", [("March 2nd, 2025", "DATE")]),
    "a_day_and_month": ("the second of May", [("the second of May", "DATE")]),
    "an_end_of_a_sentence": ("on 3 November. At 7:15 pm.", [("3 November", "DATE"), ("7:15 pm", "DATE")]),
    "a_relative_day": ("next Friday morning", [("next Friday morning", "DATE")]),
    "a_time": ("at 3:30 pm, 10 o'clock", [("3:30 pm", "DATE"), ("10 o'clock", "DATE")]),
    "may_alone": ("may I help, the second line", []),
    "wait_a_second": ("wait a second", []),
    "a_version": ("version 2.3.4 at 192.168.0.1", []),
    "a_listed_name": ("my BASIC  Internet fails", [("BASIC  Internet", "COMMERCIAL_ITEM")]),
    "a_listed_name_with_marks": ("AT&T, Wi-Fi", [("AT&T", "ORGANIZATION"), ("Wi-Fi", "OTHER")]),
    "the_longest_listed_name": ("the Acme TV of Acme", [
        ("Acme TV", "COMMERCIAL_ITEM"), ("Acme", "ORGANIZATION")]),
    "no_part_of_a_word": ("acmeology, superacme", []),
    "folded_letters": ("in der STRASSE 7", [("STRASSE 7", "LOCATION")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SAID.values(), ids=SAID)
def test_local_finds_what_is_said(text, expected):
    assert found(LOCAL, text) == expected


def test_local_reads_listed_names_in_every_language_and_nothing_else():
    assert found(LOCAL, "Acme, tomorrow", "de-DE") == [("Acme", "ORGANIZATION")]
    assert "DATE" not in LOCAL.types("de-DE")
    assert LocalEntities().types("de-DE") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("I live in Denver now", [("Denver", "LOCATION")], id="a_city"),
        pytest.param(
            "a hotel in Portland, Oregon please",
            [("Portland, Oregon", "LOCATION")],
            id="with_state",
        ),
        pytest.param("my order is late", [], id="no_place"),
    ],
)
def test_places_are_what_the_redaction_model_sees(text, expected):
    assert found(PLACES, text) == expected
    assert "LOCATION" not in LocalEntities().types("en-US")


@pytest.mark.parametrize(
    "unit",
    ["1,", "one and ", "$", "a ", "1", "twenty ", "the ", "next ", "acme ", "at&"],
)
def test_time_grows_with_the_text_and_no_faster(unit):
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begun = time.perf_counter()
        LOCAL.find([text], "en-US")
        return time.perf_counter() - begun

    short, long = (min(seconds(size) for _ in range(3)) for size in (20_000, 80_000))
    assert long < 10 * max(short, 0.01)


# Amazon Comprehend


def test_comprehend_is_asked_in_batches_of_25_and_keeps_the_order(aws, service):
    service.shuffled = True
    texts = [("Ada", "Acme", "so")[n % 3] for n in range(53)]
    kinds = {"Ada": ["PERSON"], "Acme": ["ORGANIZATION"], "so": []}
    assert [[m.kind for m in r] for r in aws.find(texts, "en-US")] == [kinds[t] for t in texts]
    assert [len(r["TextList"]) for r in service.requests] == [25, 25, 3]
    assert {r["LanguageCode"] for r in service.requests} == {"en"}


def test_comprehend_is_not_asked_about_blank_texts(aws, service):
    blank, named, _ = aws.find(["", "Ada", " \n"], "en-US")
    assert (list(blank), [m.score for m in named]) == ([], [0.9])
    assert [r["TextList"] for r in service.requests] == [["Ada"]]


def test_comprehend_reads_a_long_text_in_pieces_on_its_own_offsets(aws, service):
    text = "🙂 It is so. " * 600 + "Ada comes tomorrow."
    assert found(aws, text) == [("Ada", "PERSON"), ("tomorrow", "DATE")]
    assert len(service.requests[0]["TextList"]) > 1


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        pytest.param(["InternalServerException"], 2, id="asked_again_where_the_service_broke"),
        pytest.param(["InternalServerException"] * 2, 2, id="failed_where_it_broke_twice"),
        pytest.param(["InvalidRequestException"], 1, id="failed_where_it_was_refused"),
    ],
)
def test_comprehend_fails_one_text_and_not_its_neighbours(aws, service, codes, asked):
    service.errors["Acme"] = list(codes)
    first, broken, last = aws.find(["Ada", "Acme", "Ada"], "en-US")
    assert [m.kind for m in (*first, *last)] == ["PERSON", "PERSON"]
    assert isinstance(broken, Failed) == (len(codes) == asked)
    assert len(service.requests) == asked


def test_comprehend_says_that_it_cannot_read_a_language(aws):
    assert aws.types("fi-FI") == ()
    with pytest.raises(LanguageNotServed, match="fi-FI"):
        aws.find(["Ada"], "fi-FI")


def test_comprehend_that_does_not_answer_is_unavailable(aws, service):
    service.faults.append(Refused(400, "ThrottlingException", "about a text"))
    with pytest.raises(Unavailable, match=r"^Comprehend: ThrottlingException$"):
        aws.find(["Ada"], "en-US")
