"""Composition root: it alone knows which adapter serves which port (``text_engines``: those that read).

Adapters are imported where they are chosen, so that a handler loads only what it uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.config import Settings
from chalicelib.dialogue_engines import aws_dialogue, local_dialogue
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.errors import InputRefused, SettingsError, Unavailable
from chalicelib.domain.rules.limits import DEFAULTS, Limits
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.vocabulary import Vocabulary
from chalicelib.follow_up_engines import with_follow_ups
from chalicelib.formats import rule_forms, rules_file
from chalicelib.formats import vocabulary as vocabulary_file
from chalicelib.ports.actions import Notifier
from chalicelib.ports.services import Queues, Services
from chalicelib.ports.speech import Transcriber
from chalicelib.ports.storage import ObjectStore
from chalicelib.text_engines import (
    clusterer,
    entity_finder,
    language_engines,
    language_identifier,
    language_model,
    rule_tools,
    sentence_vectors,
    summarizer,
)

Sign = Callable[[str, int, str], str]
DATABASES = ("contacts", "queues", "facts")


def clock_ms() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def starter_rules() -> RuleSet:
    """The rule set that ships with Loupe."""
    return rules_file.starter()


def rules_from(path: Path | None, limits: Limits = DEFAULTS) -> RuleSet:
    """The rule set of a file or folder, of any form, or the one that ships.

    Raises ``InputRefused`` for a bad file.
    """
    if path is None:
        return starter_rules()
    from chalicelib.adapters.local import rule_folder  # noqa: PLC0415

    return rule_forms.rule_set(rule_folder.documents(path), limits)


def local_speech(settings: Settings, sources: ObjectStore) -> Transcriber:
    """The local speech engine; its processes start with the first recording."""
    from chalicelib.adapters.engines.faster_whisper import FasterWhisper  # noqa: PLC0415

    workers, threads = speech_slots(settings)
    return FasterWhisper(
        sources,
        model=settings.whisper_model,
        threads=threads,
        workers=workers,
        method=settings.method,
        vocabulary=local_vocabulary(settings),
        limits=(settings.max_audio_bytes, settings.max_audio_s),
    )


def local_vocabulary(settings: Settings) -> Vocabulary:
    """The vocabulary of the local speech engine. Raises ``SettingsError`` for a file that is no
    vocabulary, with the line that is wrong."""
    if not settings.vocabulary:
        return Vocabulary()
    try:
        return vocabulary_file.load(Path(settings.vocabulary).read_bytes())
    except OSError as error:
        raise SettingsError(f"LOUPE_VOCABULARY: {error.strerror or 'cannot be read'}") from error
    except InputRefused as refused:
        raise SettingsError(f"LOUPE_VOCABULARY: {refused.detail}") from refused


def speech_slots(settings: Settings) -> tuple[int, int]:
    """Processes and threads in each: both channels of a call at once, all cores used."""
    import os  # noqa: PLC0415

    cores = os.cpu_count() or 1
    workers = settings.speech_workers or max(1, min(4, cores))
    return workers, settings.speech_threads or max(1, cores // workers)


def local_services(
    data: Path,
    settings: Settings,
    *,
    sign: Sign | None = None,
    sign_redacted: Sign | None = None,
    rules: Path | None = None,
) -> Services:
    """Every port on one machine: SQLite and a folder under ``data``."""
    from chalicelib.adapters.local.folder_objects import FolderObjects  # noqa: PLC0415
    from chalicelib.adapters.local.leftovers import DatabaseLogs, InboxFolder  # noqa: PLC0415
    from chalicelib.adapters.local.local_facts import LocalFacts  # noqa: PLC0415
    from chalicelib.adapters.local.secret_file import secret  # noqa: PLC0415
    from chalicelib.adapters.local.sqlite_contacts import SqliteContacts  # noqa: PLC0415
    from chalicelib.adapters.local.sqlite_queue import SqliteQueue  # noqa: PLC0415

    data.mkdir(parents=True, exist_ok=True, mode=0o700)

    def queue(name: str) -> SqliteQueue:
        return SqliteQueue(
            data / "queues.db",
            name,
            visibility_s=settings.visibility_s,
            max_receives=settings.max_receives,
            clock=clock_ms,
        )

    sources = FolderObjects(data / "sources", sign=sign)
    redacted = FolderObjects(data / "products", sign=sign_redacted)
    sentiment, pii = language_engines(settings)
    chosen = rules_from(rules, settings.limits)
    vectors, model = sentence_vectors(settings), language_model(settings)
    made = Services(
        settings=settings,
        sources=sources,
        raw=FolderObjects(data / "products"),
        redacted=redacted,
        contacts=SqliteContacts(data / "contacts.db"),
        queues=Queues(
            queue("ingest"),
            queue("acoustics"),
            queue("speech"),
            queue("facts"),
            queue("audio_redaction"),
            queue("follow_ups"),
        ),
        facts=LocalFacts(data / "facts.db"),
        transcriber=local_speech(settings, sources),
        identifier=language_identifier(settings),
        sentiment=sentiment,
        pii=pii,
        summarizer=summarizer(),
        model=model,
        entities=entity_finder(settings),
        vectors=vectors,
        clusterer=clusterer(),
        rules=ObjectRuleBook(redacted, chosen),
        tools=rule_tools(settings, vectors, model),
        clock=clock_ms,
        notifiers=webhooks(settings, lambda: _secret_file(settings.webhook_secret)),
        beside=(InboxFolder(data),),
        afterwards=(DatabaseLogs(*(data / f"{name}.db" for name in DATABASES)),),
    )
    return with_follow_ups(made, lambda: secret(data, "customers.key").encode(), local_dialogue)


def webhooks(settings: Settings, secret: Callable[[], bytes]) -> dict[str, Notifier]:
    """The webhook for notifications, where one is configured."""
    if not settings.webhook_url:
        return {}
    from chalicelib.adapters.webhook import Webhook  # noqa: PLC0415

    return {
        "webhook": Webhook(
            settings.webhook_url, secret, clock=clock_ms, private=settings.webhook_hosts
        )
    }


def _secret_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unavailable(f"the webhook's secret: {error.strerror or 'cannot be read'}") from error


def aws_services(env: Mapping[str, str]) -> Services:
    """Every port on AWS, from the ``LOUPE_*`` environment of a Lambda, whose zip has no
    onnxruntime and no numpy."""
    defaults = {
        "LOUPE_SPEECH": "transcribe",
        "LOUPE_SENTIMENT": "vader",
        "LOUPE_PII": "patterns",
        "LOUPE_LANGUAGE_ID": "comprehend",
        "LOUPE_VECTORS": "none",
    }
    settings = Settings.from_env({**defaults, **env})
    return _aws(settings)


@lru_cache(maxsize=1)
def _aws(settings: Settings) -> Services:
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts  # noqa: PLC0415
    from chalicelib.adapters.aws.eventbridge_facts import EventBridgeFacts  # noqa: PLC0415
    from chalicelib.adapters.aws.s3_objects import S3Objects  # noqa: PLC0415
    from chalicelib.adapters.aws.sqs_queue import SqsQueue  # noqa: PLC0415

    required = ("sources_bucket", "raw_bucket", "redacted_bucket", "table")
    missing = [f"LOUPE_{name.upper()}" for name in required if not getattr(settings, name)]
    if missing:
        raise SettingsError(f"not set: {', '.join(missing)}")
    sentiment, pii = language_engines(settings)
    vectors, model = sentence_vectors(settings), language_model(settings)
    raw = S3Objects(client("s3"), settings.raw_bucket)
    redacted = S3Objects(client("s3"), settings.redacted_bucket)

    def queue(url: str, dead: str) -> SqsQueue:
        return SqsQueue(client("sqs"), url, dead or None)

    made = Services(
        settings=settings,
        sources=S3Objects(client("s3"), settings.sources_bucket),
        raw=raw,
        redacted=redacted,
        contacts=DynamoContacts(client("dynamodb"), settings.table, shards=settings.rollup_shards),
        queues=Queues(
            queue(settings.queue_ingest, settings.dead_ingest),
            queue(settings.queue_acoustics, settings.dead_acoustics),
            queue(settings.queue_speech, settings.dead_speech),
            queue(settings.queue_facts, settings.dead_facts),
            queue(settings.queue_audio_redaction, settings.dead_audio_redaction),
            queue(settings.queue_follow_ups, settings.dead_follow_ups),
        ),
        facts=EventBridgeFacts(client("events"), settings.event_bus),
        transcriber=_aws_speech(settings, raw),
        identifier=language_identifier(settings),
        sentiment=sentiment,
        pii=pii,
        summarizer=summarizer(),
        model=model,
        entities=entity_finder(settings),
        vectors=vectors,
        clusterer=clusterer(),
        rules=ObjectRuleBook(redacted, starter_rules()),
        tools=rule_tools(settings, vectors, model),
        clock=clock_ms,
        notifiers=_aws_notifiers(settings),
    )
    key = _aws_customer_key(settings) if settings.customer_secret else None
    return with_follow_ups(made, key, aws_dialogue)


def _aws_customer_key(settings: Settings) -> Callable[[], bytes]:
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.secrets import secret  # noqa: PLC0415

    return lru_cache(maxsize=1)(lambda: secret(client("secretsmanager"), settings.customer_secret))


def _aws_notifiers(settings: Settings) -> dict[str, Notifier]:
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.secrets import secret  # noqa: PLC0415
    from chalicelib.adapters.aws.sns_notices import SnsNotices  # noqa: PLC0415

    found = webhooks(settings, lambda: secret(client("secretsmanager"), settings.webhook_secret))
    if settings.notification_topic:
        found["sns"] = SnsNotices(client("sns"), settings.notification_topic)
    return found


def _aws_speech(settings: Settings, raw: ObjectStore) -> Transcriber:
    """Call Analytics takes recordings of two channels only: the others go to standard jobs."""
    from chalicelib.adapters.aws.amazon_transcribe import AmazonTranscribe  # noqa: PLC0415
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415

    analytics = settings.speech == "call-analytics"
    standard = AmazonTranscribe(
        client("transcribe"),
        raw,
        sources_bucket=settings.sources_bucket,
        results_bucket=settings.raw_bucket,
        method=settings.method,
        vocabulary=settings.vocabulary_name,
        why="one channel, which Call Analytics does not take" if analytics else "",
    )
    if not analytics:
        return standard
    from chalicelib.adapters.aws.by_channels import ByChannels  # noqa: PLC0415
    from chalicelib.adapters.aws.call_analytics import CallAnalytics  # noqa: PLC0415

    sides = CallAnalytics(
        client("transcribe"),
        raw,
        sources_bucket=settings.sources_bucket,
        results_bucket=settings.raw_bucket,
        role=settings.data_access_role,
        method=settings.method,
        vocabulary=settings.vocabulary_name,
    )
    return ByChannels(sides, standard)


def aws_copies(settings: Settings) -> Callable[[CopyOrder], bool]:
    """Orders redacted recordings from ``functions/audio_redaction``; none is there at once."""
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.sqs_queue import SqsQueue  # noqa: PLC0415

    queue = SqsQueue(client("sqs"), settings.queue_audio_redaction)

    def order(wanted: CopyOrder) -> bool:
        queue.send(wanted.to_body())
        return False

    return order


def aws_api_secret(settings: Settings) -> bytes:
    """What signs page tokens and uploads, from Secrets Manager."""
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.secrets import secret  # noqa: PLC0415

    if not settings.api_secret:
        raise SettingsError("not set: LOUPE_API_SECRET")
    return secret(client("secretsmanager"), settings.api_secret)
