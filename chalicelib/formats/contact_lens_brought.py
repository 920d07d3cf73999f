"""What an imported analysis brought, written out again in Contact Lens's own places.

Loupe's findings come first, and a category that a rule of Loupe's matched has that rule's evidence; the
source's own words stand whole under ``Loupe.Brought``. What is not of the documented shape is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.brought import Brought, BroughtCategory, BroughtItem, recording_uri
from chalicelib.domain.summary import Summary
from chalicelib.domain.transcript import Channel
from chalicelib.formats.contact_lens_shapes import CustomModel, Shape, SkippedFeature

Tree = dict[str, Any]
Shaped = TypeVar("Shaped", bound=Shape)

KEPT = ("AccountId", "Categories", "CustomModels", "CustomerMetadata", "JobDetails")
"""The trees beside the characteristics that an import keeps."""


def kept(document: Mapping[str, Any]) -> Tree:
    """The part of a source's document that stands beside its characteristics."""
    return {name: document[name] for name in KEPT if name in document}


def account_id(conversation: Conversation) -> str:
    found = conversation.transcript.published.get("AccountId")
    return found if isinstance(found, str) else ""


def input_uri(conversation: Conversation) -> str:
    """Where the source had its recording or chat; not asked where Loupe has the recording itself."""
    return "" if conversation.acoustics_key else recording_uri(conversation.transcript) or ""


def custom_models(conversation: Conversation) -> Tree:
    """``CustomModels`` where the source has the key."""
    published = conversation.transcript.published
    if "CustomModels" not in published:
        return {}
    return {"CustomModels": _documented(CustomModel, published["CustomModels"])}


def skipped(conversation: Conversation, own: Iterable[Tree]) -> list[Tree]:
    """What Loupe left out, then what the source did. A summary that is there was not left out."""
    there = "POST_CONTACT_SUMMARY" if summary_text(conversation) else None
    details = conversation.transcript.published.get("JobDetails")
    listed = details.get("SkippedAnalysis") if isinstance(details, Mapping) else None
    ours = [each for each in own if each["Feature"] != there]
    theirs = _documented(SkippedFeature, listed)
    return [*ours, *(each for each in theirs if each not in ours)]


def _documented(shape: type[Shaped], listed: object) -> list[Tree]:
    try:
        found = [shape.model_validate(each) for each in listed] if isinstance(listed, list) else []
    except ValidationError:
        return []
    return [each.model_dump(by_alias=True, exclude_none=True) for each in found]


def summary_text(conversation: Conversation) -> str | None:
    """The source's summary where it brought one, else Loupe's."""
    said = conversation.brought
    if said and said.summary:
        return said.summary.text
    return _text(conversation.summary) if conversation.summary else None


def _text(summary: Summary) -> str:
    """What a model wrote, as in Contact Lens; where none did, the quoted sentences."""
    return summary.generated.text if summary.generated else summary.text


def own_summary(conversation: Conversation) -> Tree:
    """Loupe's summary where the source's has its place."""
    said = conversation.brought
    if not (said and said.summary and conversation.summary):
        return {}
    return {"Summary": _text(conversation.summary)}


def categories(conversation: Conversation) -> Tree:
    """``MatchedDetails`` of the categories that only the source matched, by name."""
    ours = {match.name for match in conversation.categories}
    said = conversation.brought.categories if conversation.brought else ()
    return {c.name: _details(c, conversation.channel) for c in said if c.name not in ours}


def own_key(conversation: Conversation) -> Tree:
    """``Loupe.Brought``: who said what."""
    said = conversation.brought
    return {"Brought": _brought(said, conversation.channel)} if said else {}


def _brought(said: Brought, channel: Channel) -> Tree:
    source = said.source
    masked = {"SummaryMasked": list(said.summary.masked)} if said.summary else {}
    return {
        "Source": {"Name": source.name, "Version": source.version, "Detail": source.detail},
        "Categories": {
            "MatchedCategories": [c.name for c in said.categories],
            "MatchedDetails": {c.name: _details(c, channel) for c in said.categories},
        },
        **masked,
    }


def _details(category: BroughtCategory, channel: Channel) -> Tree:
    points = _times(category) if channel is Channel.VOICE else _items(category)
    return {"PointsOfInterest": points}


def _times(category: BroughtCategory) -> list[Tree]:
    return [
        {"BeginOffsetMillis": point.span.begin_ms, "EndOffsetMillis": point.span.end_ms}
        for point in category.points
        if point.span
    ]


def _items(category: BroughtCategory) -> list[Tree]:
    return [
        {"TranscriptItems": [_item(item) for item in point.items]}
        for point in category.points
        if point.items
    ]


def _item(item: BroughtItem) -> Tree:
    if item.begin is None:
        return {"Id": item.turn_id}
    place = {"BeginOffsetChar": item.begin, "EndOffsetChar": item.end}
    return {"Id": item.turn_id, "CharacterOffsets": place}
