"""Which stretches of which channel are silenced."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.audio_redaction import PADDING_MS, CopyOrder, silences
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Redaction,
    Role,
    Span,
    Transcript,
    Turn,
)

C, A, U = Role.CUSTOMER, Role.AGENT, Role.UNKNOWN
MINUTE = 60_000


def turn(role: Role, begin_ms: int, end_ms: int, *times: tuple[int | None, int | None]) -> Turn:
    masked = tuple(Redaction(0, 5, "PIN", *pair) for pair in times)
    return Turn("t", role.value, role, begin_ms, end_ms, "[PIN]", redactions=masked)


def transcript(*turns: Turn, flags: tuple[str, ...] = ()) -> Transcript:
    return Transcript(Channel.VOICE, "en-US", (), turns, Engine("e", "1"), flags=flags)


def ms(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(*pair) for pair in pairs)


CA, ONE, PADDED = (C, A), (1000, 2000), (750, 2250)


def said(*times: tuple[int | None, int | None], role: Role = C) -> list[Turn]:
    """One turn from 4 to 6 seconds."""
    return [turn(role, 4000, 6000, *times)]


UNORDERED = [turn(C, 5000, 9000, (5000, 6000)), turn(C, 0, 900, (200, 300))]
TABLE = [
    ("nothing is found", CA, said(), (ms(), ms())),
    ("times are padded", CA, said(ONE), (ms(PADDED), ms())),
    ("the role decides the channel", (A, C), said(ONE), (ms(), ms(PADDED))),
    ("one channel holds both", (U,), said(ONE), (ms(PADDED),)),
    ("a speaker of no channel is silenced in all", CA, said(ONE, role=U), (ms(PADDED),) * 2),
    ("nobody knows the channels", (U, U), said(ONE), (ms(PADDED),) * 2),
    ("without times the turn goes", CA, said((None, None)), (ms((3750, 6250)), ms())),
    ("without an end the turn goes", CA, said((4500, None)), (ms((3750, 6250)), ms())),
    ("times run backwards: the turn goes", CA, said((5000, 4500)), (ms((3750, 6250)), ms())),
    ("neighbours become one", CA, said(ONE, (2500, 3000)), (ms((750, 3250)), ms())),
    ("those apart stay two", CA, said(ONE, (2501, 3000)), (ms(PADDED, (2251, 3250)), ms())),
    ("one within another", CA, said((1000, 5000), (2000, 3000)), (ms((750, 5250)), ms())),
    ("turns are put in order", CA, UNORDERED, (ms((0, 550), (4750, 6250)), ms())),
    ("the begin is clipped", CA, said((0, 100)), (ms((0, 350)), ms())),
    ("the end is clipped", CA, said((59_900, 60_100)), (ms((59_650, MINUTE)), ms())),
    ("after the recording is nothing", CA, said((70_000, 71_000)), (ms(), ms())),
    ("a moment is padded too", CA, said((1000, 1000)), (ms((750, 1250)), ms())),
]


@pytest.mark.parametrize(
    ("roles", "turns", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_silences(roles, turns, expected):
    assert silences(transcript(*turns), roles, MINUTE) == expected


@pytest.mark.parametrize("flag", ["mono", "channels_identical"])
def test_channels_that_do_not_tell_speakers_apart_are_all_silenced(flag):
    one = transcript(turn(C, 0, 9000, (1000, 2000)), flags=(flag,))
    assert silences(one, (C, A), MINUTE) == (ms((750, 2250)),) * 2


TIMES = st.tuples(st.integers(0, 70_000), st.integers(0, 5_000)).map(lambda t: (t[0], sum(t)))


@given(st.lists(st.tuples(st.sampled_from([C, A, U]), TIMES), max_size=12))
def test_every_found_moment_is_silent_and_spans_are_apart(found):
    made = silences(transcript(*(turn(r, *t, t) for r, t in found)), (C, A), MINUTE)
    for spans in made:
        assert all(0 <= s.begin_ms < s.end_ms <= MINUTE for s in spans)
        assert all(a.end_ms < b.begin_ms for a, b in pairwise(spans))
    for role, (begin, end) in found:
        first, last = max(0, begin - PADDING_MS), min(MINUTE, end + PADDING_MS)
        for spans in made if role is U else (made[(C, A).index(role)],):
            assert first >= last or any(s.begin_ms <= first and last <= s.end_ms for s in spans)


def test_an_order_comes_back_from_its_message():
    order = CopyOrder("a/é.wav", "e1", "redacted/audio/c/m.wav", (ms((0, 5), (7, 9)), ms()))
    assert CopyOrder.from_body(order.to_body()) == order
