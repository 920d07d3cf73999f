"""Composition root: the only module that knows which adapter serves which port.

Adapters are imported where they are chosen, so that a handler loads only what it uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.config import Settings
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.entity_list import EntityList
from chalicelib.domain.errors import InputRefused, SettingsError, Unavailable
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.domain.vocabulary import Vocabulary
from chalicelib.formats import entity_list as entity_list_file
from chalicelib.formats import rule_expressions, rule_forms, rules_file
from chalicelib.formats import vocabulary as vocabulary_file
from chalicelib.ports.actions import Notifier
from chalicelib.ports.entities import EntityFinder
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.language import LanguageIdentifier, PiiDetector, SentimentAnalyzer
from chalicelib.ports.services import Queues, Readers, Services
from chalicelib.ports.speech import Transcriber
from chalicelib.ports.storage import ObjectStore
from chalicelib.ports.summary import Summarizer
from chalicelib.ports.vectors import Clusterer, SentenceVectors

if TYPE_CHECKING:
    from chalicelib.adapters.engines.rampart import Rampart

Sign = Callable[[str, int, str], str]


def clock_ms() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def starter_rules() -> RuleSet:
    """The rule set that ships with Loupe."""
    return rules_file.starter()


def rule_tools(
    settings: Settings,
    vectors: SentenceVectors | None = None,
    model: LanguageModel | None = None,
) -> Tools:
    """What rules need beyond words, as far as it is installed and switched on; engines that are there
    already are shared. Vectors that cannot be made say so when they are asked for."""
    from chalicelib.adapters.engines import re2_expressions  # noqa: PLC0415
    from chalicelib.adapters.engines.vector_meaning import VectorMeaning  # noqa: PLC0415
    from chalicelib.stages.statements import ModelReader  # noqa: PLC0415

    asked = settings.rule_statements == "model"
    reads = (model or language_model(settings)) if asked else None
    return Tools(
        meaning=VectorMeaning(vectors or sentence_vectors(settings), settings.semantic_threshold),
        reader=ModelReader(reads, settings.model_max_chars) if reads else None,
        expressions=re2_expressions.Re2Expressions() if re2_expressions.installed() else None,
    )


def check_expressions(rules: Rule | Iterable[Rule]) -> None:
    """Check the regular expressions of a rule, or of a list, before it is saved. Raises ``RuleRefused``
    with the place of the first that RE2 refuses, ``EngineMissing`` without RE2."""
    from chalicelib.adapters.engines.re2_expressions import Re2Expressions  # noqa: PLC0415

    rule_expressions.check(rules, Re2Expressions().check)


def rules_from(path: Path | None) -> RuleSet:
    """The rule set of a file or folder, of any form, or the one that ships.

    Raises ``InputRefused`` for a bad file.
    """
    if path is None:
        return starter_rules()
    from chalicelib.adapters.local import rule_folder  # noqa: PLC0415

    return rule_forms.rule_set(rule_folder.documents(path))


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


def language_engines(settings: Settings) -> tuple[SentimentAnalyzer, PiiDetector]:
    """The engines that read text, in both worlds: in this process, or at Amazon Comprehend."""
    return sentiment_engine(settings), pii_detector(settings)


def readers(settings: Settings) -> Readers:
    """Every engine that reads text, as the settings name them."""
    sentiment, pii = language_engines(settings)
    model = language_model(settings)
    return Readers(
        language_identifier(settings),
        sentiment,
        pii,
        summarizer(),
        entity_finder(settings),
        model,
        rule_tools(settings, model=model),
    )


def language_identifier(settings: Settings) -> LanguageIdentifier | None:
    """What tells the language of a text; None where the settings want the assumed one for all."""
    if settings.language_id == "none":
        return None
    if settings.language_id == "comprehend":
        from chalicelib.adapters.aws.comprehend_language import (  # noqa: PLC0415
            ComprehendLanguage,
        )

        return ComprehendLanguage(_regional("comprehend", "LOUPE_LANGUAGE_ID"))
    from chalicelib.adapters.engines.langid import LangId  # noqa: PLC0415

    return LangId()


def sentiment_engine(settings: Settings) -> SentimentAnalyzer:
    """The one that the settings name; what it needs and has not, it says when it is asked."""
    if settings.sentiment == "vader":
        from chalicelib.adapters.engines.vader import VaderSentiment  # noqa: PLC0415

        return VaderSentiment()
    if settings.sentiment == "comprehend":
        from chalicelib.adapters.aws.comprehend_sentiment import (  # noqa: PLC0415
            ComprehendSentiment,
        )

        return ComprehendSentiment(_regional("comprehend", "LOUPE_SENTIMENT"))
    from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment  # noqa: PLC0415

    return MiniLmSentiment()


def pii_detector(settings: Settings) -> PiiDetector:
    """What finds personal data. A model that is missing is told by its first use, and by ``doctor``."""
    if settings.pii == "patterns":
        from chalicelib.adapters.engines.pii_patterns import PatternPii  # noqa: PLC0415

        return PatternPii()
    if settings.pii == "comprehend":
        from chalicelib.adapters.aws.comprehend_pii import ComprehendPii  # noqa: PLC0415

        return ComprehendPii(_regional("comprehend", "LOUPE_PII"))
    from chalicelib.adapters.engines.pii_combined import CombinedPii  # noqa: PLC0415

    return CombinedPii(_rampart(settings.pii_threads))


@lru_cache(maxsize=1)
def _rampart(threads: int) -> Rampart:
    """One loaded model for everything that asks it."""
    from chalicelib.adapters.engines.rampart import Rampart  # noqa: PLC0415

    return Rampart(threads=threads)


def entity_finder(settings: Settings) -> EntityFinder:
    """What finds entities. Raises ``SettingsError`` for a file that is no entity list."""
    if settings.entities == "comprehend":
        from chalicelib.adapters.aws.comprehend_entities import (  # noqa: PLC0415
            ComprehendEntities,
        )

        return ComprehendEntities(_regional("comprehend", "LOUPE_ENTITIES"))
    from chalicelib.adapters.engines.entity_finder import LocalEntities  # noqa: PLC0415

    model = _rampart(settings.pii_threads) if settings.pii == "rampart" else None
    return LocalEntities(entity_list(settings), model)


def entity_list(settings: Settings) -> EntityList:
    """The team's own names of things. Raises ``SettingsError`` with the line that is wrong."""
    if not settings.entity_list:
        return EntityList()
    try:
        return entity_list_file.load(Path(settings.entity_list).read_bytes())
    except OSError as error:
        raise SettingsError(f"LOUPE_ENTITY_LIST: {error.strerror or 'cannot be read'}") from error
    except InputRefused as refused:
        raise SettingsError(f"LOUPE_ENTITY_LIST: {refused.detail}") from refused


