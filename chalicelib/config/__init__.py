"""All settings, read once from a mapping and validated once. Nothing else reads the environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from chalicelib.config import checks
from chalicelib.domain.errors import SettingsError
from chalicelib.domain.follow_up import Switch, switch
from chalicelib.domain.method import Method
from chalicelib.domain.redaction import RedactionPolicy
from chalicelib.domain.rules.limits import Limits, limits_of

ELSEWHERE = (
    "LOUPE_DATA", "LOUPE_TOKEN", "LOUPE_SHARED_DATA", "LOUPE_REQUIRE_SHARED_DATA", "LOUPE_CHROMIUM",
)  # fmt: skip


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
    ``time_zone``: where days of metrics begin; ``metrics_read_bound``: contacts that are counted one by
    one at most, for what no roll-up holds.
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
    ``api_rate_per_minute``: requests of one caller on one machine, 0 for no limit.
    ``search``: what finds words in transcripts; ``athena_lake``: ``database.table`` that
    ``athena`` reads, ``athena_output``: where results lie (empty: as the workgroup says).
    ``opensearch_url``: the domain or serverless collection of ``opensearch``.
    ``customer_attribute``: the contact attribute that names the customer, before the address does;
    ``customer_secret``: on AWS, the ARN of the secret that pseudonyms are made with; ``audit_secret``: of
    the one that seals the audit trail.
    ``user_pool``: on AWS, the issuer of people's tokens; ``user_pool_clients``: the clients they are for.
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
    audit_secret: str = ""
    user_pool: str = ""
    user_pool_clients: tuple[str, ...] = ()
    api_rate_per_minute: int = 6000
    search: str = "local"
    athena_lake: str = ""
    athena_workgroup: str = "primary"
    athena_output: str = ""
    opensearch_url: str = ""
    opensearch_index: str = "transcripts"
    time_zone: str = "UTC"
    metrics_read_bound: int = 20_000
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
        """Raise ``SettingsError`` for values out of range, or that do not go together."""
        checks.check(self)


def variables() -> tuple[str, ...]:
    """The names of all environment variables that are settings."""
    return tuple(
        f"LOUPE_{f.name.upper()}"
        for f in (*fields(Settings), *fields(Method))
        if f.name != "method"
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
