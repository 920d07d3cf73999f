"""``report`` of a file of events: learned from the first part, asked about the later, parts told apart."""

from __future__ import annotations

import csv
import io
import random

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.formats.instants import iso
from local.evaluate_risk import VARIANTS, read, report

HOUR_MS = 3_600_000
START_MS = 1_646_557_200_000


def file_of(count: int, *, labelled: bool = True, seed: int = 3) -> bytes:
    """Fraud comes from a few addresses that are used over and over, and with large orders."""
    dice = random.Random(seed)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["ip", "email", "price", "EVENT_TIMESTAMP", "EVENT_LABEL"])
    for n in range(count):
        fraud = dice.random() < 0.2
        ip = f"10.0.0.{dice.randrange(12 if fraud else 200)}"
        email = f"p{dice.randrange(count // 4)}@x.example"
        price = dice.gauss(90 if fraud else 60, 20)
        label = ("legit", "fraud")[fraud] if labelled else ""
        rows.writerow([ip, email, f"{price:.2f}", iso(START_MS + n * HOUR_MS), label])
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.csv"
    path.write_bytes(file_of(900))
    return report(read(path))


def test_the_later_part_is_asked_about_and_found_better_than_by_chance(told):
    assert (told["withVerdict"], told["trainedOn"]) == (900, 630)
    for found in told["verdictsInVariables"].values():
        assert found["all"]["count"] == 270
        assert found["all"]["auc"] > 0.75
        assert found["all"]["calibrationError"] < 0.1


def test_keys_and_other_columns_are_told(told):
    assert told["history"] == ["email", "ip"]
    assert told["columns"] == ["price"]
    assert set(told["verdictsInVariables"]) == set(VARIANTS)
    assert set(told["seldomSeenAlone"]) == {"email", "ip"}


def test_what_was_seen_in_training_and_what_was_not_add_up(told):
    parts = told["verdictsInVariables"]["none"]["parts"]
    for key in ("email", "ip"):
        both = [parts[f"{key} {word} in training"] for word in ("seen", "not seen")]
        assert sum(part["count"] for part in both) == 270
        assert (
            sum(part["frauds"] for part in both)
            == told["verdictsInVariables"]["none"]["all"]["frauds"]
        )


def test_more_reviews_find_more(told):
    reviewed = told["verdictsInVariables"]["known at once"]["all"]["reviewed"]
    assert [each["share"] for each in reviewed] == [0.01, 0.02, 0.05]
    recalls = [each["recall"] for each in reviewed]
    assert recalls == sorted(recalls)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(file_of(200), "140 verdicts", id="too_few"),
        pytest.param(file_of(900, labelled=False), "0 verdicts", id="nobody_has_judged_any"),
    ],
)
def test_too_little_to_learn_from_is_refused_with_the_count(tmp_path, body, why):
    path = tmp_path / "events.csv"
    path.write_bytes(body)
    with pytest.raises(InputRefused, match=why):
        report(read(path))


def test_a_later_part_without_fraud_is_refused(tmp_path):
    head, *lines = file_of(900).splitlines()
    later = [line.replace(b",fraud", b",legit") for line in lines[630:]]
    path = tmp_path / "events.csv"
    path.write_bytes(b"\n".join([head, *lines[:630], *later]))
    with pytest.raises(InputRefused, match="one kind"):
        report(read(path))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="unreadable"):
        read(tmp_path / "nothing.csv")
