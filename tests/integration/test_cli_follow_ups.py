"""``loupe follow-ups evaluate``: from a file to the figures, and what it refuses."""

from __future__ import annotations

import json

import pytest

from bench.interactions import Planted, interactions
from chalicelib.formats.instants import iso
from local.cli import main

HEAD = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,REASON\n"
SMALL = Planted(customers=120, actions=60, tastes=3, each=14, strength=0.8)


def lines(planted):
    return [
        (one.customer_ref, one.action, one.at_ms // 1000, one.event, one.reason)
        for one in interactions(planted)
    ]


def as_csv(planted):
    return HEAD + "".join(",".join(map(str, line)) + "\n" for line in lines(planted))


def evaluate(path, *more):
    return main(["follow-ups", "evaluate", "--interactions", str(path), *more])


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(as_csv(SMALL))
    return path


def test_a_log_with_tastes_in_it_shows_a_gain(log, capsys):
    assert evaluate(log) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["abovePopularity"] is True
    assert found["local"]["ndcg"] > found["popularity"]["ndcg"]
    assert found["local"]["hitRate"] > found["popularity"]["hitRate"]
    assert found["gain"]["ndcg"]["interval"][0] > 0
    assert found["k"] == 10
    assert found["engine"]["name"] == "popularity and tastes"


def test_a_log_without_tastes_shows_none(tmp_path, capsys):
    path = tmp_path / "log.csv"
    path.write_text(as_csv(Planted(120, 60, 3, each=14, strength=0.0)))
    assert evaluate(path) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["abovePopularity"] is False
    assert found["gain"]["ndcg"] == {"mean": 0.0, "interval": [0.0, 0.0]}
    assert "no more than popularity" in found["engine"]["detail"]


def test_json_lines_and_csv_give_the_same(log, tmp_path, capsys):
    evaluate(log)
    by_csv = capsys.readouterr().out
    path = tmp_path / "log.jsonl"
    names = HEAD.strip().split(",")
    path.write_text(
        "".join(json.dumps(dict(zip(names, line, strict=True))) + "\n" for line in lines(SMALL))
    )
    evaluate(path)
    assert capsys.readouterr().out == by_csv


def test_the_split_may_be_a_day(log, capsys):
    assert evaluate(log, "--split", "2026-03-01", "--k", "3", "--repeats") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["split"], found["k"]) == (iso(1_772_323_200_000), 3)


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        pytest.param(
            HEAD + "u,a,1,click,\nu,a,soon,click,\n", "interactions.schema", "line 3", id="bad_line"
        ),
        pytest.param(HEAD + "u,a,1,click,\n", "interactions.split", "nobody", id="nothing_to_ask"),
        pytest.param("", "object.empty", "no interaction", id="empty"),
    ],
)
def test_a_log_that_cannot_be_used_is_one_problem(tmp_path, capsys, text, code, why):
    path = tmp_path / "log.csv"
    path.write_text(text)
    assert evaluate(path) == 3
    told = capsys.readouterr()
    assert told.out == ""
    document = json.loads(told.err)
    assert (document["code"], document["instance"]) == (code, str(path))
    assert why in document["detail"]


def test_a_file_that_is_not_there_is_one_problem(tmp_path, capsys):
    assert evaluate(tmp_path / "none.csv") == 3
    assert json.loads(capsys.readouterr().err)["code"] == "object.unreadable"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(("--split", "1.5"), id="no_share"),
        pytest.param(("--split", "someday"), id="no_day"),
        pytest.param(("--k", "0"), id="no_place"),
        pytest.param(("--k", "many"), id="no_number"),
    ],
)
def test_wrong_usage(log, more):
    with pytest.raises(SystemExit) as left:
        evaluate(log, *more)
    assert left.value.code == 2
