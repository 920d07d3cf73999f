"""Amazon Transcribe Call Analytics output: turns as AWS cut them, with what AWS computed for each.

Turns, sentiment, loudness, highlights and masks are taken as published. The characteristics stay in
``Transcript.published`` beside what Loupe computes from the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Highlight,
    Participant,
    Redaction,
    Role,
    SentimentLabel,
    Transcript,
    Turn,
    Word,
)
from chalicelib.domain.word_offsets import MASK
from chalicelib.formats.json_fields import mapping, milliseconds, refuse, sequence, share, text

ENGINE = Engine("Amazon Transcribe Call Analytics", "", "imported")
HIGHLIGHTS = {
    "IssuesDetected": "ISSUE",
    "OutcomesDetected": "OUTCOME",
    "ActionItemsDetected": "ACTION_ITEM",
}
KEPT = (
    "AccountId", "Categories", "ContentMetadata", "CustomModels", "CustomerMetadata", "JobDetails",
    "JobName", "SessionId",
)  # fmt: skip


def read(doc: Mapping[str, Any], *, engine: Engine = ENGINE) -> Transcript:
    """The transcript of a finished job; ``contact_id`` stays None, for a job name is not one.

    ``published`` is the ConversationCharacteristics tree, and in it the trees of ``KEPT`` that the
    document has. Raises ``InputRefused``
    ``transcript.schema``.
    """
    if mapping(doc, "document").get("JobStatus", "COMPLETED") != "COMPLETED":
        raise InputRefused("transcript.schema", "the Call Analytics job did not complete")
    turns = _turns(sequence(doc.get("Transcript"), "Transcript"))
    return Transcript(
        channel=Channel.VOICE,
        language=text(doc.get("LanguageCode"), "LanguageCode"),
        language_stated=True,
        participants=_participants(doc, turns),
        turns=turns,
        engine=engine,
        flags=_flags(doc, turns),
        published=_published(doc),
    )


def _published(doc: Mapping[str, Any]) -> dict[str, Any]:
    characteristics = doc.get("ConversationCharacteristics", {})
    kept = {name: doc[name] for name in KEPT if name in doc}
    return {**mapping(characteristics, "ConversationCharacteristics"), **kept}


def _flags(doc: Mapping[str, Any], turns: Sequence[Turn]) -> tuple[str, ...]:
    metadata = mapping(doc.get("ContentMetadata", {}), "ContentMetadata")
    found = {
        "redacted": metadata.get("Output") == "Redacted" or any(t.redactions for t in turns),
        "no_words": bool(turns) and not any(t.words for t in turns),
    }
    return tuple(flag for flag, is_so in found.items() if is_so)


def _participants(doc: Mapping[str, Any], turns: Sequence[Turn]) -> tuple[Participant, ...]:
    """Those that the document lists, else those who speak."""
    listed = sequence(doc.get("Participants", ()), "Participants")
    roles = [
        _role(mapping(p, f"Participants[{n}]").get("ParticipantRole"), f"Participants[{n}]")
        for n, p in enumerate(listed)
    ]
    known = dict.fromkeys([*roles, *(turn.role for turn in turns)])
    return tuple(Participant(role.value, role) for role in known)


def _role(value: object, where: str) -> Role:
    try:
        return Role(text(value, f"{where}.ParticipantRole"))
    except ValueError:
        return refuse(f"{where}.ParticipantRole", "a participant role")


def _turns(listed: Sequence[Any]) -> tuple[Turn, ...]:
    turns = [_turn(each, n) for n, each in enumerate(listed)]
    if len({turn.id for turn in turns}) < len(turns):
        refuse("Transcript", "a list of turns with distinct ids")
    return tuple(sorted(turns, key=lambda turn: (turn.begin_ms, turn.end_ms)))


def _turn(value: object, n: int) -> Turn:
    where = f"Transcript[{n}]"
    given = mapping(value, where)
    role = _role(given.get("ParticipantRole"), where)
    content = text(given.get("Content"), f"{where}.Content")
    begin, end = _times(given, where)
    items = [
        mapping(item, f"{where}.Items[]")
        for item in sequence(given.get("Items", ()), f"{where}.Items")
    ]
    return Turn(
        id=text(given.get("Id", f"t-{n + 1:04d}"), f"{where}.Id"),
        participant_id=role.value,
        role=role,
        begin_ms=begin,
        end_ms=end,
        text=content,
        words=_words(items, f"{where}.Items"),
        redactions=tuple(_redactions(given, items, content, where)),
        sentiment=_sentiment(given.get("Sentiment"), where),
        loudness=_loudness(given.get("LoudnessScores"), where),
        highlights=tuple(_highlights(given, content, where)),
    )


def _times(given: Mapping[str, Any], where: str) -> tuple[int, int]:
    begin = milliseconds(given.get("BeginOffsetMillis"), f"{where}.BeginOffsetMillis")
    end = milliseconds(given.get("EndOffsetMillis"), f"{where}.EndOffsetMillis")
    return (begin, end) if begin <= end else refuse(f"{where}.EndOffsetMillis", "after its begin")


def _words(items: Sequence[Mapping[str, Any]], where: str) -> tuple[Word, ...]:
    words: list[Word] = []
    for item in items:
        content = text(item.get("Content"), f"{where}[].Content")
        if item.get("Type") == "pronunciation":
            confidence = share(item.get("Confidence"), f"{where}[].Confidence")
            words.append(Word(content, *_times(item, f"{where}[]"), confidence))
        elif words:
            words[-1] = replace(words[-1], text=words[-1].text + content)
    return tuple(words)


def _sentiment(value: object, where: str) -> SentimentLabel | None:
    if value is None:
        return None
    try:
        return SentimentLabel(text(value, f"{where}.Sentiment"))
    except ValueError:
        return refuse(f"{where}.Sentiment", "a sentiment label")


def _loudness(value: object, where: str) -> tuple[float | None, ...] | None:
    if value is None:
        return None
    scores = sequence(value, f"{where}.LoudnessScores")
    if not all(score is None or isinstance(score, int | float) for score in scores):
        refuse(f"{where}.LoudnessScores", "a list of numbers")
    return tuple(scores)


def _highlights(given: Mapping[str, Any], content: str, where: str) -> Iterator[Highlight]:
    for name, kind in HIGHLIGHTS.items():
        for each in sequence(given.get(name, ()), f"{where}.{name}"):
            offsets = mapping(
                mapping(each, f"{where}.{name}[]").get("CharacterOffsets"),
                f"{where}.{name}[].CharacterOffsets",
            )
            begin, end = offsets.get("Begin"), offsets.get("End")
            if not isinstance(begin, int) or not isinstance(end, int) or not 0 <= begin <= end:
                refuse(f"{where}.{name}[].CharacterOffsets", "a pair of offsets")
            yield Highlight(
                kind, min(begin, len(content)), min(end, len(content)), content[begin:end]
            )


def _redactions(
    given: Mapping[str, Any], items: Sequence[Mapping[str, Any]], content: str, where: str
) -> Iterator[Redaction]:
    """Masks of the text with the times of the masked words, where there are as many of each."""
    masks = list(MASK.finditer(content))
    hidden = [item for item in items if "Redaction" in item] or _redacted_times(given, where)
    if len(hidden) != len(masks):
        hidden = [{} for _ in masks]
    for mask, item in zip(masks, hidden, strict=True):
        times = _times(item, f"{where}.Redaction") if "BeginOffsetMillis" in item else (None, None)
        yield Redaction(mask.start(), mask.end(), _entity(item, mask, where), *times)


def _redacted_times(given: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    where = f"{where}.Redaction"
    groups = mapping(given.get("Redaction", {}), where).get("RedactedTimestamps", ())
    return [
        mapping(times, where)
        for group in sequence(groups, where)
        for times in (group if isinstance(group, list) else [group])
    ]


def _entity(item: Mapping[str, Any], mask: re.Match[str], where: str) -> str:
    marks = item.get("Redaction", ())
    first = marks[0] if isinstance(marks, list) and marks else {}
    named = mapping(first, f"{where}.Items[].Redaction").get("Type", mask.group().strip("[]"))
    return text(named, f"{where}.Items[].Redaction.Type")
