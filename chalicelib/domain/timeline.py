"""Time as intervals, and turns made of words.

Everything is integer milliseconds from the start of the recording. Gaps that end a turn are settings
of ``Method``: recognisers publish words, the turn is Loupe's own cut, the same for every engine.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Participant, Span, Turn, Word


def merge_intervals(spans: Iterable[Span], *, join_ms: int = 0) -> tuple[Span, ...]:
    """Sorted, disjoint spans. Touching and overlapping ones always merge, and so do those whose gap
    is strictly smaller than ``join_ms``."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and _joins(span.begin_ms - merged[-1].end_ms, join_ms):
            merged[-1] = Span(merged[-1].begin_ms, max(merged[-1].end_ms, span.end_ms))
        else:
            merged.append(span)
    return tuple(merged)


def _joins(gap_ms: int, join_ms: int) -> bool:
    return gap_ms <= 0 or gap_ms < join_ms


def union_ms(spans: Iterable[Span]) -> int:
    """The time that at least one span covers."""
    return sum(span.duration_ms for span in merge_intervals(spans))


def gaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The stretches between the first begin and the last end that no span covers."""
    merged = merge_intervals(spans)
    return tuple(Span(a.end_ms, b.begin_ms) for a, b in itertools.pairwise(merged))


def turns_of_participants(
    words: Mapping[Participant, Sequence[Word]], method: Method
) -> tuple[Turn, ...]:
    """Turns in time order with the ids ``t-0001``, ``t-0002`` ...

    A participant's turn ends where the next word comes ``turn_gap_ms`` or more later, or
    ``turn_handover_gap_ms`` or more later while another side set in meanwhile. A back-channel inside
    running speech ends nothing, so overlapping speech stays overlapping turns.
    """
    spoken = {who: sorted(given, key=_time) for who, given in words.items()}
    turns = [
        _turn(who, run)
        for who, own in spoken.items()
        for run in _runs(own, _other_onsets(spoken, who, method), method)
    ]
    turns.sort(key=lambda turn: (turn.begin_ms, turn.end_ms, turn.participant_id))
    return tuple(replace(turn, id=f"t-{n:04d}") for n, turn in enumerate(turns, start=1))


def _time(word: Word) -> tuple[int, int]:
    return word.begin_ms, word.end_ms


def _other_onsets(
    spoken: Mapping[Participant, Sequence[Word]], who: Participant, method: Method
) -> list[int]:
    """When any of the others set in: the begins of their speech, joined over handover gaps."""
    return sorted(
        stretch.begin_ms
        for other, words in spoken.items()
        if other != who
        for stretch in merge_intervals(
            (Span(w.begin_ms, w.end_ms) for w in words), join_ms=method.turn_handover_gap_ms
        )
    )


def _runs(words: Sequence[Word], onsets: Sequence[int], method: Method) -> Iterable[list[Word]]:
    run: list[Word] = []
    for word in words:
        if run and _ends(run[-1], word, onsets, method):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _ends(last: Word, word: Word, onsets: Sequence[int], method: Method) -> bool:
    """Whether a turn that ended with ``last`` is over when ``word`` begins."""
    gap = word.begin_ms - last.end_ms
    if gap >= method.turn_gap_ms:
        return True
    if gap < method.turn_handover_gap_ms:
        return False
    first = bisect_left(onsets, last.begin_ms)
    return first < len(onsets) and onsets[first] < word.begin_ms


def _turn(who: Participant, words: Sequence[Word]) -> Turn:
    return Turn(
        id="",
        participant_id=who.id,
        role=who.role,
        begin_ms=words[0].begin_ms,
        end_ms=max(word.end_ms for word in words),
        text=" ".join(word.text for word in words),
        words=tuple(words),
        display_name=who.display_name,
    )
