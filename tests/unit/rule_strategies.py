"""Hypothesis strategies for rules as each form can hold them, and for conversations to judge them on."""

from __future__ import annotations

from hypothesis import strategies as st

from chalicelib.domain.rules.rule import (
    Action,
    AnyOf,
    Comparison,
    Edge,
    ExactMatch,
    Fact,
    Group,
    Interrupting,
    Measure,
    Number,
    Operator,
    PatternMatch,
    Plain,
    Proximity,
    Publish,
    Rule,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.transcript import Channel, Role, SentimentLabel
from chalicelib.formats.connect_table import (
    CONTAINS_ANY,
    EQUALS,
    LANGUAGES,
    PERIOD,
    ROLE,
    ROWS,
    SOURCES,
    Kind,
)
from chalicelib.formats.rule_places import id_of

WORDS = ("refund", "my", "account", "call", "né", "42")
SAID = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30).filter(
    str.strip
)
NEGATE = st.sampled_from((None, False, True))
ENDS = st.integers(1, 3600)


def plains():
    star = st.sampled_from(("", "*", " "))
    return st.builds(lambda text, end: Plain(text + end), SAID, star)


def patterns():
    """Words, lists and numbers with a proximity between some, "not within" before the last at most."""
    lists = st.lists(plains(), min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some)))
    element = plains() | lists | st.builds(Number, st.booleans())
    near = st.none() | st.builds(Proximity, st.integers(0, 6), st.just(True))
    tail = st.none() | st.tuples(st.builds(Proximity, st.integers(0, 6), st.just(False)), element)
    pairs = st.lists(st.tuples(near, element), max_size=2)
    return st.builds(_sequence, element, pairs, tail)


def _sequence(first, pairs, tail):
    pairs = (*pairs, tail) if tail else pairs
    return (first, *(part for pair in pairs for part in pair if part is not None))


def connect_windows(source):
    return st.builds(
        Window, st.sampled_from(tuple(source.edges.values())), ENDS.map(lambda s: s * 1000)
    )


def connect_scopes(row, source):
    role = st.sampled_from(row.roles) if ROLE in row.filters else st.none()
    if ROLE in row.filters and ROLE not in row.needs:
        role = st.none() | role
    windowed = PERIOD in row.filters or source.letter in row.past
    return st.builds(Scope, role, st.none() | connect_windows(source) if windowed else st.none())


def connect_conditions(row, source):
    """Every condition that this row of the table allows in rules of this source."""
    negate = NEGATE if source.letter in row.negate else st.sampled_from((None, False))
    scope = connect_scopes(row, source)
    texts = st.lists(SAID, min_size=1, max_size=4).map(tuple)
    if row.kind is Kind.EXACT:
        return st.builds(ExactMatch, texts, scope, negate)
    if row.kind is Kind.MEANING:
        return st.builds(SemanticMatch, texts, scope, negate)
    if row.kind is Kind.STATEMENT:
        return st.builds(Statement, SAID, negate)
    if row.kind is Kind.PATTERN:
        some = st.lists(patterns(), min_size=1, max_size=3).map(tuple)
        return st.builds(PatternMatch, some, scope, st.none() | st.sampled_from(LANGUAGES), negate)
    if row.kind is Kind.STATE:
        label = st.sampled_from(row.values).map(SentimentLabel)
        return st.builds(SentimentState, label, scope, st.none(), negate)
    if row.kind is Kind.NUMBER:
        value = st.integers(row.low, 3600 if row.high is None else row.high)
        role = scope.map(lambda one: one.role)
        return st.builds(
            Measure, st.just(row.name), st.sampled_from(Comparison), value, role, negate
        )
    return connect_facts(row, source, negate)


def connect_facts(row, source, negate):
    value = st.sampled_from(row.values) if row.values else NAMES
    values = st.lists(value, min_size=1, max_size=1 if row.operator == EQUALS else 4).map(tuple)
    if source.letter in row.no_value:
        assert row.operator == CONTAINS_ANY
        values |= st.just(())
    key = NAMES if row.name.endswith(":") else st.just("")
    filters = st.just(())
    if row.needs and row.name == "ai_agent":
        use = st.sampled_from(("SelfService", "AgentAssistance"))
        handed = st.none() | st.sampled_from(("TRUE", "FALSE"))
        filters = st.builds(_agent_filters, use, handed)
    return st.builds(
        lambda k, v, n, f: Fact(f"{row.name}{k}", v, n, f), key, values, negate, filters
    )


