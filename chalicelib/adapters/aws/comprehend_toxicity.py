"""Toxicity by Amazon Comprehend: ten segments of 1 KB in one request, answered in their order.

The service tells no single failures. A request that it refuses for one of its segments is made again for
each of them, so that only that one's text fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.adapters.aws.comprehend_batches import Operation, Result, understood
from chalicelib.adapters.aws.comprehend_texts import TextRefused, call, pieces
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.insight import TOXIC_KINDS, Toxicity
from chalicelib.ports.language import Failed

BATCH = 10
MAX_BYTES = 1000
"""The documentation says 1 KB; the smaller reading is right in either."""
CLEAN = Toxicity(0.0)


def read(operation: Operation, texts: Sequence[str], code: str) -> list[Toxicity | Failed]:
    """As many as texts, in order: the worst of each text's segments. Blank ones are not sent."""
    parts = [[part for part in pieces(text, MAX_BYTES) if part.strip()] for text in texts]
    told = _answers(operation, [part for own in parts for part in own], code)
    return [_worst([next(told) for _ in own]) for own in parts]


def _answers(
    operation: Operation, segments: Sequence[str], code: str
) -> Iterator[Toxicity | Failed]:
    for start in range(0, len(segments), BATCH):
        yield from _batch(operation, segments[start : start + BATCH], code)


def _batch(operation: Operation, segments: Sequence[str], code: str) -> list[Toxicity | Failed]:
    request = {"TextSegments": [{"Text": each} for each in segments], "LanguageCode": code}
    try:
        answer = call(operation, "toxicity", request, ("ResultList",))
    except TextRefused as refused:
        if len(segments) == 1:
            return [Failed(f"Amazon Comprehend: {refused.code}")]
        return [_batch(operation, [each], code)[0] for each in segments]
    results = answer["ResultList"]
    if len(results) != len(segments):
        raise Unavailable("Comprehend: the answer is not about the texts that were sent")
    return [understood(each, _toxicity) for each in results]


def _toxicity(result: Result) -> Toxicity:
    labels = {
        each["Name"]: float(each["Score"])
        for each in result["Labels"]
        if each["Name"] in TOXIC_KINDS
    }
    return Toxicity(float(result["Toxicity"]), labels)


def _worst(parts: Sequence[Toxicity | Failed]) -> Toxicity | Failed:
    """A text is as toxic as its worst segment, label by label."""
    read_ = [part for part in parts if isinstance(part, Toxicity)]
    failed = next((part for part in parts if isinstance(part, Failed)), None)
    if failed or not read_:
        return failed or CLEAN
    labels: dict[str, float] = {}
    for part in read_:
        labels = {
            name: max(labels.get(name, 0.0), part.labels.get(name, 0.0))
            for name in (*labels, *part.labels)
        }
    return Toxicity(max(part.score for part in read_), _sorted(labels))


def _sorted(labels: Mapping[str, float]) -> dict[str, float]:
    return {name: labels[name] for name in TOXIC_KINDS if name in labels}
