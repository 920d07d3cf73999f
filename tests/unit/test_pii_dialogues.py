"""Whole dialogues with numbers in pieces, corrected, read back or volunteered, and ones without any.

Turns are divided by `` / ``; ``[...]`` stands around what has to be masked. A dialogue without a bracket
has to stay as it is.
"""

import re
from pathlib import Path

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.transcript import Role, Turn


def dialogues(section: str) -> dict[str, str]:
    """The dialogues under a heading of the file, by name."""
    text = Path(__file__).with_name("pii_dialogues.txt").read_text("utf-8")
    own = text.partition(f"# {section}\n")[2].partition("\n\n")[0].splitlines()
    return dict(line.split(" | ", 1) for line in own)


PERSONAL, QUIET = dialogues("personal"), dialogues("quiet")


def read(dialogue: str) -> tuple[list[Turn], list[list[tuple[int, int]]]]:
    """The turns without brackets, and the places that stood in them."""
    turns, wanted = [], []
    for index, line in enumerate(re.split(r" / (?=[AC]: )", dialogue)):
        text, places = line[3:], []
        while "[" in text:
            begin, end = text.index("["), text.index("]") - 1
            text = text.replace("[", "", 1).replace("]", "", 1)
            places.append((begin, end))
        side = Role.AGENT if line.startswith("A") else Role.CUSTOMER
        turns.append(Turn(str(index), side, side, index, index, text))
        wanted.append(places)
    return turns, wanted


def masks(turns: list[Turn]) -> list[list[tuple[int, int]]]:
    spans = PatternPii().spans(turns, "en-US")
    return [[(s.begin, s.end) for s in spans if s.turn_id == turn.id] for turn in turns]


def missing(dialogue: str) -> list[str]:
    """What is masked by less than four fifths."""
    turns, wanted = read(dialogue)
    lost = []
    for turn, places, own in zip(turns, wanted, masks(turns), strict=True):
        for begin, end in places:
            hidden = sum(any(b <= i < e for b, e in own) for i in range(begin, end))
            if hidden < 0.8 * (end - begin):
                lost.append(turn.text[begin:end])
    return lost


@pytest.mark.parametrize("dialogue", PERSONAL.values(), ids=PERSONAL)
def test_numbers_in_talk_are_masked(dialogue: str) -> None:
    assert missing(dialogue) == []


def test_the_file_holds_both_kinds() -> None:
    assert len(PERSONAL) > 100
    assert len(QUIET) > 80


@pytest.mark.parametrize("dialogue", QUIET.values(), ids=QUIET)
def test_everyday_numbers_stay(dialogue: str) -> None:
    turns, _ = read(dialogue)
    shown = [t.text[b:e] for t, own in zip(turns, masks(turns), strict=True) for b, e in own]
    assert shown == []
