"""Sentence vectors: their shape, that like texts lie close, and that company changes nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from chalicelib.adapters.engines import minilm
from chalicelib.adapters.engines.minilm import BATCH, WIDTH, MiniLm

LINES = [
    "I want to cancel my subscription",
    "how do I stop my subscription",
    "the parcel was left in the rain",
    "",
    "🙂",
    "ok",
    "what time do you open on sunday",
]


@pytest.fixture(scope="module")
def model():
    return MiniLm()


def test_a_vector_has_384_numbers_and_length_one(model):
    found = model.vectors(LINES)
    assert found.shape == (len(LINES), WIDTH)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(LINES)), abs=1e-5)


def test_no_texts_give_no_vectors(model):
    assert model.vectors([]).shape == (0, WIDTH)


def test_texts_of_like_meaning_lie_closer_than_others(model):
    cancel, end, parcel, *_ = model.vectors(LINES)
    assert cancel @ end > cancel @ parcel + 0.3


def test_order_is_that_of_the_texts_over_several_batches(model):
    many = [f"line {'very ' * (n % 9)}{n}" for n in range(2 * BATCH + 3)]
    assert (model.vectors(many)[::-1] == model.vectors(many[::-1])).all()


def test_a_text_has_one_vector_alone_and_among_others(model):
    together = model.vectors(LINES)
    for line, row in zip(LINES, together, strict=True):
        assert model.vectors([line])[0] == pytest.approx(row, abs=1e-6)


def test_letters_are_read_in_either_case(model):
    quiet, loud = model.vectors(["where is my refund", "WHERE IS MY REFUND"])
    assert quiet == pytest.approx(loud, abs=1e-6)


def test_what_comes_after_128_tokens_is_not_read(model):
    start = "word " * 200
    first, second = model.vectors([start + "apple", start + "refund"])
    assert (first == second).all()


def test_a_missing_package_is_named_and_not_hidden():
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from chalicelib.adapters.engines.minilm import MiniLm\n"
        "from chalicelib.domain.errors import EngineMissing\n"
        "try: MiniLm(capability='sentiment').vectors(['x'])\n"
        "except EngineMissing as e: assert 'onnxruntime' in e.reason, e.reason\n"
        "else: raise SystemExit('nothing was raised')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_heavy_is_loaded_before_the_first_text():
    code = (
        "import sys; from chalicelib.adapters.engines.minilm import MiniLm; MiniLm()\n"
        "heavy = {'numpy', 'onnxruntime', 'tokenizers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_model_is_loaded_once_for_all_who_want_vectors(model):
    model.check()
    other = MiniLm(capability="sentiment")
    other.check()
    assert other._model is model._model


def test_the_model_names_its_pin():
    assert len(minilm.sha256()) == 64
