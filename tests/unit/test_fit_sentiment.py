"""The training data of the sentiment head, and the arithmetic that fits it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chalicelib.adapters.engines.minilm_sentiment import LABELS
from chalicelib.domain.review import OPTIONS, Kind
from chalicelib.formats.augmented_manifest import Labelled, line
from scripts import fit_sentiment
from tests.shared_data import ROOT

TEST = ROOT / "bench" / "sentiment" / "customer_service_test.jsonl"


def test_there_are_more_than_1200_lines_and_no_line_stands_twice():
    lines = fit_sentiment.own_lines()
    assert len(lines.texts) > 1200
    assert len({text.lower() for text in lines.texts}) == len(lines.texts)


def test_every_class_has_hundreds_of_lines():
    assert np.bincount(fit_sentiment.own_lines().classes, minlength=len(LABELS)).min() > 300


def test_no_more_than_two_stock_phrases_of_the_test_set_are_trained_on_too():
    trained = {text.lower().strip(" .!?") for text in fit_sentiment.own_lines().texts}
    tested = (json.loads(line)["text"] for line in TEST.read_text("utf-8").splitlines())
    both = {t for t in tested if t.lower().strip(" .!?") in trained and len(t.split()) > 3}
    assert len(both) <= 2, both


def test_a_joined_line_keeps_its_label_and_holds_the_line():
    lines = fit_sentiment.own_lines()
    joined = fit_sentiment.joined(lines)
    assert (joined.classes == lines.classes).all()
    assert all(text in long for text, long in zip(lines.texts, joined.texts, strict=True))


def test_a_fit_finds_what_separates_three_clouds():
    chance = np.random.default_rng(1)
    classes = np.repeat([0, 1, 2], 60)
    features = np.eye(3)[classes] * 4 + chance.normal(size=(180, 3))
    head = fit_sentiment.fit(features, classes, fit_sentiment.balanced(classes), 0.001)
    assert np.mean(fit_sentiment.predict(head, features) == classes) > 0.95


def test_balanced_weights_give_every_class_the_same_sum():
    classes = np.array([0, 0, 0, 1, 2, 2])
    weights = fit_sentiment.balanced(classes)
    assert np.bincount(classes, weights) == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    ("wanted", "found", "value"),
    [
        pytest.param([0, 1, 2], [0, 1, 2], 1.0, id="all_right"),
        pytest.param([0, 1, 2], [1, 2, 0], 0.0, id="all_wrong"),
        pytest.param([0, 0, 1, 2], [0, 1, 1, 2], (2 / 3 + 2 / 3 + 1) / 3, id="one_of_four_wrong"),
    ],
)
def test_macro_f1_is_the_mean_over_the_classes(wanted, found, value):
    assert fit_sentiment.macro_f1(np.array(wanted), np.array(found)) == pytest.approx(value)


def test_what_people_decided_in_reviews_is_trained_on(tmp_path):
    manifest = tmp_path / "labels.jsonl"
    told = [("fine by me", "POSITIVE"), ("it varies", "MIXED"), ("no use at all", "NEGATIVE")]
    manifest.write_text(
        "".join(
            f"{line(Labelled('sentiment', text, value, OPTIONS[Kind.SENTIMENT], 0))}\n"
            for text, value in told
        ),
        "utf-8",
    )
    found = fit_sentiment.reviewed(manifest)
    assert found.texts == ["fine by me", "no use at all"]
    assert [LABELS[c].value for c in found.classes] == ["POSITIVE", "NEGATIVE"]
    lines = fit_sentiment.own_lines()
    both = fit_sentiment.together(lines, found)
    assert both.texts[-2:] == found.texts
    assert len(both.classes) == len(lines.classes) + 2
