"""Numbers that one participant gives piece by piece over several turns, "4111 1111", "okay", "1111 1111"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chalicelib.adapters.engines.pii_context import keywords
from chalicelib.adapters.engines.pii_keywords import HARMLESS
from chalicelib.adapters.engines.pii_shapes import Shape, is_card, valid_phone
from chalicelib.domain.spoken_numbers import DigitRun, digit_runs
from chalicelib.domain.transcript import Turn

_ACKNOWLEDGEMENT = 6
_MEMORY = 6
_WHOLE = 12


class _Piece(NamedTuple):
    turn: int
    run: DigitRun


def split_numbers(turns: Sequence[Turn], region: str) -> Iterator[tuple[int, Shape]]:
    """Pieces of a card or phone number, each with the index of its turn.

    A chain goes on while the same participant's next turn begins with digits and the other side only
    acknowledges. Talk of an order or a booking just before makes the number harmless, unless it is
    a card by its check digit.
    """
    for chain in _chains(turns):
        digits = "".join(piece.run.digits for piece in chain)
        entity = _entity(digits, region, harmless=_is_harmless(turns, chain[0].turn))
        if entity:
            for piece in chain:
                yield piece.turn, Shape(piece.run.begin, piece.run.end, entity)


def _chains(turns: Sequence[Turn]) -> Iterator[list[_Piece]]:
    chains: dict[str, list[_Piece]] = {}
    for index, turn in enumerate(turns):
        runs = digit_runs(turn.text)
        if not runs and len(turn.text.split()) > _ACKNOWLEDGEMENT:
            yield from _finished(chains)
            continue
        if not runs:
            continue
        chain = chains.pop(turn.participant_id, [])
        if chain and runs[0].first:
            chain.append(_Piece(index, runs[0]))
            if len(runs) == 1 and runs[0].last:
                chains[turn.participant_id] = chain
                continue
        yield from _finished({"": chain})
        if runs[-1].last and len(runs[-1].digits) < _WHOLE:
            chains[turn.participant_id] = [_Piece(index, runs[-1])]
    yield from _finished(chains)


def _finished(chains: dict[str, list[_Piece]]) -> Iterator[list[_Piece]]:
    yield from (chain for chain in chains.values() if len(chain) > 1)
    chains.clear()


def _is_harmless(turns: Sequence[Turn], index: int) -> bool:
    """Whether the last keyword up to here was a harmless one."""
    for turn in reversed(turns[max(0, index - _MEMORY) : index + 1]):
        known = keywords(turn.text)
        if known:
            return known[-1].kind == HARMLESS
    return False


def _entity(digits: str, region: str, *, harmless: bool) -> str | None:
    if is_card(digits):
        return "CREDIT_DEBIT_NUMBER"
    if harmless:
        return None
    if len(digits) >= 13:
        return "CREDIT_DEBIT_NUMBER"
    return "PHONE" if len(digits) in (10, 11) and valid_phone(digits, region) else None
