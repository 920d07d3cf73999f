"""Contact Lens analysis files, voice and chat, as a ``Transcript`` that keeps what they published.

Labels, turn groups, loudness, highlights and redactions stay with their turns; the published
characteristics stay beside the transcript, verbatim, to compare Loupe's own figures with, and so do
categories, models, metadata and what was left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Highlight,
    Participant,
    Redaction,
    Role,
    SentimentLabel,
    Speakers,
    Transcript,
    Turn,
    TurnGroup,
    TurnKind,
)
from chalicelib.domain.word_offsets import masks_in
from chalicelib.formats import instants
from chalicelib.formats.contact_lens_brought import kept
from chalicelib.formats.contact_lens_shapes import (
    Analysis,
    ChatAnalysis,
    ChatItem,
    Detected,
    ItemRef,
    Redacted,
    TimeSpan,
    VoiceAnalysis,
    VoiceTurn,
)

CODE = "contact_lens.schema"
SOURCE = "Amazon Connect Contact Lens"
ONE_CHANNEL = ("mono", "speakers_separated", "roles_inferred", "roles_unknown")
"""Flags of Loupe's own that say what its recording could not tell; nothing else in the file does."""
SHOWN_ERRORS = 3

Shaped = TypeVar("Shaped", bound=Analysis)


def read(doc: Mapping[str, Any]) -> Transcript:
    """The transcript of a voice (``1.1.0``, ``VOICE-2022-11-30``) or chat (``CHAT-2022-11-30``) file.

    Raises ``InputRefused`` ``contact_lens.schema``; its detail names keys, never their content.
    """
    channel = doc.get("Channel") if isinstance(doc, Mapping) else None
    if channel == "VOICE":
        transcript = _voice(_shaped(VoiceAnalysis, doc))
    elif channel == "CHAT":
        transcript = _chat(_shaped(ChatAnalysis, doc))
    else:
        raise InputRefused(CODE, "Channel is neither VOICE nor CHAT")
    return replace(transcript, published={**doc["ConversationCharacteristics"], **kept(doc)})


def _shaped(shape: type[Shaped], doc: Mapping[str, Any]) -> Shaped:
    try:
        return shape.model_validate(doc)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        shown = "; ".join(f"{_path(e['loc'])}: {e['msg']}" for e in found[:SHOWN_ERRORS])
        more = f" and {len(found) - SHOWN_ERRORS} more" if len(found) > SHOWN_ERRORS else ""
        raise InputRefused(CODE, shown + more) from None


def _path(location: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in location)


def _transcript(
    channel: Channel, doc: Analysis, turns: Iterable[Turn], groups: Iterable[TurnGroup] | None
) -> Transcript:
    known, replaced = _unique_ids(tuple(turns))
    flags = {"redacted": _is_redacted(doc), "ids_replaced": replaced}
    own = doc.loupe.flags if doc.loupe else ()
    return Transcript(
        channel=channel,
        language=doc.language_code,
        language_stated=True,
        participants=_participants(doc, known),
        turns=known,
        engine=_engine(doc),
        flags=(
            *(flag for flag, is_set in flags.items() if is_set),
            *(flag for flag in ONE_CHANNEL if flag in own),
        ),
        groups=None if groups is None else tuple(groups),
        contact_id=doc.customer_metadata.contact_id,
        instance_id=doc.customer_metadata.instance_id,
        speakers=_speakers(doc),
    )


def _speakers(doc: Analysis) -> Speakers | None:
    """Separated voices of an export of Loupe's, without the cues, which it does not hold."""
    found = doc.loupe.speakers if doc.loupe else None
    if found is None:
        return None
    return Speakers(found.voices, found.margin, found.agent, found.customer, found.lead)


def _is_redacted(doc: Analysis) -> bool:
    return doc.content_metadata.output == "Redacted"


def _engine(doc: Analysis) -> Engine:
    if doc.loupe:
        return Engine("Loupe", doc.loupe.version, f"imported from its {doc.version} export")
    return Engine(SOURCE, doc.version, "imported")


def _unique_ids(turns: tuple[Turn, ...]) -> tuple[tuple[Turn, ...], bool]:
    """Turns told apart: where ids repeat, all are numbered anew."""
    if max(Counter(turn.id for turn in turns).values(), default=1) == 1:
        return turns, False
    return tuple(replace(turn, id=f"t-{n:04d}") for n, turn in enumerate(turns, start=1)), True


def _participants(doc: Analysis, turns: Iterable[Turn]) -> tuple[Participant, ...]:
    """As listed; redacted chats leave the role to the items."""
    spoken = {turn.participant_id: turn.role for turn in turns}
    return tuple(
        Participant(
            p.participant_id,
            _role(p.participant_role or spoken.get(p.participant_id)),
            p.display_name,
        )
        for p in doc.participants
    )


def _role(name: str | None) -> Role:
    return Role.__members__.get(name or "", Role.UNKNOWN)


def _roles(doc: Analysis) -> dict[str, Role]:
    return {p.participant_id: _role(p.participant_role) for p in doc.participants}


def _voice(doc: VoiceAnalysis) -> Transcript:
    roles = _roles(doc)
    turns = sorted(doc.transcript, key=lambda t: t.begin_offset_millis)
    read = (_voice_turn(turn, roles, redacted=_is_redacted(doc)) for turn in turns)
    return _transcript(Channel.VOICE, doc, read, None)


