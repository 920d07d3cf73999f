"""Which engine serves which follow-up. Adapters are imported where they are chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.adapters import action_file
from chalicelib.config import Settings
from chalicelib.domain.next_action import Catalogue
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.domain.risk.rules import Thresholds
from chalicelib.ports.dialogue import Dialogue
from chalicelib.ports.language import SentimentAnalyzer
from chalicelib.ports.prediction import RiskAssessor
from chalicelib.ports.recommendation import NextActions
from chalicelib.ports.review import HumanLoops
from chalicelib.ports.services import After, Services
from chalicelib.ports.storage import ObjectStore
from chalicelib.text_engines import text_insight

Key = Callable[[], bytes]


def with_follow_ups(
    services: Services, key: Key | None, lead: Callable[[Services], Dialogue | None]
) -> Services:
    """The services with the engines of what follows; they learn in the redacted store.

    ``key`` makes customers' pseudonyms and is asked for when a contact first names its customer; None: no
    customer is known here. ``lead`` gives who leads dialogues, over the other services.
    """
    settings, store = services.settings, services.redacted
    after = After(
        risk=risk(settings, store),
        next_actions=next_actions(settings, store),
        insight=text_insight(settings),
        loops=human_loops(settings),
        second_opinion=_second_opinion(services.sentiment),
        customers=_customers(key) if key else None,
    )
    known = replace(services, after=after)
    return replace(known, after=replace(after, dialogue=lead(known)))


def _customers(key: Key) -> Callable[[str], str]:
    return lambda who: pseudonym(key(), who)


def _second_opinion(first: SentimentAnalyzer) -> SentimentAnalyzer | None:
    """A lexicon beside any other engine: where they see opposite moods, a person looks."""
    from chalicelib.adapters.engines.vader import VaderSentiment  # noqa: PLC0415

    second = VaderSentiment()
    return None if second.engine.name == first.engine.name else second


def risk(settings: Settings, store: ObjectStore) -> RiskAssessor:
    """Who assesses the risk of a contact."""
    limits = Thresholds(settings.risk_review, settings.risk_block)
    if settings.risk == "fraud-detector":
        from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
        from chalicelib.adapters.aws.fraud_detector import (  # noqa: PLC0415
            Detector,
            FraudDetectorRisk,
        )

        fraud, legit = settings.fraud_labels
        detector = Detector(
            settings.fraud_detector,
            settings.fraud_event_type,
            settings.fraud_detector_version,
            settings.fraud_entity_type,
            (fraud, legit),
        )
        return FraudDetectorRisk(client("frauddetector"), detector, store, limits)
    if settings.risk == "sagemaker":
        from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
        from chalicelib.adapters.aws.sagemaker_risk import SageMakerRisk  # noqa: PLC0415

        return SageMakerRisk(client("sagemaker-runtime"), settings.risk_endpoint, store, limits)
    from chalicelib.adapters.engines.risk_local import LocalRisk  # noqa: PLC0415

    return LocalRisk(store, limits)


def next_actions(settings: Settings, store: ObjectStore) -> NextActions:
    """Who ranks next actions."""
    known = action_file.catalogue(settings.actions_file)
    if settings.next_action == "personalize":
        return _personalize(settings, store, known)
    from chalicelib.adapters.engines.next_actions_local import LocalNextActions  # noqa: PLC0415

    return LocalNextActions(store, known, exploration=settings.exploration_percent / 100)


def _personalize(settings: Settings, store: ObjectStore, known: Catalogue) -> NextActions:
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.personalize import (  # noqa: PLC0415
        Campaign,
        Clients,
        Deletion,
        PersonalizeNextActions,
    )
    from chalicelib.adapters.aws.s3_objects import S3Objects  # noqa: PLC0415

    clients = Clients(
        client("personalize-runtime"), client("personalize-events"), client("personalize")
    )
    campaign = Campaign(
        settings.personalize_campaign, settings.personalize_tracking_id, settings.personalize_call
    )
    deletion = Deletion(
        settings.personalize_dataset_group, settings.personalize_lists, settings.personalize_role
    )
    return PersonalizeNextActions(
        clients,
        campaign,
        deletion,
        store=store,
        lists=S3Objects(client("s3"), settings.personalize_lists),
        catalogue=known,
    )


def human_loops(settings: Settings) -> HumanLoops | None:
    """Amazon Augmented AI, for those who have it."""
    if not settings.a2i_flow:
        return None
    from chalicelib.adapters.aws.augmented_ai import AugmentedAi  # noqa: PLC0415
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415

    return AugmentedAi(client("sagemaker-a2i-runtime"), client("s3"), settings.a2i_flow)
