"""What AWS refuses by its documentation alone: no service model says it, so boto3 cannot know.

A table of checks by service and operation. A size in KB is taken as thousands of bytes, the
smaller reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

Params = Mapping[str, Any]
Check = Callable[[Params], Iterator[str]]

UTC_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z")
PCM_RATES = {
    "pcm": ("8000", "16000"),
    "mulaw": ("8000",),
    "alaw": ("8000",),
    "mp3": ("8000", "16000", "22050", "24000", "44100", "48000"),
    "ogg_vorbis": ("8000", "16000", "22050", "24000", "44100", "48000"),
}


def problems(service: str, operation: str, params: Params) -> Iterator[str]:
    """What the documentation of an operation forbids in a request."""
    for check in LIMITS.get((service, operation), ()):
        for problem in check(params):
            yield f"{operation}: {problem}"


def _bytes(text: object) -> int:
    return len(str(text).encode("utf-8", "surrogatepass"))


def of_bytes(member: str, most: int) -> Check:
    def check(params: Params) -> Iterator[str]:
        if member in params and _bytes(params[member]) > most:
            yield f"{member} has {_bytes(params[member])} bytes of {most}"

    return check


def each_of_bytes(member: str, count: int, most: int, *, inside: str = "") -> Check:
    """So many texts at most, each of so many bytes; ``inside``: the member that holds the text."""

    def check(params: Params) -> Iterator[str]:
        texts = params.get(member, ())
        if len(texts) > count:
            yield f"{member} has {len(texts)} texts of {count}"
        for index, each in enumerate(texts):
            size = _bytes(each[inside] if inside else each)
            if size > most:
                yield f"{member}[{index}] has {size} bytes of {most}"

    return check


def of_count(member: str, most: int, *, with_metadata: int | None = None) -> Check:
    """A number, or the length of a list; fewer where metadata come along."""

    def check(params: Params) -> Iterator[str]:
        allowed = with_metadata if with_metadata and params.get("metadataColumns") else most
        value = params.get(member, 0)
        size = value if isinstance(value, int) else len(value)
        if size > allowed:
            yield f"{member} is {size}, more than {allowed}"

    return check


def between(member: str, low: int, high: int) -> Check:
    def check(params: Params) -> Iterator[str]:
        if not low <= params.get(member, low) <= high:
            yield f"{member} is not in {low}..{high}"

    return check


def one_of(member: str, allowed: Iterable[str]) -> Check:
    known = tuple(allowed)

    def check(params: Params) -> Iterator[str]:
        if params.get(member, known[0]) not in known:
            yield f"{member} is none of {', '.join(known)}"

    return check


def exactly_one(*members: str) -> Check:
    def check(params: Params) -> Iterator[str]:
        if len([name for name in members if params.get(name)]) != 1:
            yield f"exactly one of {', '.join(members)} is wanted"

    return check


def utc(member: str) -> Check:
    def check(params: Params) -> Iterator[str]:
        if member in params and not UTC_TIME.fullmatch(str(params[member])):
            yield f"{member} is no ISO 8601 time in UTC"

    return check


def json_object(*path: str) -> Check:
    """The text at this place is one JSON object; a list on the way stands for each of its members."""

    def check(params: Params) -> Iterator[str]:
        for text in _at(params, path):
            if not _is_object(text):
                yield f"{'.'.join(path)} is no JSON object"

    return check


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _at(each, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _is_object(text: object) -> bool:
    try:
        return isinstance(json.loads(str(text)), dict)
    except ValueError:
        return False


def own_names(member: str, reserved: str) -> Check:
    def check(params: Params) -> Iterator[str]:
        if any(name.startswith(reserved) for name in params.get(member, {})):
            yield f"{member}: names that begin with {reserved!r} are reserved"

    return check


def subject(params: Params) -> Iterator[str]:
    """SNS: what may stand in the subject of an e-mail."""
    text = params.get("Subject")
    if text is not None and not re.fullmatch(r"[!-~][ -~]{0,99}", text):
        yield "Subject is not 1 to 100 characters of ASCII in one line"


def rate(params: Params) -> Iterator[str]:
    """Polly: the sample rates of a format."""
    allowed = PCM_RATES.get(params.get("OutputFormat", ""))
    if allowed and params.get("SampleRate", allowed[0]) not in allowed:
        yield f"SampleRate of {params['OutputFormat']} is none of {', '.join(allowed)}"


def ssml(params: Params) -> Iterator[str]:
    """Polly: SSML is XML with one ``speak`` around it."""
    if params.get("TextType") != "ssml":
        return
    try:
        root = ET.fromstring(params["Text"])
    except ET.ParseError as error:
        yield f"Text is no well-formed SSML: {error}"
        return
    if root.tag.rpartition("}")[2] != "speak":
        yield "Text has no <speak> around it"


def entries(params: Params) -> Iterator[str]:
    """EventBridge: the size of all entries together, and of the name of a type."""
    total = 0
    for index, entry in enumerate(params.get("Entries", ())):
        total += sum(_bytes(entry.get(part, "")) for part in ("Source", "DetailType", "Detail"))
        if len(entry.get("DetailType", "")) > 128:
            yield f"Entries[{index}].DetailType is longer than 128 characters"
        if entry.get("Source", "").startswith("aws."):
            yield f"Entries[{index}].Source is AWS's own"
    if total > 256 * 1024:
        yield f"Entries have {total} bytes of {256 * 1024}"


_BATCH = each_of_bytes("TextList", 25, 5000)
_ENGLISH = one_of("LanguageCode", ("en",))
_PII = (of_bytes("Text", 100_000), one_of("LanguageCode", ("en", "es")))
_FRAUD_TIME = (utc("eventTimestamp"),)

LIMITS: Mapping[tuple[str, str], tuple[Check, ...]] = {
    ("comprehend", "BatchDetectSentiment"): (_BATCH,),
    ("comprehend", "BatchDetectEntities"): (_BATCH,),
    ("comprehend", "BatchDetectKeyPhrases"): (_BATCH,),
    ("comprehend", "BatchDetectDominantLanguage"): (_BATCH,),
    ("comprehend", "BatchDetectSyntax"): (_BATCH,),
    ("comprehend", "BatchDetectTargetedSentiment"): (_BATCH, _ENGLISH),
    ("comprehend", "DetectSentiment"): (of_bytes("Text", 5000),),
    ("comprehend", "DetectTargetedSentiment"): (of_bytes("Text", 5000), _ENGLISH),
    ("comprehend", "DetectPiiEntities"): _PII,
    ("comprehend", "ContainsPiiEntities"): _PII,
    ("comprehend", "DetectToxicContent"): (
        each_of_bytes("TextSegments", 10, 1000, inside="Text"),
        _ENGLISH,
    ),
    ("comprehend", "ClassifyDocument"): (
        exactly_one("Text", "Bytes"),
        of_bytes("Text", 10_000),
    ),
    ("translate", "TranslateText"): (of_bytes("Text", 10_000),),
    ("personalize-runtime", "GetRecommendations"): (
        of_count("numResults", 500, with_metadata=50),
        exactly_one("campaignArn", "recommenderArn"),
    ),
    ("personalize-runtime", "GetPersonalizedRanking"): (
        of_count("inputList", 500, with_metadata=50),
    ),
    ("personalize-runtime", "GetActionRecommendations"): (of_count("numResults", 100),),
    ("personalize-events", "PutEvents"): (json_object("eventList", "properties"),),
    ("personalize-events", "PutActionInteractions"): (
        json_object("actionInteractions", "properties"),
    ),
    ("personalize-events", "PutActions"): (json_object("actions", "properties"),),
    ("personalize-events", "PutItems"): (json_object("items", "properties"),),
    ("personalize-events", "PutUsers"): (json_object("users", "properties"),),
    ("frauddetector", "GetEventPrediction"): _FRAUD_TIME,
    ("frauddetector", "SendEvent"): (*_FRAUD_TIME, utc("labelTimestamp")),
    ("frauddetector", "UpdateEventLabel"): (utc("labelTimestamp"),),
    ("frauddetector", "GetEventPredictionMetadata"): (utc("predictionTimestamp"),),
    ("lexv2-runtime", "RecognizeText"): (own_names("requestAttributes", "x-amz-lex:"),),
    ("sagemaker-a2i-runtime", "StartHumanLoop"): (json_object("HumanLoopInput", "InputContent"),),
    ("polly", "SynthesizeSpeech"): (rate, ssml),
    ("transcribe", "StartTranscriptionJob"): (
        exactly_one("LanguageCode", "IdentifyLanguage", "IdentifyMultipleLanguages"),
    ),
    ("events", "PutEvents"): (entries, json_object("Entries", "Detail")),
    ("sns", "Publish"): (of_bytes("Message", 256 * 1024), subject),
    ("sqs", "SendMessage"): (of_bytes("MessageBody", 1024 * 1024), between("DelaySeconds", 0, 900)),
    ("sqs", "SendMessageBatch"): (of_count("Entries", 10),),
    ("sqs", "DeleteMessageBatch"): (of_count("Entries", 10),),
    ("sqs", "ReceiveMessage"): (
        between("MaxNumberOfMessages", 1, 10),
        between("VisibilityTimeout", 0, 43_200),
        between("WaitTimeSeconds", 0, 20),
    ),
    ("sqs", "ChangeMessageVisibility"): (between("VisibilityTimeout", 0, 43_200),),
    ("s3", "PutObject"): (of_bytes("Key", 1024),),
    ("s3", "GetObject"): (of_bytes("Key", 1024),),
}
