"""A brute-force oracle for the metrics of a call: slow, plain, on a grid of ten milliseconds."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.method import Method
from chalicelib.domain.transcript import ANALYSED_ROLES, Role
from tests.unit.conversations import call, said

METHOD = Method()
TICK = 10


def speaking(turns, ticks):
    grid = bytearray(ticks)
    for turn in turns:
        first, last = turn.begin_ms // TICK, turn.end_ms // TICK
        grid[first:last] = b"\x01" * (last - first)
    return grid


def silences(grid):
    """(begin, end) ticks of each run of silence that is followed by speech."""
    text = bytes(grid)
    found, at = [], text.find(0)
    while at != -1 and (end := text.find(1, at)) != -1:
        found.append((at, end))
        at = text.find(0, end)
    return found


def oracle(transcript, method):
    end = max((t.end_ms for t in transcript.turns), default=0) // TICK
    both = speaking(transcript.turns, end)
    gaps = [(b * TICK, e * TICK) for b, e in silences(both)]
    talk, joined = {}, bytearray(end)
    for role in ANALYSED_ROLES:
        grid = speaking([t for t in transcript.turns if t.role is role], end)
        started = grid.find(1)
        for b, e in silences(grid):
            if b > started and (e - b) * TICK < method.talk_join_ms:
                grid[b:e] = b"\x01" * (e - b)
        talk[role] = sum(grid) * TICK
        joined = bytearray(x | y for x, y in zip(joined, grid, strict=True))
    return {
        "non_talk": [g for g in gaps if g[1] - g[0] > method.non_talk_min_ms],
        "talk": talk,
        "union": sum(joined) * TICK,
        "interrupting": brute_interruptions(transcript, method),
    }


def brute_interruptions(transcript, method):
    return {
        y.id
        for y in transcript.turns
        for x in transcript.turns
        if x.role is not y.role
        and x.begin_ms < y.begin_ms < x.end_ms
        and min(x.end_ms, y.end_ms) - y.begin_ms >= method.interruption_min_overlap_ms
        and not chatter(y.text, method)
    }


def chatter(text, method):
    words = [w for w in (w.strip(".,;:!?…\"'()-–—").lower() for w in text.split()) if w]
    listens = set(words) <= set(method.interruption_backchannel_only)
    return listens or words[0] in method.interruption_backchannel_open


def longest_of(words, onsets, join_ms):
    """The longest of all runs of consecutive words: each is tried until something in it breaks."""
    lengths = []
    for first in range(len(words)):
        end = words[first][1]
        for last in range(first, len(words)):
            begin, before = words[last][0], words[last - 1][0]
            parted = begin >= end + max(join_ms, 1)
            if last > first and (parted or any(before < o <= begin for o in onsets)):
                break
            end = max(end, words[last][1])
            lengths.append(end - words[first][0])
    return max(lengths, default=None)


def brute_longest(transcript, role, method=METHOD):
    words = sorted(
        (w.begin_ms, w.end_ms) for t in transcript.turns if t.role is role for w in t.words
    )
    others = [t for t in transcript.turns if t.role is not role]
    onsets = [t.begin_ms for t in others if not chatter(t.text, method)]
    return longest_of(words, onsets, method.talk_join_ms)


def brute_patience(transcript, role, method=METHOD):
    """For each turn of the side that follows one of the other, the time since the other's last end."""
    floor = [t for t in transcript.turns if not chatter(t.text, method)]
    waits = []
    for n, turn in enumerate(floor):
        if n and turn.role is role and floor[n - 1].role is not role:
            ends = [t.end_ms for t in floor[:n] if t.role is not role]
            waits.append(max(0, turn.begin_ms - max(ends)))
    return int(sum(waits) / len(waits) + 0.5) if waits else None


def timed(conversation):
    turns = (
        (Role(t["role"]), round(t["start"] * 100) * TICK, round(t["end"] * 100) * TICK, t["text"])
        for t in conversation["turns"]
    )
    return call(
        *(
            replace(said(role, (b, max(b, e)), text=text), id=f"t-{n}")
            for n, (role, b, e, text) in enumerate(turns)
        )
    )
