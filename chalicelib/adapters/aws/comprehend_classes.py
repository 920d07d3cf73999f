"""Classes of one's own by an endpoint of a custom classifier at Amazon Comprehend.

One document a request, of 10 KB at most: a longer conversation is read in parts, whose scores are averaged by
length. Works with classifiers of one class (``Classes``) and of several (``Labels``).
"""

from __future__ import annotations

from chalicelib.adapters.aws.comprehend_batches import Operation, Result, understood
from chalicelib.adapters.aws.comprehend_texts import TextRefused, call, pieces, size
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.insight import DIGITS, DocumentClass
from chalicelib.ports.insight import Classes
from chalicelib.ports.language import Failed

MAX_BYTES = 10_000

Scores = dict[str, float]


def read(operation: Operation, endpoint: str, text: str) -> Classes | Failed:
    """The classes of the whole text, the surest first; none of a blank one."""
    sums: Scores = {}
    parts = [part for part in pieces(text, MAX_BYTES) if part.strip()]
    whole = sum(size(part) for part in parts)
    for part in parts:
        scores = _scores(operation, endpoint, part)
        if isinstance(scores, Failed):
            return scores
        for name, score in scores.items():
            sums[name] = sums.get(name, 0.0) + score * size(part) / whole
    found = [DocumentClass(name, round(score, DIGITS)) for name, score in sums.items()]
    return sorted(found, key=lambda one: (-one.score, one.name))


def _scores(operation: Operation, endpoint: str, part: str) -> Scores | Failed:
    try:
        answer = call(operation, "classes", {"Text": part, "EndpointArn": endpoint}, ())
    except TextRefused as refused:
        return Failed(f"Amazon Comprehend: {refused.code}")
    if not ("Classes" in answer or "Labels" in answer):
        raise Unavailable("Comprehend: an answer without classes")
    if answer.get("Errors"):
        return Failed("Amazon Comprehend: the document has errors")
    return understood(answer, _named)


def _named(answer: Result) -> Scores:
    found = answer.get("Classes") or answer.get("Labels") or ()
    return {str(each["Name"]): float(each["Score"]) for each in found}
