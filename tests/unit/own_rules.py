"""Hypothesis strategies for rules with all that Loupe's own form can hold."""

from __future__ import annotations

from hypothesis import strategies as st

from chalicelib.domain.redaction import ENTITIES
from chalicelib.domain.rules.facts import ATTRIBUTE, NAMES, SEGMENT
from chalicelib.domain.rules.measures import METRICS
from chalicelib.domain.rules.rule import (
    Action,
    Comparison,
    Edge,
    ExactMatch,
    Example,
    ExampleTurn,
    Fact,
    Group,
    Interrupting,
    Measure,
    Operator,
    PatternMatch,
    PersonalData,
    Publish,
    RegexMatch,
    Rule,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.transcript import Channel, SentimentLabel
from tests.unit.rule_strategies import NEGATE, SAID, patterns

ROLE = st.sampled_from((None, "AGENT", "CUSTOMER", "ANY"))
SIDE = st.sampled_from(("AGENT", "CUSTOMER"))
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
FILLED = TEXT.filter(str.strip)
NUMBER = st.integers(-1000, 100_000) | st.floats(-1000, 1000).map(lambda x: round(x, 3))
SHARE = st.none() | st.floats(0, 1).map(lambda x: round(x, 3))


def windows():
    unit = st.sampled_from(Unit)
    edge = st.sampled_from((Edge.FIRST, Edge.LAST, Edge.PAST))
    one = st.builds(lambda e, n, u: Window(e, n, unit=u), edge, st.integers(0, 100), unit)
    ends = st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True).map(sorted)
    return one | st.builds(lambda e, u: Window(Edge.BETWEEN, e[1], e[0], u), ends, unit)


SCOPE = st.builds(Scope, ROLE, st.none() | windows())


def several(texts, most=3, least=1):
    return st.lists(texts, min_size=least, max_size=most).map(tuple)


def measures():
    metric = st.sampled_from(tuple(METRICS.values()))
    return metric.flatmap(
        lambda m: st.builds(
            Measure,
            st.just(m.name),
            st.sampled_from(Comparison),
            NUMBER,
            ROLE if m.by_role else st.none(),
            NEGATE,
        )
    )


def conditions():
    length = st.integers(0, 100_000)
    name = st.sampled_from(NAMES) | FILLED.map(lambda key: ATTRIBUTE + key)
    name |= FILLED.map(lambda key: SEGMENT + key)
    filters = several(st.tuples(SAID, TEXT), 2, 0).map(lambda some: tuple(dict(some).items()))
    return st.one_of(
        st.builds(ExactMatch, several(SAID), SCOPE, NEGATE),
        st.builds(
            PatternMatch, several(patterns(), 2), SCOPE, st.sampled_from((None, "en")), NEGATE
        ),
        st.builds(SemanticMatch, several(FILLED), SCOPE, NEGATE, SHARE),
        st.builds(Statement, FILLED, NEGATE),
        st.builds(RegexMatch, several(FILLED), SCOPE, NEGATE),
        st.builds(PersonalData, several(st.sampled_from(ENTITIES), 2, 0), SCOPE, NEGATE),
        st.builds(SentimentState, st.sampled_from(SentimentLabel), SCOPE, SHARE, NEGATE),
        st.builds(Fact, name, several(TEXT, 3, 0), NEGATE, filters),
        st.builds(Silence, length, st.none() | windows(), NEGATE),
        st.builds(Interrupting, length, SCOPE, NEGATE),
        measures(),
    )


def groups():
    members = several(
        conditions() | st.builds(Group, st.sampled_from(Operator), several(conditions()))
    )
    return st.builds(Group, st.sampled_from(Operator), members, NEGATE)


@st.composite
def examples(draw):
    matches, name = draw(st.booleans()), draw(TEXT)
    if draw(st.booleans()):
        return Example(matches, contact_id=draw(FILLED), name=name)
    first = draw(st.builds(ExampleTurn, SIDE, TEXT, st.integers(0, 5000)))
    more = draw(several(st.builds(ExampleTurn, SIDE, TEXT, st.integers(-5000, 5000)), 2, 0))
    figures = draw(
        st.sampled_from(
            (
                (),
                (("hold", 12),),
                (("talk_speed:AGENT", 150.5), ("talk_speed:CUSTOMER", 1), ("duration", 60)),
            )
        )
    )
    facts = draw(
        st.sampled_from(((), (("queue", ()),), (("agent", ("a",)), ("queue", ("b", "c")))))
    )
    return Example(matches, (first, *more), None, name, figures, facts)


def own_rules():
    tags = several(st.tuples(TEXT, TEXT), 2, 0).map(lambda some: tuple(dict(some).items()))
    body = st.dictionaries(TEXT, TEXT | st.integers() | st.booleans() | st.none(), max_size=2)
    return st.builds(
        Rule,
        id=st.from_regex(r"[A-Za-z0-9._:-]{1,20}", fullmatch=True),
        name=FILLED.map(str.strip),
        version=st.integers(1, 1000),
        when=conditions() | groups(),
        channel=st.sampled_from((None, *Channel)),
        real_time=st.booleans(),
        actions=several(st.builds(Action, FILLED, body), 2, 0),
        status=st.sampled_from(Publish),
        description=TEXT,
        tags=tags,
        examples=several(examples(), 3, 0),
        extra=st.dictionaries(TEXT, body, max_size=1),
    )
