"""Lex's import files: names, characters, and what is left out."""

from chalicelib.formats import lex_import


def test_each_intent_is_a_file_with_its_utterances():
    found = lex_import.files("Proposed", "en_US", {"Refund1": ["I want a refund", "refund me"]})
    path = "Proposed/BotLocales/en_US/Intents/Refund1/Intent.json"
    assert found[path]["name"] == "Refund1"
    assert found[path]["sampleUtterances"] == [
        {"utterance": "I want a refund"},
        {"utterance": "refund me"},
    ]
    assert found["Manifest.json"]["metaData"]["fileFormat"] == "LexJson"


def test_masks_braces_and_repetitions_are_left_out():
    texts = ["call [NAME] {now}!", "call now", "[PHONE]", "what's up?"]
    assert lex_import.samples(texts) == ["call now", "what's up"]


def test_an_intent_without_utterances_is_left_out():
    found = lex_import.files("Proposed", "en_US", {"Empty": ["[NAME]", "?!"]})
    assert not [path for path in found if path.endswith("Intent.json")]


def test_an_utterance_is_not_longer_than_it_may_be():
    assert [len(text) for text in lex_import.samples(["x" * 900])] == [lex_import.LONGEST]