def summarizer() -> Summarizer:
    """The engine that sums up in this process, in both worlds."""
    from chalicelib.adapters.engines.extractive_summary import (  # noqa: PLC0415
        ExtractiveSummarizer,
    )

    return ExtractiveSummarizer()


def sentence_vectors(settings: Settings) -> SentenceVectors:
    """What compares texts by meaning. A model that is missing is told by its first use."""
    from chalicelib.adapters.engines import minilm_vectors  # noqa: PLC0415

    if settings.vectors == "none":
        return minilm_vectors.NoVectors()
    return minilm_vectors.MiniLmVectors()


def clusterer() -> Clusterer:
    """What groups vectors, in this process."""
    from chalicelib.adapters.engines.spherical_kmeans import SphericalKMeans  # noqa: PLC0415

    return SphericalKMeans()


def language_model(settings: Settings) -> LanguageModel | None:
    """What writes summaries beside the quoted ones, in both worlds; None where nothing shall."""
    if settings.summary == "bedrock":
        from chalicelib.adapters.aws.bedrock_converse import BedrockConverse  # noqa: PLC0415

        client = _regional("bedrock-runtime", "LOUPE_SUMMARY", "bedrock")
        return BedrockConverse(client, settings.model_id, guardrail=settings.model_guardrail)
    if settings.summary == "openai":
        from chalicelib.adapters.engines.openai_compatible import (  # noqa: PLC0415
            OpenAiCompatible,
        )

        return OpenAiCompatible(
            settings.model_url,
            settings.model_id,
            key=_key(settings.model_key_file),
            timeout_s=settings.model_timeout_s,
        )
    return None


def _key(path: str) -> str:
    """The one line of a key file; nothing of it is ever told."""
    if not path:
        return ""
    try:
        key = Path(path).read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"LOUPE_MODEL_KEY_FILE: {error.strerror or 'unreadable'}") from error
    except UnicodeDecodeError:
        key = ""
    if not key.isprintable() or not key or " " in key:
        raise SettingsError("LOUPE_MODEL_KEY_FILE: holds no key of one line")
    return key


def _regional(service: str, setting: str, value: str = "") -> Any:  # noqa: ANN401
    """A service's client where nothing else needs AWS, so that a region may be missing."""
    from botocore.exceptions import NoRegionError  # noqa: PLC0415

    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415

    try:
        return client(service)
    except NoRegionError as error:
        raise SettingsError(
            f"{setting}={value or service} needs a region: set AWS_DEFAULT_REGION"
        ) from error


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
    from chalicelib.adapters.local.local_facts import LocalFacts  # noqa: PLC0415
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
    chosen = rules_from(rules)
    vectors, model = sentence_vectors(settings), language_model(settings)
    return Services(
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
    )


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

    return Services(
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
            queue(settings.queue_audio_redaction, ""),
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
