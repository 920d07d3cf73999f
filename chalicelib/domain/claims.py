"""What is believed of a sentence that a language model wrote: what the turns that it cites bear out.

The check reads words, not meaning. It finds invented numbers, addresses and masks, claims about a side
that the cited turns do not let speak, text that is no plain sentence, and it counts no turn as evidence
that speaks to a program ("ignore your instructions"), so that nothing stands on such a turn alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalicelib.domain.shadow_text import shadow
from chalicelib.domain.spoken_numbers import digit_runs
from chalicelib.domain.summary import SummarySentence
from chalicelib.domain.transcript import Role, Turn
from chalicelib.domain.word_offsets import MASK

LEAST_WORD = 4
STEM = 5
LEAST_WORDS = 3
ECHO = 6

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_CLAUSE_END = re.compile(r"[.,;:!?]+\s")
_PARTS = re.compile(r"[:/-]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,250}\w|(?:https?://|www\.)\S{0,500}[\w/]"
    r"|\b(?:[\w-]{1,63}\.){1,8}(?:com|net|org|io|co|info|de|uk|eu)\b(?:/\S{0,500}\w)?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>\[\]{}`|\\*]|__|\n|&\w+;|^\W*[#•–-]")
_VERB = (
    r"(?:(?:then|also|later|finally|first|never|already|not|\w+ly)\s+)*"
    r"(?:\w+ed|is|was|were|has|had|did|can|could|will|would|said|told|gave|sent|found|made|took|paid|got|"
    r"went|put|set|wrote|let|kept|left|held|spoke|took|saw|knew|chose|bought|sold|lost|felt|began|thought)\b"
)
_SUBJECT = {
    role: re.compile(
        rf"^(?:the )?{names}s?\s+\w|\bby (?:the |an? )?{names}s?\b|\b(?:the|an?) {names}s?\s+{_VERB}",
        re.IGNORECASE,
    )
    for role, names in {
        Role.AGENT: "(?:agent|representative|advisor|adviser|operator)",
        Role.CUSTOMER: "(?:customer|caller|client)",
    }.items()
}
_TO_A_PROGRAM = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules|above|previous|prior|guidelines)\b"
    r"|\b(?:system|developer|hidden)\s+(?:prompt|message|instructions?|override|note)\b"
    r"|\b(?:you are|act as|pretend to be|note to|attention)\b.{0,20}"
    r"\b(?:ai|language model|assistant|llm|chatbot|summari[sz]er)\b"
    r"|\b(?:write|put|say|state|include|add|mention|your)\b.{0,30}\bsummary\b"
    r"|\b(?:the|this|your) summary\s+(?:must|should|shall|has to|is to|will|of)\b"
    r"|\bsummari[sz]e (?:this|the) (?:call|chat|contact|conversation)\b"
    r"|\b(?:output|print|respond|reply|answer|write|return|say)\b.{0,20}"
    r"\b(?:only|exactly|verbatim|the following|json|word for word)\b"
    r"|\b(?:write|state|record|report|conclude|output) that\b"
    r"|\bmark (?:this|the) (?:call|chat|contact|conversation)\b"
    r"|</?\s*(?:data|system|assistant|user|instructions?)\b|\[/?(?:inst|system)\]|<\|"
    r"|^[ \t]{0,20}(?:system|assistant|developer)\s{0,3}:|\brole[\"']?\s{0,3}:",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_COMMON_WORDS = """
about after again agent also another asked because been before being both caller call calls called client
contact conversation could customer does doing done during each either even first from further gave give
given have having help here into just know made make many more most much need only other over said same
says several should some such tell than that their them then there these they this those told under until
very want wanted well were what when where whether which while will with within without would your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def to_a_program(turn: Turn) -> bool:
    """Whether the turn speaks to who processes the conversation instead of to the other side."""
    return _TO_A_PROGRAM.search(shadow(turn.text).text) is not None


def doubt(claim: SummarySentence, turns: Mapping[str, Turn]) -> str | None:
    """Why a claim is not believed; None if nothing speaks against it. Repeats nothing of it.

    ``turns``: all that may be cited, by id.
    """
    cited = [turns[i] for i in claim.turn_ids if i in turns]
    if not cited or len(cited) < len(claim.turn_ids):
        return "it cites a turn that does not exist"
    evidence = [turn for turn in cited if not to_a_program(turn)]
    if not evidence:
        return "it stands on nothing but words to a program"
    return next(_doubts(shadow(claim.text).text, evidence), None)


def echoes(text: str, of: str) -> bool:
    """Whether six words in a row are also a row in the other text."""
    words, others = _words(text), f" {' '.join(_words(of))} "
    return any(f" {' '.join(words[i : i + ECHO])} " in others for i in range(len(words) - ECHO + 1))


def _doubts(text: str, evidence: Sequence[Turn]) -> Iterator[str]:
    said = [shadow(turn.text).text for turn in evidence]
    plain = MASK.sub(" ", text)
    if _MARKUP.search(plain) or len(_WORD.findall(plain)) < LEAST_WORDS:
        yield "it is no plain sentence"
    if not set(MASK.findall(text)) <= _found(MASK, said):
        yield "it has a mask that its turns have not"
    if not _addresses([plain]) <= _addresses(said):
        yield "it has an address that its turns have not"
    if not _numbers(_clauses([plain])) <= _with_parts(_numbers([*said, *_clauses(said)])):
        yield "it has a number that its turns have not"
    if not _stems([plain]) & _stems(said):
        yield "it shares no word with its turns"
    if any(_SUBJECT[r].search(plain) and r not in {t.role for t in evidence} for r in _SUBJECT):
        yield "it says what a side did whose turns it does not cite"


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in pattern.findall(text)}


def _addresses(texts: Iterable[str]) -> set[str]:
    return {found.lower() for found in _found(_ADDRESS, texts)}


def _numbers(texts: Iterable[str]) -> set[str]:
    """Numbers in digits and in words, without leading zeros; a lone "one" counts nothing."""
    out: set[str] = set()
    for text in texts:
        joined = _THOUSANDS.sub("", text)
        out |= {number.removesuffix(".00") for number in _NUMBER.findall(joined)}
        out |= {run.digits for run in digit_runs(joined) if run.spoken and run.digits != "1"}
    return {number.lstrip("0") or "0" for number in out}


def _clauses(texts: Iterable[str]) -> list[str]:
    """Numbers of two clauses are not one number."""
    return [clause for text in texts for clause in _CLAUSE_END.split(text)]


def _with_parts(numbers: set[str]) -> set[str]:
    """And what dates and times are put together from."""
    parts = (part for number in numbers for part in _PARTS.split(number))
    return numbers | {part.lstrip("0") or "0" for part in parts}


def _stems(texts: Iterable[str]) -> set[str]:
    """Beginnings of the words that tell something."""
    return {
        word[:STEM]
        for text in texts
        for word in _words(MASK.sub(" ", text))
        if len(word) >= LEAST_WORD and word not in _COMMON
    }


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
