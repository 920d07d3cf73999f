"""``loupe themes``: what the contacts of a data folder are about, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chalicelib.api.filters import Filter
from chalicelib.api.themes import CONTACTS_SHOWN, theme_list
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.principal import holder_of_start_token
from chalicelib.domain.themes import Theme, ThemeSet
from chalicelib.flow.themes import find_themes
from chalicelib.formats.explanation_text import printable
from chalicelib.formats.instants import iso
from local import data_folder

QUOTED = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contacts; ``queues`` empty: of any queue."""

    since: datetime | None = None
    until: datetime | None = None
    queues: tuple[str, ...] = ()


def run(data: Path, settings: Settings, wanted: Wanted, *, as_json: bool) -> str:
    """The themes to read, or as the API answers them. Raises ``NotLoupes``, ``EngineMissing``."""
    services = local_services(data_folder.existing(data), settings)
    query = Filter(
        start_time=wanted.since, end_time=wanted.until, queue_id=list(wanted.queues)
    ).query()
    found = find_themes(services, holder_of_start_token(), query)
    if as_json:
        return theme_list(found, CONTACTS_SHOWN).model_dump_json(by_alias=True)
    return "\n".join(_lines(found))


def _lines(found: ThemeSet) -> Iterator[str]:
    yield (
        f"{_count(len(found.themes), 'theme')} in {_count(found.considered, 'contact')}; "
        f"{found.unassigned} like no others, {found.silent} without text"
    )
    if found.searched_to_ms is not None:
        yield f"only the newest contacts, back to {iso(found.searched_to_ms)} (LOUPE_THEMES_MAX_CONTACTS)"
    for theme in found.themes:
        yield from _theme(theme)


def _theme(theme: Theme) -> Iterator[str]:
    yield ""
    share = f"{100 * theme.share:.1f} %"
    yield f"{printable(theme.label)}: {_count(len(theme.contacts), 'contact')}, {share}"
    for one in theme.contacts[:QUOTED]:
        quote = printable(one.quote.text)
        yield f"  {printable(one.contact_id)}  {one.similarity:.2f}  {quote}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
