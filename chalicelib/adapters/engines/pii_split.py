"""Numbers that one participant gives piece by piece over several turns, "4111 1111", "okay", "1111 1111"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chalicelib.adapters.engines.pii_context import is_date, keywords
from chalicelib.adapters.engines.pii_keywords import HARMLESS
from chalicelib.adapters.engines.pii_shapes import Shape, is_card, valid_phone
from chalicelib.domain.spoken_numbers import DigitRun, digit_runs
from chalicelib.domain.transcript import Turn

_ACKNOWLEDGEMENT = 6
_MEMORY = 6
_WHOLE = 12
_PHONE, _GROUP, _LONGEST = 10, 4, 19


class _Piece(NamedTuple):
    turn: int
    run: DigitRun


def split_numbers(turns: Sequence[Turn], region: str) -> Iterator[tuple[int, Shape]]:
    """Pieces of a card or phone number, each with the index of its turn.

    A chain goes on while the same participant's next turn begins with digits and the other side only
    acknowledges. Talk of an order or a booking just before makes the number harmless, unless it is
    a card by its check digit; so do numerals that are typed one after the other without any reply,
    which answer as many questions.
    """
    for chain in _chains(turns):
        digits = "".join(piece.run.digits for piece in chain)
        lonely = _is_lonely(turns, chain)
        entity = _entity(digits, region, harmless=lonely or _is_harmless(turns, chain[0].turn))
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
        if runs[-1].last and 1 < len(runs[-1].digits) < _WHOLE:
            chains[turn.participant_id] = [_Piece(index, runs[-1])]
    yield from _finished(chains)


def _finished(chains: dict[str, list[_Piece]]) -> Iterator[list[_Piece]]:
    yield from (chain for chain in chains.values() if len(chain) > 1)
    chains.clear()


def _is_lonely(turns: Sequence[Turn], chain: Sequence[_Piece]) -> bool:
    """Whether nobody else says anything between typed pieces, and they do not look like one number."""
    within = turns[chain[0].turn : chain[-1].turn]
    if len({turn.participant_id for turn in within}) > 1 or any(p.run.spoken for p in chain):
        return False
    whole = any(len(p.run.digits) >= _PHONE and _is_one_word(turns[p.turn].text, p) for p in chain)
    sizes = [len(piece.run.digits) for piece in chain]
    uneven = len({*sizes[:-1]}) > 1 or sizes[-1] > max(sizes[:-1]) or sizes[-1] < _GROUP
    dated = any(is_date(word) for p in chain for word in turns[p.turn].text.split())
    return whole or uneven or dated or len(within) >= len(chain)


def _is_one_word(text: str, piece: _Piece) -> bool:
    return text[piece.run.begin : piece.run.end].isdigit()


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
    if 13 <= len(digits) <= _LONGEST:
        return "CREDIT_DEBIT_NUMBER"
    return "PHONE" if len(digits) in (10, 11) and valid_phone(digits, region) else None