def _voice_turn(turn: VoiceTurn, roles: Mapping[str, Role], *, redacted: bool) -> Turn:
    who = turn.participant_id
    return Turn(
        id=turn.id,
        participant_id=who,
        role=roles[who] if who in roles else _role(who),
        begin_ms=turn.begin_offset_millis,
        end_ms=turn.end_offset_millis,
        text=turn.content,
        redactions=_redactions(turn.content, turn.redaction, redacted=redacted),
        sentiment=SentimentLabel(turn.sentiment) if turn.sentiment else None,
        loudness=None if turn.loudness_score is None else tuple(turn.loudness_score),
        highlights=tuple(_voice_highlights(turn)),
    )


def _voice_highlights(turn: VoiceTurn) -> Iterator[Highlight]:
    for kind, found in (
        ("ISSUE", turn.issues_detected),
        ("OUTCOME", turn.outcomes_detected),
        ("ACTION_ITEM", turn.action_items_detected),
    ):
        for detected in found:
            yield from _highlight(kind, turn.content, detected)


def _highlight(kind: str, content: str, detected: Detected | ItemRef) -> Iterator[Highlight]:
    """The span, corrected where the text that comes with it says so, cut to the turn."""
    if detected.character_offsets is None:
        return
    begin, end = (
        detected.character_offsets.begin_offset_char,
        detected.character_offsets.end_offset_char,
    )
    quoted = detected.text if isinstance(detected, Detected) else None
    if quoted and content.startswith(quoted, begin):
        end = begin + len(quoted)
    if content[begin:end]:
        yield Highlight(kind, begin, min(end, len(content)), content[begin:end])


def _redactions(
    content: str, redaction: Redacted | None, *, redacted: bool
) -> tuple[Redaction, ...]:
    """Masks as found in the text, since published character offsets do not cut them out. A redacted
    file has them also where it tells no place: masks without times.

    Times belong to the masks in order if there are as many; else they stand for themselves, with
    empty character spans.
    """
    if redaction is None and not redacted:
        return ()
    masks = masks_in(content)
    times = redaction.times if redaction else []
    if len(masks) == len(times):
        return tuple(_timed(mask, time) for mask, time in zip(masks, times, strict=True))
    return (*masks, *(_timed(Redaction(0, 0, "PII"), time) for time in times))


def _timed(redaction: Redaction, time: TimeSpan) -> Redaction:
    return replace(redaction, begin_ms=time.begin_offset_millis, end_ms=time.end_offset_millis)


def _chat(doc: ChatAnalysis) -> Transcript:
    timed = [(_epoch_ms(item.absolute_time, n), item) for n, item in enumerate(doc.transcript)]
    timed.sort(key=lambda pair: pair[0])
    start = timed[0][0] if timed else 0
    roles = _roles(doc)
    highlights = _chat_highlights(doc)
    redacted = _is_redacted(doc)
    turns = (
        _chat_turn(item, at_ms - start, roles, highlights.get(item.id, ()), redacted=redacted)
        for at_ms, item in timed
    )
    return _transcript(Channel.CHAT, doc, turns, _groups(doc))


def _epoch_ms(iso: str, position: int) -> int:
    found = instants.parse(iso)
    if found is None:
        raise InputRefused(CODE, f"Transcript.{position}.AbsoluteTime: not ISO 8601")
    return found.ms


def _chat_turn(
    item: ChatItem,
    at_ms: int,
    roles: Mapping[str, Role],
    highlights: Iterable[tuple[str, ItemRef]],
    *,
    redacted: bool,
) -> Turn:
    listed = roles.get(item.participant_id, Role.UNKNOWN)
    return Turn(
        id=item.id,
        participant_id=item.participant_id,
        role=_role(item.participant_role) if item.participant_role else listed,
        begin_ms=at_ms,
        end_ms=at_ms,
        text=item.content,
        kind=TurnKind(item.type) if item.type in TurnKind.__members__ else TurnKind.EVENT,
        content_type=item.content_type,
        absolute_time=item.absolute_time,
        display_name=item.display_name,
        redactions=_redactions(item.content, item.redaction, redacted=redacted),
        highlights=tuple(
            h for kind, ref in highlights for h in _highlight(kind, item.content, ref)
        ),
    )


def _chat_highlights(doc: ChatAnalysis) -> dict[str, list[tuple[str, ItemRef]]]:
    summary = doc.conversation_characteristics.contact_summary
    found: dict[str, list[tuple[str, ItemRef]]] = {}
    for items in summary.summary_items_detected if summary else ():
        for kind, detected in (
            ("ISSUE", items.issues_detected),
            ("OUTCOME", items.outcomes_detected),
            ("ACTION_ITEM", items.action_items_detected),
        ):
            for ref in (ref for d in detected for ref in d.transcript_items):
                found.setdefault(ref.id, []).append((kind, ref))
    return found


def _groups(doc: ChatAnalysis) -> Iterable[TurnGroup] | None:
    sentiment = doc.conversation_characteristics.sentiment
    if sentiment is None or sentiment.details_by_transcript_item_group is None:
        return None
    return (
        TurnGroup(
            Role(group.participant_role),
            tuple(ref.id for ref in group.transcript_items),
            SentimentLabel(group.sentiment),
        )
        for group in sentiment.details_by_transcript_item_group
    )
