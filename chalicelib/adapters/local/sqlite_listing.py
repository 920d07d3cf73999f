"""A contact query as SQL: a WHERE text made of fixed parts, and the values for its placeholders.

What a filter needs lies in columns or tags beside the row's body, written with it. The index of a list
over all contacts holds the columns too, so that a row that no filter lets through is never opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.adapters import listing
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.figures import Figure, figures
from chalicelib.ports.storage import CategoryMatch, ContactQuery

COLUMN = {figure: figure.value.lower() for figure in Figure}
FIGURES = ("analysed", *COLUMN.values())
INDEXED = FIGURES[:7]
ATTRIBUTE = "attr."

_SCORE = "CAST(round(round(json_extract(body, '$.publication.{field}'), 9) * 10) AS INTEGER)"
_PART, _WHOLE = "'$.publication.non_talk_ms'", "'$.publication.duration_ms'"
_SPOKEN = (
    f"iif(json_extract(body, {_WHOLE}) > 0, json_extract(body, '$.publication.{{field}}'), NULL)"
)
_BACKFILL = {
    "analysed": "coalesce(json_extract(body, '$.publication.analysis_key'), '') != ''",
    "sentiment_customer": _SCORE.format(field="sentiment_customer"),
    "sentiment_agent": _SCORE.format(field="sentiment_agent"),
    "sentiment_shift": _SCORE.format(field="sentiment_shift"),
    "non_talk": f"(2000 * json_extract(body, {_PART}) + json_extract(body, {_WHOLE}))"
    f" / (2 * nullif(max(json_extract(body, {_WHOLE}), 0), 0))",
    "interruptions": "json_extract(body, '$.publication.interruptions')",
    "duration": f"json_extract(body, {_WHOLE})",
    "analysis": "nullif(coalesce(json_extract(body, '$.publication.analysis_key'), '') != '', 0)",
    "handle_time": "json_extract(body, '$.publication.handle_ms')",
    "talk_time": _SPOKEN.format(field="talk_ms"),
    "talk_time_agent": _SPOKEN.format(field="agent_talk_ms"),
    "talk_time_customer": _SPOKEN.format(field="customer_talk_ms"),
    "interruptions_agent": "json_extract(body, '$.publication.agent_interruptions')",
}
_TEXT = "CAST(body AS TEXT)"

FILTER_COLUMNS = (
    *(f"ALTER TABLE contacts ADD COLUMN {name} INTEGER" for name in FIGURES),
    *(
        f"UPDATE contacts SET {name} = {value.replace('(body,', f'({_TEXT},')}"  # noqa: S608
        for name, value in _BACKFILL.items()
    ),
    f"""INSERT OR IGNORE INTO contact_tags
         SELECT contact_id, '{ATTRIBUTE}' || pair.key, pair.value FROM contacts,
           json_each({_TEXT}, '$.publication.attributes') AS pair""",  # noqa: S608 - fixed texts
    "DROP INDEX contacts_by_time",
    f"""CREATE INDEX contacts_by_time ON contacts
         (sort_ms DESC, contact_id, {", ".join(INDEXED)}) WHERE status != 'DELETED'""",
)

_TAGS = (
    "SELECT 1 FROM contact_tags AS tag WHERE tag.contact_id = contacts.contact_id"
    " AND tag.kind = ? AND tag.value IN ({marks})"
)
_ALL_TAGS = (
    "(SELECT count(*) FROM contact_tags AS tag WHERE tag.contact_id = contacts.contact_id"
    " AND tag.kind = ? AND tag.value IN ({marks})) = ?"
)


def columns_of(row: ContactRow) -> tuple[int | None, ...]:
    """The values of ``FIGURES``."""
    known = figures(row.publication)
    return (int(listing.analysed(row)), *(known.get(figure) for figure in COLUMN))


def tags_of(row: ContactRow) -> list[tuple[str, str]]:
    """(kind, value) of everything that a contact may have several of."""
    tags = [("channel", value) for value in listing.channels(row)]
    tags += [("category", value) for value in listing.categories(row)]
    tags += [(ATTRIBUTE + key, value) for key, value in listing.attributes(row).items()]
    if customer := listing.customer_ref(row):
        tags.append(("customer", customer))
    return tags


def conditions(query: ContactQuery, cursor: str | None) -> tuple[str, list[object]]:
    """The WHERE text and its values."""
    parts, values = ["status != 'DELETED'"], list[object]()
    for text, given in (*_filters(query), *_figures(query), *_tagged(query)):
        parts.append(text)
        values += given
    if cursor is not None:
        at, contact_id = listing.unpack_position(cursor)
        parts.append("(sort_ms < ? OR (sort_ms = ? AND contact_id > ?))")
        values += [at, at, contact_id]
    return " AND ".join(parts), values


Part = tuple[str, Iterable[object]]


def _filters(query: ContactQuery) -> Iterator[Part]:
    if query.start_ms is not None:
        yield "sort_ms >= ?", (query.start_ms,)
    if query.end_ms is not None:
        yield "sort_ms < ?", (query.end_ms,)
    if query.refused:
        yield "refused = 1", ()
    columns = {
        "status": query.statuses,
        "queue_id": query.queue_ids,
        "agent_id": query.agent_ids,
    }
    for column, wanted in columns.items():
        if wanted:
            yield f"{column} IN ({_marks(wanted)})", wanted


def _figures(query: ContactQuery) -> Iterator[Part]:
    for each in query.ranges:
        column = COLUMN[each.figure]
        yield f"{column} IS NOT NULL", ()
        if each.least is not None:
            yield f"{column} >= ?", (each.least,)
        if each.most is not None:
            yield f"{column} <= ?", (each.most,)


def _tagged(query: ContactQuery) -> Iterator[Part]:
    if query.categories:
        yield from _of_categories(query.category_match, tuple(set(query.categories)))
    tagged = [("channel", query.channels), ("customer", query.customer_refs)]
    tagged += [(ATTRIBUTE + key, values) for key, values in query.attributes]
    for kind, tags in tagged:
        if tags or kind.startswith(ATTRIBUTE):
            yield _tags("EXISTS", kind, tags)


def _of_categories(match: CategoryMatch, names: tuple[str, ...]) -> Iterator[Part]:
    if match is CategoryMatch.ALL:
        yield _ALL_TAGS.format(marks=_marks(names)), ("category", *names, len(names))
    elif match is CategoryMatch.NONE:
        yield "analysed = 1", ()
        yield _tags("NOT EXISTS", "category", names)
    else:
        yield _tags("EXISTS", "category", names)


def _tags(quantifier: str, kind: str, tags: Sequence[str]) -> Part:
    return f"{quantifier} ({_TAGS.format(marks=_marks(tags))})", (kind, *tags)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
