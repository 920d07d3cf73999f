"""Which Contact Lens files the rows imply: by key, with the words that each must hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.transcript import Channel, Transcript, TurnKind
from chalicelib.formats.artifact import load
from chalicelib.ports.services import Services

Words = dict[str, list[str]]
FOLDERS = {"raw": "", "redacted": "Redacted/"}
READINGS = {"none": (), "redacted": ("redacted",), "both": ("raw", "redacted")}


def written(services: Services) -> Words:
    """Every file that is there."""
    found = {}
    for area, store in (("raw", services.raw), ("redacted", services.redacted)):
        for stat in store.list(f"{area}/contact-lens/"):
            document = json.loads(store.read(stat.key))
            found[stat.key] = [item.get("Content", "") for item in document["Transcript"]]
    return found


def implied(services: Services, rows: Iterable[ContactRow]) -> Words:
    """The files of all that is published, as the stored products say it."""
    return {
        key: words
        for row in rows
        if row.publication and row.publication.analysis_key
        for area in READINGS[services.settings.contact_lens_output]
        for key, words in _of(services, row, area)
    }


def _of(services: Services, row: ContactRow, area: str) -> Iterator[tuple[str, list[str]]]:
    at = datetime.fromtimestamp(row.publication.disconnect_ms // 1000, UTC)
    kind = "analysis_redacted" if area == "redacted" else "analysis"
    name = f"{at:%Y/%m/%d}/{row.contact_id}_{kind}_{at:%Y-%m-%dT%H:%M:%S}Z.json"
    stored = load(ContactAnalysis, services.redacted.read(row.publication.analysis_key))
    for each in stored.conversations:
        said = each.transcript
        if area == "raw":
            said = load(Transcript, services.raw.read(each.transcript_key))
        folder = f"{area}/contact-lens/Analysis/{each.channel.title()}/{FOLDERS[area]}"
        voice = each.channel is Channel.VOICE
        shown = [t for t in said.turns if not voice or t.kind is TurnKind.UTTERANCE]
        yield folder + name, [t.text for t in shown]