def _agent_filters(use, handed):
    handed_over = (("AiAgentEscalatedToHuman", handed),) if handed else ()
    return (("AiAgentUseCase", use), *handed_over)


def groups(conditions, depth=3):
    """Trees of at most this many levels of groups."""
    members = conditions if depth == 1 else conditions | groups(conditions, depth - 1)
    return st.builds(
        lambda operator, nodes, negate: Group(operator, tuple(nodes), negate),
        st.sampled_from(Operator),
        st.lists(members, min_size=1, max_size=3),
        st.sampled_from((None, False)),
    )


@st.composite
def connect_rules(draw):
    """Rules as Contact Lens can hold them."""
    source = draw(st.sampled_from(SOURCES))
    rows = [row for row in ROWS if source.letter in row.sources and not row.cards]
    conditions = st.one_of([connect_conditions(row, source) for row in rows])
    carded = st.one_of(
        [connect_conditions(r, source) for r in ROWS if r.cards and source.letter in r.sources]
    )
    when = draw(groups(conditions, 2))
    if draw(st.booleans()):
        when = Group(Operator.AND, (when, draw(carded)))
    name = draw(NAMES)
    event = Action("GENERATE_EVENTBRIDGE_EVENT", {"Name": "x"})
    category = Action("ASSIGN_CONTACT_CATEGORY")
    return Rule(
        id=id_of(name),
        name=name,
        version=1,
        when=when,
        channel=source.channel,
        real_time=source.real_time,
        actions=draw(st.sampled_from(((category,), (category, event), (event, category)))),
        status=draw(st.sampled_from(Publish)),
        tags=tuple(draw(st.lists(st.tuples(NAMES, st.text(max_size=5)), max_size=2))),
    )


def category_windows():
    between = st.builds(
        lambda unit, ends: Window(Edge.BETWEEN, max(ends), min(ends), unit),
        st.sampled_from(Unit),
        st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True),
    )
    one_end = st.builds(
        lambda edge, end, unit: Window(edge, end, unit=unit),
        st.sampled_from((Edge.FIRST, Edge.LAST)),
        st.integers(0, 100),
        st.sampled_from(Unit),
    )
    return st.none() | between | one_end


@st.composite
def categories(draw):
    """Rules as Call Analytics can hold them."""
    real_time = draw(st.booleans())
    windows = category_windows()
    scopes = st.builds(Scope, st.sampled_from((None, "AGENT", "CUSTOMER")), windows)
    length = st.integers(0, 14_400_000)
    phrases = st.lists(SAID, min_size=1, max_size=4).map(tuple)
    conditions = st.builds(ExactMatch, phrases, scopes, NEGATE)
    if not real_time:
        conditions |= st.builds(Silence, length, windows, NEGATE)
        conditions |= st.builds(Interrupting, length, scopes, NEGATE)
        labels = st.sampled_from(SentimentLabel)
        conditions |= st.builds(SentimentState, labels, scopes, st.just(0.5), NEGATE)
    name = draw(NAMES)
    members = tuple(draw(st.lists(conditions, min_size=1, max_size=20)))
    return Rule(
        id=id_of(name),
        name=name,
        version=1,
        when=Group(Operator.AND, members),
        channel=Channel.VOICE,
        real_time=real_time,
    )


@st.composite
def subjects(draw):
    """A short call of words that the rules above ask for."""
    punctuation = st.sampled_from((" ", ", ", ". ", "  ", "-"))
    text = st.lists(
        st.tuples(st.sampled_from((*WORDS, "the", "refunds")), punctuation), max_size=12
    )
    lines = []
    for number, words in enumerate(draw(st.lists(text, max_size=6))):
        lines.append(
            Line(
                id=f"t{number}",
                role=draw(st.sampled_from((Role.AGENT, Role.CUSTOMER))),
                begin_ms=number * 1000,
                end_ms=number * 1000 + 900,
                text="".join(f"{word}{mark}" for word, mark in words),
                label=draw(st.sampled_from(SentimentLabel)),
            )
        )
    return Subject(Channel.VOICE, "en-US", 1000 * len(lines), tuple(lines))
