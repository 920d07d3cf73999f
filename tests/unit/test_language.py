"""The language of a conversation: stated, identified or assumed, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, Unavailable
from chalicelib.domain.language import ASSUMED, IDENTIFIED, STATED, believed, with_region, words_in
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.formats import call_analytics, connect_chat, transcribe
from chalicelib.formats.artifact import load
from chalicelib.formats.explanation_text import text as explained
from chalicelib.stages import language as stage
from chalicelib.stages.language import SAMPLE_CHARS, Given
from tests.chat_files import body, chat, message
from tests.fakes.language import FakeIdentifier, FakeSummarizer
from tests.world import CALL_KEY, CHAT_KEY, RECORD_KEY, World, call, record
from tests.world import chat as world_chat

SPANISH = {"quiero": "es", "ayuda": "es"}


def said(*lines: tuple[str, str]) -> Transcript:
    items = [message(role, text, at=n) for n, (role, text) in enumerate(lines)]
    return connect_chat.read(body(chat(*items)))


CUSTOMER = said(("CUSTOMER", "quiero cancelar mi pedido por favor"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("two words", 2, id="blanks_between_words"),
        pytest.param("!? 42 :)", 0, id="no_letters"),
        pytest.param("你好，我的订单还没有到", 5, id="chinese_has_no_blanks"),
        pytest.param("привет мир", 2, id="cyrillic_has_blanks"),
    ],
)
def test_how_much_text_there_is(text, words):
    assert words_in(text) == words


@pytest.mark.parametrize(
    ("shares", "words", "expected"),
    [
        pytest.param({"de": 0.9, "nl": 0.1}, 6, ("de", 0.9, 0.8), id="sure_of_enough_text"),
        pytest.param({"de": 1.0}, 5, None, id="too_few_words"),
        pytest.param({"de": 0.79, "nl": 0.2}, 50, None, id="not_sure"),
        pytest.param({}, 50, None, id="nothing_known"),
        pytest.param({"de": 1.0}, 6, ("de", 1.0, 1.0), id="no_second_language"),
    ],
)
def test_when_an_engine_is_believed(shares, words, expected):
    assert believed(shares, words) == expected


def test_a_text_tells_no_region_so_the_assumed_language_lends_its_own():
    assert (with_region("en", "en-GB"), with_region("de", "en-GB")) == ("en-GB", "de")


TRANSCRIBE = {"results": {"items": [], "transcripts": []}}
DECISIONS = {
    "a_source_that_states_it": (
        call_analytics.read({"LanguageCode": "fr-FR", "Transcript": []}),
        Given("es-US"),
        ("fr-FR", STATED),
    ),
    "a_document_that_states_it": (
        transcribe.read(
            {"results": {**TRANSCRIBE["results"], "language_code": "it-IT"}},
            roles=None,
            method=None,  # type: ignore[arg-type]
        ),
        Given(),
        ("it-IT", STATED),
    ),
    "the_contact_record": (CUSTOMER, Given("pt-BR"), ("pt-BR", STATED)),
    "what_a_speech_engine_was_told": (CUSTOMER, Given(heard=True), ("en-US", ASSUMED)),
    "a_speech_service_that_repeats_what_it_was_told": (
        replace(CUSTOMER, language="en-GB", language_stated=True),
        Given(heard=True),
        ("en-GB", ASSUMED),
    ),
    "the_text": (CUSTOMER, Given(), ("es", IDENTIFIED)),
    "the_text_with_the_assumed_region": (CUSTOMER, Given(assumed="es-MX"), ("es-MX", IDENTIFIED)),
    "too_little_text": (said(("CUSTOMER", "quiero ayuda")), Given(), ("en-US", ASSUMED)),
    "two_languages": (
        said(("CUSTOMER", "quiero cancelar mi pedido"), ("AGENT", "how can I help")),
        Given(),
        ("en-US", ASSUMED),
    ),
    "no_text": (said(), Given(assumed="de-DE"), ("de-DE", ASSUMED)),
    "only_a_bot": (said(("SYSTEM", "quiero cancelar mi pedido hoy")), Given(), ("en-US", ASSUMED)),
}


@pytest.mark.parametrize(("transcript", "given", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_what_tells_the_language(transcript, given, expected):
    language, missing = stage.make(transcript, given, FakeIdentifier(SPANISH))
    assert (language.code, language.how) == expected
    assert missing is None
    assert language.engine is None or language.engine == FakeIdentifier.engine


def test_a_speech_engine_that_heard_the_language_by_itself_is_believed():
    heard = replace(CUSTOMER, language="de", language_confidence=0.97)
    language, _ = stage.make(heard, Given(heard=True), FakeIdentifier(SPANISH))
    assert (language.code, language.how, language.confidence) == ("de", IDENTIFIED, 0.97)
    assert language.engine == CUSTOMER.engine


def test_an_identified_language_carries_the_figures_behind_it():
    language, _ = stage.make(CUSTOMER, Given(), FakeIdentifier(SPANISH))
    assert (language.confidence, language.margin, language.words) == (1.0, 1.0, 6)


def test_each_side_is_read_on_its_own_and_its_beginning_only():
    identifier = FakeIdentifier()
    long = ("word " * 150).strip()
    stage.make(said(("CUSTOMER", long), ("AGENT", "hi"), ("CUSTOMER", long)), Given(), identifier)
    assert identifier.asked == [f"{long} {long[: SAMPLE_CHARS - len(long)]}", "hi"]


def test_a_text_that_cannot_be_read_is_assumed_with_the_reason():
    language, _ = stage.make(CUSTOMER, Given(), FakeIdentifier(unreadable="quiero"))
    assert (language.how, language.detail) == (ASSUMED, "unreadable")


def test_without_an_engine_the_language_is_assumed_and_what_is_missing_is_told():
    class Missing(FakeIdentifier):
        def identify(self, texts):
            raise EngineMissing("language", "not installed")

    language, missing = stage.make(CUSTOMER, Given(), Missing())
    assert (language.how, language.detail) == (ASSUMED, "not installed")
    assert missing is not None
    assert stage.make(CUSTOMER, Given(), None)[0].how == ASSUMED


@pytest.mark.parametrize("retryable", [True, False], ids=["may_pass", "refused_for_good"])
def test_a_service_that_refuses_for_good_keeps_no_contact_waiting(retryable):
    class Refusing(FakeIdentifier):
        def identify(self, texts):
            raise Unavailable("Comprehend: AccessDeniedException", retryable=retryable)

    if retryable:
        with pytest.raises(Unavailable):
            stage.make(CUSTOMER, Given(), Refusing())
    else:
        language, missing = stage.make(CUSTOMER, Given(), Refusing())
        assert (language.code, language.how) == ("en-US", ASSUMED)
        assert missing is not None
        assert missing.reason == "Comprehend: AccessDeniedException"


def test_an_engine_that_answers_about_other_texts_is_not_believed():
    class Short(FakeIdentifier):
        def identify(self, texts):
            return []

    with pytest.raises(Unavailable, match="0 languages"):
        stage.make(CUSTOMER, Given(), Short())


# In the flow


LINES = [
    ("CUSTOMER", "quiero cancelar mi pedido por favor"),
    ("AGENT", "claro con mucho gusto, quiero su nombre"),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.languages = FakeIdentifier(SPANISH)
    made.services = replace(made.services, identifier=made.languages)
    return made


def analysis(world: World) -> ContactAnalysis:
    published = world.row().publication
    assert published is not None
    return load(ContactAnalysis, world.services.redacted.read(published.analysis_key))


def skipped(world: World) -> dict[str, tuple[str, str]]:
    (one,) = analysis(world).conversations
    return {s.capability: (s.reason, s.detail) for s in one.skipped}


def test_a_chat_in_a_language_nobody_reads_is_published_without_invented_english(world):
    world.put(CHAT_KEY, world_chat(LINES))
    world.drain()
    (one,) = analysis(world).conversations
    assert (one.transcript.language, one.language.how) == ("es", IDENTIFIED)
    assert one.engines["language"] == FakeIdentifier.engine
    assert one.sentiment.turns == ()
    assert one.summary is None
    told = skipped(world)
    assert {told[c][0] for c in ("sentiment", "summary", "pii_words")} == {"LANGUAGE_NOT_SUPPORTED"}
    assert told["sentiment"][1] == "VADER reads English only, the conversation is in 'es'"
    run = next(s for s in world.row().stages if s.stage == "language")
    assert (run.state, run.engine) == ("DONE", FakeIdentifier.engine)


def test_an_english_chat_is_read_as_before(world):
    world.put(CHAT_KEY, world_chat())
    world.drain()
    assert not {"sentiment", "language", "pii_words"} & {*skipped(world)}
    assert analysis(world).conversations[0].transcript.language == "en-US"


LOCALE = {
    "ContactLens": {"ConversationalAnalytics": {"Configuration": {"LanguageLocale": "es-US"}}}
}


@pytest.mark.parametrize("order", ["record_first", "record_last"])
def test_a_recording_is_heard_in_the_language_of_its_contact_record(world, order):
    world.speech.error = LanguageNotServed("speech", "the model tiny.en knows English, not es-US")
    arrivals = [(RECORD_KEY, record(**LOCALE)), (CALL_KEY, call(6))]
    for key, put in arrivals if order == "record_first" else reversed(arrivals):
        world.put(key, put)
        world.drain()
    (one,) = analysis(world).conversations
    assert one.transcript.turns == ()
    assert (one.language.code, one.language.how) == ("es-US", STATED)
    assert skipped(world)["transcript"] == (
        "LANGUAGE_NOT_SUPPORTED",
        "the model tiny.en knows English, not es-US",
    )
    assert world.speech.languages[-1] == "es-US"


def test_a_recording_that_nothing_is_said_of_is_assumed_to_be_what_it_was_heard_as(world):
    world.put(CALL_KEY, call(6))
    world.drain()
    (one,) = analysis(world).conversations
    assert (one.language.code, one.language.how) == ("en-US", ASSUMED)
    assert world.languages.asked == []


def test_a_recipe_from_before_is_completed_at_the_next_look_without_hearing_again(world):
    world.put(CALL_KEY, call(6))
    world.drain()
    before = world.row()
    recipe = {name: made for name, made in before.recipe.items() if name != "voice/language"}
    heard = list(world.speech.started)
    world.forge(replace(before, recipe=recipe, version=before.version + 1), before.version)
    world.put(CALL_KEY, call(6))
    world.drain()
    assert world.row().recipe["voice/language"].inputs == {}
    assert world.speech.started == heard


def test_an_analysis_from_before_languages_is_read(world):
    world.put(CHAT_KEY, world_chat())
    world.drain()
    old = analysis(world)
    (one,) = old.conversations
    stripped = replace(old, conversations=(replace(one, language=None),))
    assert "Language: not looked at" in explained(stripped)
    assert "Language en-US: identified" in explained(old)


def test_engines_say_which_language_they_were_asked_about():
    for act in (
        lambda: VaderSentiment().score(["gut"], "de-DE"),
        lambda: FakeSummarizer().summarise([], "de-DE"),
    ):
        with pytest.raises(LanguageNotServed, match="de-DE"):
            act()


def test_roles_that_are_read():
    assert Role.SYSTEM not in stage.READ
