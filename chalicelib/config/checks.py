"""What values settings may have, alone and together. Every refusal names the variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.domain.errors import SettingsError
from chalicelib.domain.outgoing_url import problem
from chalicelib.domain.redaction import ENTITIES, MASKS
from chalicelib.domain.zones import zone

if TYPE_CHECKING:
    from chalicelib.config import Settings

SPEECH_ENGINES = ("whisper", "transcribe", "call-analytics")
SENTIMENT_ENGINES = ("minilm", "vader", "comprehend")
SOURCE_GONE = ("keep", "delete")
RAW = ("keep", "never")
SUMMARY_ENGINES = ("extractive", "bedrock", "openai")
LANGUAGE_ENGINES = ("langid", "comprehend", "none")
VECTOR_ENGINES = ("minilm", "none")
SEARCHES = ("local", "athena", "opensearch", "none")
PII_ENGINES = ("rampart", "patterns", "comprehend")
ENTITY_ENGINES = ("local", "comprehend")
INSIGHT_ENGINES = ("local", "comprehend")
STATEMENT_JUDGES = ("off", "model")
RISK_ENGINES = ("local", "fraud-detector", "sagemaker")
DIALOGUE_ENGINES = ("local", "lex", "none")
CONTACT_LENS_OUTPUT = ("none", "redacted", "both")
NEXT_ACTION_ENGINES = ("local", "personalize")
PERSONALIZE_CALLS = ("actions", "ranking")
A2I_FLOW = r"|arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:flow-definition/[a-z0-9](-*[a-z0-9])*"
RANGES: Mapping[str, tuple[int, int]] = {
    "customer_channel": (0, 1),
    "max_audio_bytes": (1, 4 * 1024**3),
    "max_audio_s": (1, 24 * 3600),
    "max_json_bytes": (1, 1024**3),
    "waiting_deadline_s": (60, 14 * 24 * 3600),
    "visibility_s": (10, 12 * 3600),
    "max_receives": (1, 1000),
    "speech_workers": (0, 64),
    "speech_threads": (0, 256),
    "rollup_shards": (1, 100),
    "metrics_read_bound": (100, 1_000_000),
    "pii_threads": (1, 64),
    "model_max_chars": (1000, 1_000_000),
    "model_timeout_s": (1, 300),
    "themes_max_contacts": (1, 50_000),
    "semantic_threshold": (0, 1),
    "api_rate_per_minute": (0, 10_000_000),
    "action_rate_per_hour": (1, 10_000),
    "review_sample": (0, 100),
    "reviewers": (1, 2),
    "review_lease_s": (60, 24 * 3600),
    "review_days": (1, 365),
    "risk_review": (1, 1000),
    "risk_block": (1, 1000),
    "declined_days": (0, 365),
    "exploration_percent": (0, 20),
    "talk_join_ms": (0, 60_000),
    "non_talk_min_ms": (0, 3_600_000),
    "interruption_min_overlap_ms": (0, 60_000),
    "turn_gap_ms": (0, 60_000),
    "turn_handover_gap_ms": (0, 60_000),
}


def check(settings: Settings) -> None:
    """Raise ``SettingsError`` for values out of range, or that do not go together."""
    _one_of("LOUPE_SPEECH", settings.speech, SPEECH_ENGINES)
    _one_of("LOUPE_SENTIMENT", settings.sentiment, SENTIMENT_ENGINES)
    _names_at_aws(settings)
    _time_zone(settings.time_zone)
    _one_of("LOUPE_LANGUAGE_ID", settings.language_id, LANGUAGE_ENGINES)
    _one_of("LOUPE_SOURCE_GONE", settings.source_gone, SOURCE_GONE)
    _one_of("LOUPE_RAW", settings.raw, RAW)
    _one_of("LOUPE_PII", settings.pii, PII_ENGINES)
    _one_of("LOUPE_ENTITIES", settings.entities, ENTITY_ENGINES)
    _one_of("LOUPE_INSIGHT", settings.insight, INSIGHT_ENGINES)
    _classifier(settings)
    _search(settings)
    _one_of("LOUPE_VECTORS", settings.vectors, VECTOR_ENGINES)
    _one_of("LOUPE_REDACTION_MASK", settings.redaction_mask, MASKS)
    _together(
        "LOUPE_WEBHOOK_URL and LOUPE_WEBHOOK_SECRET", settings.webhook_url, settings.webhook_secret
    )
    if settings.webhook_url and not settings.webhook_url.startswith("https://"):
        raise SettingsError("LOUPE_WEBHOOK_URL begins with https://")
    for entity in settings.redaction_entities:
        _one_of("LOUPE_REDACTION_ENTITIES", entity, ENTITIES)
    _one_of("LOUPE_SUMMARY", settings.summary, SUMMARY_ENGINES)
    _ = settings.limits
    _ = settings.switches
    _risk(settings)
    _one_of("LOUPE_DIALOGUE", settings.dialogue, DIALOGUE_ENGINES)
    _together(
        "LOUPE_DIALOGUE=lex and LOUPE_LEX_BOTS", settings.dialogue == "lex", settings.lex_bots
    )
    _one_of("LOUPE_RULE_STATEMENTS", settings.rule_statements, STATEMENT_JUDGES)
    _model(settings)
    _next_action(settings)
    _one_of("LOUPE_CONTACT_LENS_OUTPUT", settings.contact_lens_output, CONTACT_LENS_OUTPUT)
    if settings.contact_lens_output == "both" and not settings.keeps_raw:
        raise SettingsError(
            "LOUPE_CONTACT_LENS_OUTPUT=both writes originals, LOUPE_RAW=never stores none:"
            " choose redacted, or keep"
        )
    for name, (low, high) in RANGES.items():
        value = getattr(settings if hasattr(settings, name) else settings.method, name)
        if not low <= value <= high:
            raise SettingsError(f"LOUPE_{name.upper()} is from {low} to {high}, not {value}")


def _names_at_aws(settings: Settings) -> None:
    if not re.fullmatch(r"[0-9a-zA-Z._-]{0,200}", settings.vocabulary_name):
        raise SettingsError("LOUPE_VOCABULARY_NAME is at most 200 letters, digits and . _ -")
    if not re.fullmatch(A2I_FLOW, settings.a2i_flow):
        raise SettingsError("LOUPE_A2I_FLOW is the ARN of a flow definition")


def _search(settings: Settings) -> None:
    """A lake that is to be searched is named whole."""
    _one_of("LOUPE_SEARCH", settings.search, SEARCHES)
    if settings.search == "athena" and not re.fullmatch(r"\w+\.\w+", settings.athena_lake):
        raise SettingsError("LOUPE_SEARCH=athena needs LOUPE_ATHENA_LAKE as database.table")
    if settings.search == "opensearch" and not settings.opensearch_url.startswith("https://"):
        raise SettingsError("LOUPE_SEARCH=opensearch needs LOUPE_OPENSEARCH_URL, https://…")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,100}", settings.opensearch_index):
        raise SettingsError("LOUPE_OPENSEARCH_INDEX is at most 101 of a-z 0-9 _ -")


def _model(settings: Settings) -> None:
    """A language model that is to be asked is named whole."""
    needs = {"extractive": (), "bedrock": ("model_id",), "openai": ("model_id", "model_url")}
    for name in needs[settings.summary]:
        if not getattr(settings, name):
            raise SettingsError(f"LOUPE_SUMMARY={settings.summary} needs LOUPE_{name.upper()}")
    if settings.rule_statements == "model" and settings.summary == "extractive":
        raise SettingsError("LOUPE_RULE_STATEMENTS=model needs LOUPE_SUMMARY=bedrock or openai")
    if not re.fullmatch(r"[!-~]{0,2048}", settings.model_id):
        raise SettingsError("LOUPE_MODEL_ID is a name without blanks")
    if not re.fullmatch(
        r"|[a-zA-Z0-9:/-]{1,2000}:([1-9][0-9]{0,7}|DRAFT)", settings.model_guardrail
    ):
        raise SettingsError("LOUPE_MODEL_GUARDRAIL is <id or ARN>:<version>")
    if settings.model_url and (wrong := problem(settings.model_url)):
        raise SettingsError(f"LOUPE_MODEL_URL {wrong}")


def _risk(settings: Settings) -> None:
    """Who assesses risk is named whole, by names that the service can have."""
    _one_of("LOUPE_RISK", settings.risk, RISK_ENGINES)
    needs = {
        "fraud-detector": ("fraud_detector", "fraud_event_type"),
        "sagemaker": ("risk_endpoint",),
    }
    for name in needs.get(settings.risk, ()):
        if not getattr(settings, name):
            raise SettingsError(f"LOUPE_RISK={settings.risk} needs LOUPE_{name.upper()}")
    if not re.fullmatch(r"|[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", settings.risk_endpoint):
        raise SettingsError("LOUPE_RISK_ENDPOINT is the name of an endpoint")
    if not re.fullmatch(r"|[1-9][0-9]{0,4}", settings.fraud_detector_version):
        raise SettingsError("LOUPE_FRAUD_DETECTOR_VERSION is a number")
    if len(set(settings.fraud_labels)) != 2:
        raise SettingsError("LOUPE_FRAUD_LABELS are two names: of fraud, and of none")
    _fraud_names(settings)


def _fraud_names(settings: Settings) -> None:
    for name in ("fraud_detector", "fraud_event_type", "fraud_entity_type", "fraud_labels"):
        value = getattr(settings, name)
        for each in (value,) if isinstance(value, str) else value:
            if not re.fullmatch(r"[0-9a-z_-]{0,64}", each):
                wrong = f"LOUPE_{name.upper()} is of small letters, digits, _ and -"
                raise SettingsError(wrong)


def _next_action(settings: Settings) -> None:
    """A service that learns of customers must be told how to forget them, too."""
    _one_of("LOUPE_NEXT_ACTION", settings.next_action, NEXT_ACTION_ENGINES)
    _one_of("LOUPE_PERSONALIZE_CALL", settings.personalize_call, PERSONALIZE_CALLS)
    for name in ("campaign", "tracking_id", "dataset_group", "lists", "role"):
        if settings.next_action == "personalize" and not getattr(settings, f"personalize_{name}"):
            raise SettingsError(
                f"LOUPE_NEXT_ACTION=personalize needs LOUPE_PERSONALIZE_{name.upper()}"
            )


def _time_zone(name: str) -> None:
    try:
        zone(name)
    except ValueError as error:
        raise SettingsError("LOUPE_TIME_ZONE is an IANA name such as Europe/Berlin") from error


def _together(names: str, one: object, other: object) -> None:
    if bool(one) != bool(other):
        raise SettingsError(f"{names} belong together")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is one of {', '.join(allowed)}, not {value!r}")


def _classifier(settings: Settings) -> None:
    """A classifier is asked by ``comprehend`` alone, and by its endpoint."""
    endpoint = r"arn:aws(-[^:]+)?:comprehend:[^:]+:[^:]+:document-classifier-endpoint/[a-zA-Z0-9-]+"
    if not re.fullmatch(rf"|{endpoint}", settings.comprehend_classifier):
        raise SettingsError("LOUPE_COMPREHEND_CLASSIFIER is the ARN of a classifier's endpoint")
    if settings.comprehend_classifier and settings.insight != "comprehend":
        raise SettingsError("LOUPE_COMPREHEND_CLASSIFIER goes with LOUPE_INSIGHT=comprehend")
