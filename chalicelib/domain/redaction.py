"""Personal data in turns and the masking of it.

Masking is safe before it is pretty: findings that overlap become one mask over all of them, a word
that a mask touches is no longer shown, and a mask that a source already set stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.transcript import Highlight, Redaction, Role, Transcript, Turn, Word
from chalicelib.domain.word_offsets import MASK, set_masks, spoken_within, word_offsets

MASKS = ("entity", "pii")
ENTITIES = (
    "NAME", "ADDRESS", "EMAIL", "PHONE", "SSN", "CREDIT_DEBIT_NUMBER", "CREDIT_DEBIT_CVV",
    "CREDIT_DEBIT_EXPIRY", "PIN", "BANK_ACCOUNT_NUMBER", "BANK_ROUTING",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "DRIVER_ID", "PASSPORT_NUMBER", "IP_ADDRESS", "DATE_OF_BIRTH",
)  # fmt: skip
"""What Loupe's own detectors find. All but ``DATE_OF_BIRTH`` are Contact Lens's names."""


@dataclass(frozen=True, slots=True)
class PiiSpan:
    """A finding in the *raw* text of a turn, in Contact Lens's entity names
    (``CREDIT_DEBIT_NUMBER``, ``PHONE``, ``EMAIL``, ``BANK_ACCOUNT_NUMBER``, ``SSN``, ``PIN`` ...)."""

    turn_id: str
    begin: int
    end: int
    entity: str
    detector: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Mask:
    """``raw[begin:end]`` became ``redacted[shown_begin:shown_end]``, which is ``[<entity>]``."""

    begin: int
    end: int
    entity: str
    shown_begin: int
    shown_end: int


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """Which findings are masked, and as what. Without ``entities`` all are; ``mask`` is one of ``MASKS``:
    ``entity`` shows ``[NAME]``, ``pii`` shows ``[PII]`` for everything."""

    entities: tuple[str, ...] = ()
    mask: str = "entity"

    def masks(self, entity: str) -> bool:
        """Whether findings of this entity are masked."""
        return not self.entities or entity in self.entities

    def shown(self, entity: str) -> str:
        """What stands between the brackets."""
        return "PII" if self.mask == "pii" else entity

    def applied(self, spans: Iterable[PiiSpan]) -> tuple[PiiSpan, ...]:
        """The findings that are masked, under the names that are shown."""
        return tuple(
            replace(span, entity=self.shown(span.entity))
            for span in spans
            if self.masks(span.entity)
        )


EVERYTHING = RedactionPolicy()


def redact(
    transcript: Transcript, spans: Sequence[PiiSpan], policy: RedactionPolicy = EVERYTHING
) -> Transcript:
    """The transcript with every span masked as ``[ENTITY]`` and the customer's names as ``[NAME]``.

    ``spans`` are those that the policy left (``applied``); it also says what becomes of names. Words
    under a mask become one word with the times of all of them. Raises ``ValueError`` for a span that does
    not lie in a turn of this transcript: it was found in another one.
    """
    by_turn = spans_by_turn(transcript, spans)
    return replace(
        transcript,
        turns=tuple(_redact_turn(turn, by_turn[turn.id], policy) for turn in transcript.turns),
        participants=tuple(
            replace(person, display_name=_name(person.role, person.display_name, policy))
            for person in transcript.participants
        ),
    )


def spans_by_turn(
    transcript: Transcript, spans: Iterable[PiiSpan]
) -> defaultdict[str, list[PiiSpan]]:
    """Spans by the id of their turn. Raises ``ValueError`` for one that lies in no turn."""
    lengths = {turn.id: len(turn.text) for turn in transcript.turns}
    by_turn: defaultdict[str, list[PiiSpan]] = defaultdict(list)
    for span in spans:
        if not 0 <= span.begin < span.end <= lengths.get(span.turn_id, -1):
            raise ValueError(f"a {span.entity} span lies in no turn of this transcript")
        by_turn[span.turn_id].append(span)
    return by_turn


def masks_by_turn(raw: Transcript, spans: Iterable[PiiSpan]) -> dict[str, tuple[Mask, ...]]:
    """All masks of each turn, by its id. Raises ``ValueError`` for a span that lies in no turn."""
    by_turn = spans_by_turn(raw, spans)
    return {turn.id: masks(turn, by_turn[turn.id]) for turn in raw.turns}


def merge(spans: Iterable[PiiSpan]) -> tuple[PiiSpan, ...]:
    """Spans of one turn without overlaps, in order: overlapping ones become one span over all of
    them, named for the longest (of equals the first, then by name)."""
    groups: list[list[PiiSpan]] = []
    reach = 0
    for span in sorted(spans, key=lambda s: (s.begin, s.end, s.entity)):
        if groups and span.begin < reach:
            groups[-1].append(span)
        else:
            groups.append([span])
        reach = max(reach, span.end)
    return tuple(_union(group) for group in groups)


def masks(turn: Turn, spans: Iterable[PiiSpan]) -> tuple[Mask, ...]:
    """All masks of a turn in order, those included that its source had set."""
    published = [
        PiiSpan(turn.id, r.begin, r.end, turn.text[r.begin + 1 : r.end - 1], "published")
        for r in set_masks(turn)
    ]
    out: list[Mask] = []
    shift = 0
    for span in merge([*spans, *published]):
        begin = span.begin + shift
        shown = len(span.entity) + 2
        out.append(Mask(span.begin, span.end, span.entity, begin, begin + shown))
        shift += shown - (span.end - span.begin)
    return tuple(out)


def shown_offsets(masked: Sequence[Mask], begin: int, end: int) -> tuple[int, int]:
    """Offsets in the redacted text of ``raw[begin:end]``; inside a mask they are the mask's bounds."""
    return _shown(masked, begin, at_end=False), _shown(masked, end, at_end=True)


