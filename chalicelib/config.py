"""All settings, read once from a mapping and validated once. Nothing else reads the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from chalicelib.domain.errors import SettingsError
from chalicelib.domain.follow_up import Switch, switch
from chalicelib.domain.method import Method
from chalicelib.domain.outgoing_url import problem
from chalicelib.domain.redaction import ENTITIES, MASKS, RedactionPolicy
from chalicelib.domain.rules.limits import Limits, limits_of

SPEECH_ENGINES = ("whisper", "transcribe", "call-analytics")
SENTIMENT_ENGINES = ("minilm", "vader", "comprehend")
SOURCE_GONE = ("keep", "delete")
RAW = ("keep", "never")
SUMMARY_ENGINES = ("extractive", "bedrock", "openai")
LANGUAGE_ENGINES = ("langid", "comprehend", "none")
VECTOR_ENGINES = ("minilm", "none")
PII_ENGINES = ("rampart", "patterns", "comprehend")
ENTITY_ENGINES = ("local", "comprehend")
INSIGHT_ENGINES = ("local", "comprehend")
STATEMENT_JUDGES = ("off", "model")
RISK_ENGINES = ("local", "fraud-detector", "sagemaker")
DIALOGUE_ENGINES = ("local", "lex", "none")
CONTACT_LENS_OUTPUT = ("none", "redacted", "both")
NEXT_ACTION_ENGINES = ("local", "personalize")
PERSONALIZE_CALLS = ("actions", "ranking")
ELSEWHERE = (
    "LOUPE_DATA", "LOUPE_TOKEN", "LOUPE_SHARED_DATA", "LOUPE_REQUIRE_SHARED_DATA", "LOUPE_CHROMIUM",
)  # fmt: skip
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
    "pii_threads": (1, 64),
    "model_max_chars": (1000, 1_000_000),
    "model_timeout_s": (1, 300),
    "themes_max_contacts": (1, 50_000),
    "semantic_threshold": (0, 1),
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


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one installation; each is the environment variable ``LOUPE_<NAME>``.

    ``customer_channel``: the channel of a stereo recording that holds the customer (0 = left).
    ``sentiment``: ``minilm`` wants onnxruntime, ``vader`` nothing.
    ``language``: what a conversation is in where nothing tells it; ``language_id``: what tells a text's.
    ``vocabulary``: on one machine, the path of a vocabulary file; ``vocabulary_name``: on AWS, the name
    of a custom vocabulary of the account.
    ``source_gone``: what a source removed by others means (``keep``: what was made of it stays).
    ``raw``: ``never`` keeps no text as it was said, and sources only until they are analysed.
    ``contact_lens_output``: which readings are written as Contact Lens files too.
    ``waiting_deadline_s``: after this long a stage that waits has failed, visibly.
    ``speech_workers``, ``speech_threads``: processes of the local speech engine and threads in each
    (0: as many as there are cores).
    ``pii``: what finds personal data; ``patterns`` finds numbers and e-mail addresses, no names.
    ``pii_threads``: cores that one conversation's search may use.
    ``entities``: what finds dates, products and the like in the redacted text; ``entity_list``: the path of
    a file of names, for ``local``.
    ``insight``: who reads a published contact once more, for the follow-up ``language``;
    ``comprehend_classifier``: the endpoint of a custom classifier that ``comprehend`` asks as well.
    ``vectors``: sentence vectors; ``none`` where nothing can make them.
    ``themes_max_contacts``: contacts that are compared at most, the newest.
    ``redaction_entities``: what is masked in texts that are shown; nothing named: everything.
    ``redaction_mask``: ``entity`` shows what was there, as ``[NAME]``; ``pii`` shows ``[PII]``.
    ``summary``: who sums up; all but ``extractive`` add a text that a language model wrote, which gets
    the redacted conversation. ``model_id``: which model, ``model_url``: where, for ``openai``.
    ``model_key_file``: path of a file with the key that goes there; the key itself is no setting.
    ``semantic_threshold``: the cosine from which on a turn means what an example of a rule means.
    ``rule_statements``: who judges sentences in rules; ``model`` is the one that sums up.
    ``rule_limits``: ``name=number``, in place of documented limits of rules.
    ``max_receives``: deliveries of one piece of work before it is a dead letter.
    ``api_secret``: on AWS, the ARN of the secret that signs page tokens.
    ``action_rate_per_hour``: review tasks, alerts and notifications of one rule in one hour.
    ``review_sample``: percent of contacts of which one judgement is looked at by a person, whatever it is.
    ``reviewers``: independent verdicts that an item of a review wants; ``review_lease_s``: how long a claim
    holds; ``review_days``: after so many an item that nobody judged has expired.
    ``a2i_flow``: on AWS, the ARN of a flow definition of Amazon Augmented AI that judges items as well.
    ``webhook_url``, ``webhook_secret``: where notifications go, and what signs them: the path of a file,
    on AWS the ARN of a secret. ``webhook_hosts``: hosts that may have a private address.
    ``notification_topic``: on AWS, the ARN of the SNS topic for notifications.
    ``dialogue``: who leads dialogues with bots; ``lex_bots``: with ``lex``, where each bot is, as
    ``<bot>=<bot id>/<alias id>/<locale>``.
    ``follow_ups``: what follows a published contact, each ``kind[@queue+queue][#category+category]``.
    ``risk``: who assesses it; ``risk_review`` and ``risk_block`` are scores from which on somebody looks,
    and automatic call-backs are withheld. ``fraud_*``: what the account calls its detector and, in
    ``fraud_labels``, fraud and no fraud; ``risk_endpoint``: the one for ``sagemaker``.
    ``customer_attribute``: the contact attribute that names the customer, before the address does;
    ``customer_secret``: on AWS, the ARN of the secret that pseudonyms are made with.
    ``next_action``: what ranks next actions; ``actions_file``: the path of a catalogue of them.
    ``declined_days``: for so long a declined action, and any offer after a declined one, is kept back.
    ``exploration_percent``: rankings that put another action first, to learn how it is taken.
    ``personalize_*``: the campaign and by which call it is asked, where events go, and how customers are
    forgotten: dataset group, the bucket for lists, and the role that reads it.
    """

    speech: str = "whisper"
    whisper_model: str = ""
    sentiment: str = "minilm"
    language: str = "en-US"
    language_id: str = "langid"
    vocabulary: str = ""
    vocabulary_name: str = ""
    customer_channel: int = 0
    source_gone: str = "keep"
    raw: str = "keep"
    contact_lens_output: str = "none"
    max_audio_bytes: int = 2 * 1024**3
    max_audio_s: int = 4 * 3600
    max_json_bytes: int = 64 * 1024**2
    waiting_deadline_s: int = 6 * 3600
    visibility_s: int = 300
    max_receives: int = 3
    speech_workers: int = 0
    speech_threads: int = 0
    sources_bucket: str = ""
    raw_bucket: str = ""
    redacted_bucket: str = ""
    table: str = ""
    event_bus: str = ""
    data_access_role: str = ""
    queue_ingest: str = ""
    queue_acoustics: str = ""
    queue_speech: str = ""
    queue_facts: str = ""
    queue_audio_redaction: str = ""
    queue_follow_ups: str = ""
    queue_lake: str = ""
    dead_ingest: str = ""
    dead_acoustics: str = ""
    dead_speech: str = ""
    dead_facts: str = ""
    dead_audio_redaction: str = ""
    dead_follow_ups: str = ""
    dead_lake: str = ""
    rollup_shards: int = 8
    api_secret: str = ""
    pii: str = "rampart"
    pii_threads: int = 1
    entities: str = "local"
    entity_list: str = ""
    insight: str = "local"
    comprehend_classifier: str = ""
    vectors: str = "minilm"
    themes_max_contacts: int = 5000
    redaction_entities: tuple[str, ...] = ()
    redaction_mask: str = "entity"
    summary: str = "extractive"
    model_id: str = ""
    model_url: str = ""
    model_key_file: str = ""
    model_guardrail: str = ""
    model_max_chars: int = 100_000
    model_timeout_s: int = 60
    semantic_threshold: float = 0.65
    rule_statements: str = "off"
    rule_limits: tuple[str, ...] = ()
    action_rate_per_hour: int = 100
    review_sample: float = 1.0
    reviewers: int = 2
    review_lease_s: int = 1800
    review_days: int = 30
    a2i_flow: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_hosts: tuple[str, ...] = ()
    notification_topic: str = ""
    dialogue: str = "local"
    lex_bots: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ("risk", "next-action", "language", "review")
    risk: str = "local"
    risk_review: int = 500
    risk_block: int = 900
    risk_endpoint: str = ""
    fraud_detector: str = ""
    fraud_detector_version: str = ""
    fraud_event_type: str = ""
    fraud_entity_type: str = "customer"
    fraud_labels: tuple[str, ...] = ("fraud", "legit")
    customer_attribute: str = "customerId"
    customer_secret: str = ""
    next_action: str = "local"
    actions_file: str = ""
    declined_days: int = 30
    exploration_percent: int = 5
    personalize_campaign: str = ""
    personalize_call: str = "actions"
    personalize_tracking_id: str = ""
    personalize_dataset_group: str = ""
    personalize_lists: str = ""
    personalize_role: str = ""
    method: Method = field(default_factory=Method)

    @property
    def keeps_raw(self) -> bool:
        """Whether anything unredacted is stored once it was analysed."""
        return self.raw == "keep"

    @property
    def redaction(self) -> RedactionPolicy:
        """What is masked, and as what; the order of the entities makes no difference."""
        return RedactionPolicy(tuple(sorted({*self.redaction_entities})), self.redaction_mask)

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Which kinds of follow-ups are on, and for what. Raises ``SettingsError``."""
        try:
            return tuple(map(switch, self.follow_ups))
        except ValueError as error:
            raise SettingsError(f"LOUPE_FOLLOW_UPS: {error}") from error

    @property
    def limits(self) -> Limits:
        """How large rules may be. Raises ``SettingsError``."""
        try:
            return limits_of(self.rule_limits)
        except ValueError as error:
            raise SettingsError(f"LOUPE_RULE_LIMITS: {error}") from error

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Settings from ``LOUPE_*`` variables; raises ``SettingsError`` that names the variable."""
        _known(env)
        given = _given(cls, env)
        method = _given(Method, env)
        settings = cls(**given, method=Method(**method))  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ``SettingsError`` for values out of range."""
        _one_of("LOUPE_SPEECH", self.speech, SPEECH_ENGINES)
        _one_of("LOUPE_SENTIMENT", self.sentiment, SENTIMENT_ENGINES)
        _names_at_aws(self)
        _one_of("LOUPE_LANGUAGE_ID", self.language_id, LANGUAGE_ENGINES)
        _one_of("LOUPE_SOURCE_GONE", self.source_gone, SOURCE_GONE)
        _one_of("LOUPE_RAW", self.raw, RAW)
        _one_of("LOUPE_PII", self.pii, PII_ENGINES)
        _one_of("LOUPE_ENTITIES", self.entities, ENTITY_ENGINES)
        _one_of("LOUPE_INSIGHT", self.insight, INSIGHT_ENGINES)
        _classifier(self)
        _one_of("LOUPE_VECTORS", self.vectors, VECTOR_ENGINES)
        _one_of("LOUPE_REDACTION_MASK", self.redaction_mask, MASKS)
        _together(
            "LOUPE_WEBHOOK_URL and LOUPE_WEBHOOK_SECRET", self.webhook_url, self.webhook_secret
        )
        if self.webhook_url and not self.webhook_url.startswith("https://"):
            raise SettingsError("LOUPE_WEBHOOK_URL begins with https://")
        for entity in self.redaction_entities:
            _one_of("LOUPE_REDACTION_ENTITIES", entity, ENTITIES)
        _one_of("LOUPE_SUMMARY", self.summary, SUMMARY_ENGINES)
        _ = self.limits
        _ = self.switches
        _risk(self)
        _one_of("LOUPE_DIALOGUE", self.dialogue, DIALOGUE_ENGINES)
        _together("LOUPE_DIALOGUE=lex and LOUPE_LEX_BOTS", self.dialogue == "lex", self.lex_bots)
        _one_of("LOUPE_RULE_STATEMENTS", self.rule_statements, STATEMENT_JUDGES)
        _model(self)
        _next_action(self)
        _one_of("LOUPE_CONTACT_LENS_OUTPUT", self.contact_lens_output, CONTACT_LENS_OUTPUT)
        if self.contact_lens_output == "both" and not self.keeps_raw:
            raise SettingsError(
                "LOUPE_CONTACT_LENS_OUTPUT=both writes originals, LOUPE_RAW=never stores none:"
                " choose redacted, or keep"
            )
        for name, (low, high) in RANGES.items():
            value = getattr(self if hasattr(self, name) else self.method, name)
            if not low <= value <= high:
                raise SettingsError(f"LOUPE_{name.upper()} is from {low} to {high}, not {value}")


def variables() -> tuple[str, ...]:
    """The names of all environment variables that are settings."""
    return tuple(
        f"LOUPE_{f.name.upper()}"
        for f in (*fields(Settings), *fields(Method))
        if f.name != "method"
    )


def _names_at_aws(settings: Settings) -> None:
    if not re.fullmatch(r"[0-9a-zA-Z._-]{0,200}", settings.vocabulary_name):
        raise SettingsError("LOUPE_VOCABULARY_NAME is at most 200 letters, digits and . _ -")
    if not re.fullmatch(A2I_FLOW, settings.a2i_flow):
        raise SettingsError("LOUPE_A2I_FLOW is the ARN of a flow definition")


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


def _known(names: Iterable[str]) -> None:
    known = (*variables(), *ELSEWHERE)
    for name in sorted(names):
        if name.startswith("LOUPE_") and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingsError(f"{name} is no setting; the nearest is {near[0]}")


def _given(kind: type[Settings | Method], env: Mapping[str, str]) -> dict[str, object]:
    return {
        f.name: _parse(name, env[name], f.default)
        for f in fields(kind)
        if (name := f"LOUPE_{f.name.upper()}") in env and f.name != "method"
    }


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


def _parse(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{name} is true or false, not {text!r}")
    if isinstance(default, int | float):
        return _number(name, text, type(default))
    if isinstance(default, tuple):
        return tuple(text.replace(",", " ").split())
    return text


def _number(name: str, text: str, kind: type[int | float]) -> int | float:
    try:
        return kind(text)
    except ValueError as error:
        what = "whole number" if kind is int else "number"
        raise SettingsError(f"{name} is a {what}, not {text!r}") from error
