"""The AWS services that Loupe can use, and whether somebody new still can: shown by ``loupe doctor``.

``docs/services.md`` has the same table with the evidence; a test keeps both equal. "No notice found" is
weaker than proof that a service is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.config import Settings

OPEN = "no notice found"
NOT_CHECKED = "not checked"
CLOSED = "closed to new customers"


@dataclass(frozen=True, slots=True)
class AwsService:
    """``since``: the date of the status; ``instead``: what AWS names in its place. ``chosen``: settings
    that choose the service, each ``name=value``, or a name whose value may be any."""

    name: str
    status: str
    since: str = ""
    instead: str = ""
    chosen: tuple[str, ...] = ()

    def chosen_by(self, settings: Settings) -> tuple[str, ...]:
        """The settings of this installation that choose it, as variables."""
        return tuple(_variables(self.chosen, settings))


def _variables(chosen: tuple[str, ...], settings: Settings) -> Iterator[str]:
    for each in chosen:
        name, _, value = each.partition("=")
        is_set = getattr(settings, name, None)
        if is_set and value in ("", is_set):
            yield f"LOUPE_{name.upper()}={value}" if value else f"LOUPE_{name.upper()}"


SERVICES = (
    AwsService("Amazon Transcribe", OPEN, chosen=("speech=transcribe", "speech=call-analytics")),
    AwsService("Transcribe Call Analytics", OPEN, chosen=("speech=call-analytics",)),
    AwsService(
        "Amazon Comprehend",
        OPEN,
        chosen=(
            "sentiment=comprehend",
            "pii=comprehend",
            "entities=comprehend",
            "language_id=comprehend",
            "insight=comprehend",
        ),
    ),
    AwsService("Amazon Bedrock", NOT_CHECKED, chosen=("summary=bedrock",)),
    AwsService("Amazon Lex V2", OPEN, chosen=("dialogue=lex",)),
    AwsService(
        "Amazon Fraud Detector",
        CLOSED,
        "2025-11-07",
        "SageMaker AI, AutoGluon, WAF",
        ("risk=fraud-detector",),
    ),
    AwsService("SageMaker AI endpoints", OPEN, chosen=("risk=sagemaker",)),
    AwsService("Amazon Personalize", OPEN, chosen=("next_action=personalize",)),
    AwsService(
        "Amazon Augmented AI", CLOSED, "2026-07-30", "a review queue of one's own", ("a2i_flow",)
    ),
    AwsService("Amazon EventBridge", NOT_CHECKED),
    AwsService("Amazon SNS", NOT_CHECKED),
    AwsService("Amazon SQS", NOT_CHECKED),
    AwsService("Amazon S3", NOT_CHECKED),
    AwsService("Amazon DynamoDB", NOT_CHECKED),
    AwsService("AWS Secrets Manager", NOT_CHECKED),
)


def told(settings: Settings) -> list[dict[str, object]]:
    """What ``doctor`` tells of each."""
    return [
        {
            "name": each.name,
            "status": each.status,
            "since": each.since,
            "instead": each.instead,
            "chosenBy": list(each.chosen_by(settings)),
        }
        for each in SERVICES
    ]


def lines(services: list[dict[str, object]]) -> Iterator[str]:
    """A line for each service that is chosen or that nobody new can have, and one for the rest."""
    rest: dict[str, list[str]] = {}
    for each in services:
        status, name = str(each["status"]), str(each["name"])
        chosen = each["chosenBy"]
        if not chosen and status != CLOSED:
            rest.setdefault(status, []).append(name)
            continue
        since = f" since {each['since']}" if each["since"] else ""
        instead = f"; instead: {each['instead']}" if each["instead"] else ""
        by = (
            f"; chosen by {', '.join(map(str, chosen))}"
            if isinstance(chosen, list) and chosen
            else ""
        )
        yield f"{name}: {status}{since}{instead}{by}"
    for status, names in rest.items():
        yield f"{status}: {', '.join(names)}"
