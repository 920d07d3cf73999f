"""What every engine that tells languages promises to the stage that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.adapters.aws.comprehend_language import ComprehendLanguage
from chalicelib.adapters.engines.langid import LANGUAGES, LangId
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.language import believed, words_in
from chalicelib.ports.language import Failed, Guess, LanguageIdentifier
from tests.aws_endpoint import Refused
from tests.comprehend_service import Comprehend, comprehend
from tests.fakes.language import FakeIdentifier

ENGLISH = "Hello, I would like to ask about my last order from the shop."
GERMAN = "Guten Tag, ich habe gestern bestellt und warte noch auf die Ware."
SPANISH = "Hola, quiero cancelar el pedido que hice por la mañana."
ENGINES = {"langid": LangId(), "fake": FakeIdentifier({"ich": "de", "quiero": "es"})}


@pytest.fixture
def service() -> Comprehend:
    return Comprehend()


@pytest.fixture
def aws(service: Comprehend) -> Iterator[ComprehendLanguage]:
    with comprehend(service) as client:
        yield ComprehendLanguage(client)


@pytest.fixture(params=[*ENGINES, "comprehend"])
def identifier(request: pytest.FixtureRequest) -> LanguageIdentifier:
    if request.param == "comprehend":
        return request.getfixturevalue("aws")
    return ENGINES[request.param]


def best(guess: Guess | Failed) -> str:
    assert isinstance(guess, Guess)
    return max(guess.shares, key=lambda code: guess.shares[code])


def test_gives_one_guess_per_text_in_order(identifier):
    guesses = identifier.identify([ENGLISH, GERMAN, SPANISH, ENGLISH])
    assert [best(guess) for guess in guesses] == ["en", "de", "es", "en"]


def test_no_texts_give_no_guesses(identifier):
    assert list(identifier.identify([])) == []


def test_shares_are_shares(identifier):
    (guess,) = identifier.identify([GERMAN])
    assert all(0 <= share <= 1 for share in guess.shares.values())
    assert sum(guess.shares.values()) <= 1.001


@pytest.mark.parametrize(
    "text",
    ["", " ", "!?", "🙂", "a" * 6000, "\x00", "4711", "ok " * 4000],
    ids=["empty", "blank", "punctuation", "emoji", "long_word", "nul", "digits", "many_words"],
)
def test_reads_any_text_without_an_error(identifier, text):
    (guess,) = identifier.identify([text])
    assert isinstance(guess, Guess)


def test_names_itself_with_a_version(identifier):
    assert identifier.engine.name
    assert identifier.engine.version
    assert identifier.engine.detail


# py3langid


TEXTS = {
    "de": "Können Sie mir bitte die Rechnung noch einmal schicken?",
    "fr": "Je voudrais annuler ma commande s'il vous plaît.",
    "it": "Buongiorno, vorrei sapere dov'è il mio ordine.",
    "pt": "Bom dia, não consigo acessar a minha conta.",
    "nl": "Goedemiddag, mijn bestelling is nog niet aangekomen.",
    "pl": "Dzień dobry, nie mogę się zalogować na moje konto.",
    "tr": "Merhaba, siparişim hâlâ gelmedi, yardım eder misiniz?",
    "sv": "Hej, jag kan inte logga in på mitt konto idag.",
    "da": "Hej, min ordre er ikke kommet endnu, kan du hjælpe?",
    "ja": "こんにちは、注文した商品がまだ届いていません。",
    "ru": "Здравствуйте, у меня не работает интернет со вчерашнего дня.",
    "hi": "नमस्ते, मेरा ऑर्डर अभी तक नहीं आया है।",
    "zh": "你好，我的订单还没有到，请帮我看一下。",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items(), ids=TEXTS)
def test_langid_is_believed_about_one_sentence(code, text):
    (guess,) = ENGINES["langid"].identify([text])
    found = believed(guess.shares, words_in(text))
    assert found is not None
    assert found[0] == code


@pytest.mark.parametrize("text", ["ok", "hello there", "no", "4711"])
def test_langid_is_not_believed_about_next_to_nothing(text):
    (guess,) = ENGINES["langid"].identify([text])
    assert believed(guess.shares, words_in(text)) is None


def test_langid_knows_its_candidates_only():
    (guess,) = ENGINES["langid"].identify([ENGLISH])
    assert set(guess.shares) == set(LANGUAGES)


# Amazon Comprehend


def test_comprehend_is_asked_in_batches_of_25_and_keeps_the_order(aws, service):
    service.shuffled = True
    texts = [(ENGLISH, GERMAN, SPANISH)[n % 3] for n in range(53)]
    codes = {ENGLISH: "en", GERMAN: "de", SPANISH: "es"}
    assert [best(guess) for guess in aws.identify(texts)] == [codes[text] for text in texts]
    assert [len(r["TextList"]) for r in service.requests] == [25, 25, 3]
    assert all("LanguageCode" not in r for r in service.requests)


def test_comprehend_is_not_asked_about_blank_texts(aws, service):
    blank, german, _ = aws.identify(["", GERMAN, " \n"])
    assert (blank, best(german)) == (Guess({}), "de")
    assert [r["TextList"] for r in service.requests] == [[GERMAN]]


def test_comprehend_reads_the_beginning_of_a_long_text(aws, service):
    aws.identify(["ich bin hier und warte. " * 500])
    (sent,) = service.requests[0]["TextList"]
    assert 4000 < len(sent.encode()) <= 5000


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        pytest.param(["InternalServerException"], 2, id="asked_again_where_the_service_broke"),
        pytest.param(["InternalServerException"] * 2, 2, id="failed_where_it_broke_twice"),
        pytest.param(["InvalidRequestException"], 1, id="failed_where_it_was_refused"),
    ],
)
def test_comprehend_fails_one_text_and_not_its_neighbours(aws, service, codes, asked):
    service.errors["quiero"] = list(codes)
    first, broken, last = aws.identify([ENGLISH, SPANISH, GERMAN])
    assert [best(first), best(last)] == ["en", "de"]
    assert isinstance(broken, Failed) == (len(codes) == asked)
    assert len(service.requests) == asked


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        pytest.param(400, "ThrottlingException", True, id="too_many_calls"),
        pytest.param(403, "AccessDeniedException", False, id="not_allowed"),
    ],
)
def test_comprehend_that_does_not_answer_is_unavailable(aws, service, status, code, retryable):
    service.faults.append(Refused(status, code, "about a text"))
    with pytest.raises(Unavailable, match=f"^Comprehend: {code}$") as caught:
        aws.identify([ENGLISH])
    assert caught.value.retryable is retryable