def _shown(masked: Sequence[Mask], offset: int, *, at_end: bool) -> int:
    shift = 0
    for mask in masked:
        before = offset <= mask.begin if at_end else offset < mask.begin
        if before:
            break
        inside = offset <= mask.end if at_end else offset < mask.end
        if inside:
            return mask.shown_end if at_end else mask.shown_begin
        shift = mask.shown_end - mask.end
    return offset + shift


def raw_offsets(masked: Sequence[Mask], begin: int, end: int) -> tuple[int, int]:
    """Offsets in the raw text of ``redacted[begin:end]``, which cuts no mask."""
    return _raw(masked, begin), _raw(masked, end)


def _raw(masked: Sequence[Mask], offset: int) -> int:
    passed = [mask for mask in masked if mask.shown_end <= offset]
    return offset + passed[-1].end - passed[-1].shown_end if passed else offset


def _union(group: Sequence[PiiSpan]) -> PiiSpan:
    longest = min(group, key=lambda s: (s.begin - s.end, s.begin, s.entity))
    begin, end = min(s.begin for s in group), max(s.end for s in group)
    return replace(longest, begin=begin, end=end)


def _redact_turn(turn: Turn, spans: Sequence[PiiSpan], policy: RedactionPolicy) -> Turn:
    masked = masks(turn, spans)
    text = _masked_text(turn.text, masked)
    return replace(
        turn,
        text=text,
        words=_masked_words(turn, masked, text),
        redactions=tuple(_redaction(turn, mask) for mask in masked),
        highlights=_recut(turn.highlights, masked, text),
        display_name=_name(turn.role, turn.display_name, policy),
    )


def _masked_text(text: str, masked: Sequence[Mask]) -> str:
    parts, at = [], 0
    for mask in masked:
        parts += [text[at : mask.begin], f"[{mask.entity}]"]
        at = mask.end
    return "".join([*parts, text[at:]])


def _redaction(turn: Turn, mask: Mask) -> Redaction:
    """A published mask keeps the times its source gave; a new one has those of its words."""
    for own in turn.redactions:
        if (own.begin, own.end) == (mask.begin, mask.end):
            return replace(own, begin=mask.shown_begin, end=mask.shown_end)
    begin_ms, end_ms = spoken_within(turn, mask.begin, mask.end) or _whole_turn(turn)
    return Redaction(mask.shown_begin, mask.shown_end, mask.entity, begin_ms, end_ms)


def _whole_turn(turn: Turn) -> tuple[int, int] | tuple[None, None]:
    """Spoken, but nobody knows when: better to silence too much. Written text has no times."""
    return (turn.begin_ms, turn.end_ms) if turn.words else (None, None)


def _masked_words(turn: Turn, masked: Sequence[Mask], text: str) -> tuple[Word, ...]:
    """Words as shown: those that share a mask are one word, cut from the redacted text.

    Words that cannot be placed in a text with masks are left out.
    """
    if not masked:
        return turn.words
    groups: list[_Group] = []
    for word, (begin, end) in zip(turn.words, word_offsets(turn) or (), strict=False):
        reach = max((m.end for m in masked if begin < m.end and m.begin < end), default=0)
        if groups and begin < groups[-1].reach:
            groups[-1] = groups[-1].joined(word, end, reach)
        else:
            groups.append(_Group(word, begin, end, reach))
    return tuple(_shown_word(group, masked, text) for group in groups)


@dataclass(frozen=True, slots=True)
class _Group:
    """Words from ``begin`` to ``end`` that are shown as one; ``reach`` is where their masks end."""

    word: Word
    begin: int
    end: int
    reach: int

    def joined(self, word: Word, end: int, reach: int) -> _Group:
        whole = replace(self.word, end_ms=max(self.word.end_ms, word.end_ms))
        return _Group(whole, self.begin, end, max(self.reach, reach))


def _shown_word(group: _Group, masked: Sequence[Mask], text: str) -> Word:
    if not group.reach:
        return group.word
    begin, end = shown_offsets(masked, group.begin, group.end)
    return replace(group.word, text=text[begin:end], confidence=None)


def _recut(
    highlights: Iterable[Highlight], masked: Sequence[Mask], text: str
) -> tuple[Highlight, ...]:
    """Highlights over the redacted text; one that shows nothing but a mask is dropped."""
    out = []
    for highlight in highlights:
        begin, end = shown_offsets(masked, highlight.begin, highlight.end)
        cut = text[begin:end]
        if cut.strip() and not MASK.fullmatch(cut.strip()):
            out.append(replace(highlight, begin=begin, end=begin + len(cut), text=cut))
    return tuple(out)


def _name(role: Role, display_name: str | None, policy: RedactionPolicy) -> str | None:
    """A name that may be the customer's is masked."""
    theirs = display_name and role in (Role.CUSTOMER, Role.UNKNOWN)
    return f"[{policy.shown('NAME')}]" if theirs and policy.masks("NAME") else display_name
