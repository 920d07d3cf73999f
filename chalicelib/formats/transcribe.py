"""Amazon Transcribe's standard output: items with times as strings in seconds, channels or speakers.

The document knows words, not turns and not roles: turns are cut by ``timeline``, the role of a channel
is what the caller says. A speaker label is not a role: the role of separated speakers is inferred from
what they say (``speaker_roles``), or stays UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.method import Method
from chalicelib.domain.speaker_roles import with_roles
from chalicelib.domain.timeline import turns_of_participants
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Participant,
    Redaction,
    Role,
    Transcript,
    Turn,
    Word,
)
from chalicelib.formats import speaker_labels
from chalicelib.formats.json_fields import mapping, milliseconds, refuse, sequence, share, text

ENGINE = Engine("Amazon Transcribe", "", "imported")
SPEAKER = "SPEAKER"


@dataclass(frozen=True, slots=True)
class _Item:
    """One word of one voice; ``voice`` is a channel label, a speaker label or SPEAKER."""

    voice: str
    word: Word
    entity: str | None


def read(
    doc: Mapping[str, Any],
    *,
    roles: tuple[Role, ...] | None,
    method: Method,
    language: str = "en-US",
    engine: Engine = ENGINE,
) -> Transcript:
    """The transcript of a finished job.

    ``roles``: the role of channel 0, 1 ...; None when nobody knows. ``language`` is used where the
    document names none (it does only after language identification). Raises ``InputRefused``
    ``transcript.schema``.
    """
    _check_status(doc)
    results = mapping(doc.get("results"), "results")
    labelled = "channel_labels" in results
    items = _items(results)
    people = _participants(items, results, roles if labelled else None)
    spoken = {who: [i.word for i in items if i.voice == v] for v, who in people.items()}
    entities = {(people[i.voice].id, i.word): i.entity for i in items if i.entity}
    turns = turns_of_participants(spoken, method)
    made = Transcript(
        channel=Channel.VOICE,
        language=text(results.get("language_code", language), "results.language_code"),
        participants=tuple(people.values()),
        turns=tuple(_with_redactions(turn, entities) for turn in turns),
        engine=engine,
        flags=_flags(doc, people, labelled=labelled),
    )
    return made if labelled or SPEAKER in people else with_roles(made)


def _check_status(doc: Mapping[str, Any]) -> None:
    status = mapping(doc, "document").get("status", "COMPLETED")
    if status != "COMPLETED":
        raise InputRefused("transcript.schema", "the transcription job did not complete")


def _flags(
    doc: Mapping[str, Any], people: Mapping[str, Participant], *, labelled: bool
) -> tuple[str, ...]:
    unknown = labelled and any(who.role is Role.UNKNOWN for who in people.values())
    found = {
        "mono": not labelled,
        "roles_unknown": unknown,
        "redacted": doc.get("isRedacted") is True,
    }
    return tuple(flag for flag, is_so in found.items() if is_so)


def _participants(
    items: Sequence[_Item], results: Mapping[str, Any], roles: tuple[Role, ...] | None
) -> dict[str, Participant]:
    """Who speaks under which label; a silent channel is a participant too."""
    labels = {item.voice for item in items} | set(_channel_labels(results))
    return {label: _participant(label, roles or ()) for label in sorted(labels)}


def _participant(label: str, roles: tuple[Role, ...]) -> Participant:
    number = label.removeprefix("ch_")
    if label.startswith("ch_") and number.isdecimal() and int(number) < len(roles):
        role = roles[int(number)]
        return Participant(role.value, role)
    return Participant(label, Role.UNKNOWN)


def _channels(results: Mapping[str, Any]) -> Sequence[Any]:
    labels = mapping(results["channel_labels"], "results.channel_labels")
    return sequence(labels.get("channels"), "results.channel_labels.channels")


def _channel_labels(results: Mapping[str, Any]) -> Iterator[str]:
    if "channel_labels" in results:
        for n, channel in enumerate(_channels(results)):
            where = f"results.channel_labels.channels[{n}]"
            yield text(mapping(channel, where).get("channel_label"), f"{where}.channel_label")


def _labelled_items(results: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every item with the label of its voice, in the order in which a voice spoke."""
    if "channel_labels" in results:
        for label, channel in zip(_channel_labels(results), _channels(results), strict=True):
            for item in sequence(channel.get("items"), f"{label}.items"):
                yield label, mapping(item, f"{label}.items[]")
        return
    speakers = speaker_labels.read(results)
    for each in sequence(results.get("items"), "results.items"):
        item = mapping(each, "results.items[]")
        yield speakers.of(item, SPEAKER), item


def _items(results: Mapping[str, Any]) -> list[_Item]:
    found: list[_Item] = []
    for n, (voice, item) in enumerate(_labelled_items(results)):
        kind, where = item.get("type"), f"item {n}"
        if kind == "pronunciation":
            found.append(_item(voice, item, where))
        elif kind != "punctuation":
            refuse(f"{where}.type", "pronunciation or punctuation")
        elif found and voice in (found[-1].voice, SPEAKER):
            mark = text(_best(item, where).get("content"), f"{where}.content")
            word = found[-1].word
            found[-1] = replace(found[-1], word=replace(word, text=word.text + mark))
    return found


def _item(voice: str, item: Mapping[str, Any], where: str) -> _Item:
    best = _best(item, where)
    begin = milliseconds(item.get("start_time"), f"{where}.start_time", per_unit=1000)
    end = milliseconds(item.get("end_time"), f"{where}.end_time", per_unit=1000)
    if end < begin:
        refuse(f"{where}.end_time", "after its start_time")
    content = text(best.get("content"), f"{where}.content")
    confidence = share(best.get("confidence"), f"{where}.confidence")
    return _Item(voice, Word(content, begin, end, confidence), _entity(best, where))


def _best(item: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    alternatives = sequence(item.get("alternatives"), f"{where}.alternatives")
    if not alternatives:
        refuse(f"{where}.alternatives", "filled")
    return mapping(alternatives[0], f"{where}.alternatives[0]")


def _entity(best: Mapping[str, Any], where: str) -> str | None:
    marks = sequence(best.get("redactions", ()), f"{where}.redactions")
    if not marks:
        return None
    mark = mapping(marks[0], f"{where}.redactions[0]")
    return text(mark.get("type", mark.get("category", "PII")), f"{where}.redactions[0].type")


def _with_redactions(turn: Turn, entities: Mapping[tuple[str, Word], str | None]) -> Turn:
    found, at = [], 0
    for word in turn.words:
        entity = entities.get((turn.participant_id, word))
        if entity:
            end = at + word.text.rindex("]") + 1 if "]" in word.text else at + len(word.text)
            found.append(Redaction(at, end, entity, word.begin_ms, word.end_ms))
        at += len(word.text) + 1
    return replace(turn, redactions=tuple(found))
