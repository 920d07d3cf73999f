"""Which engine reads text, in both worlds, as the settings name it: part of the composition root.

Adapters are imported where they are chosen, so that a handler loads only what it uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.config import Settings
from chalicelib.domain.entity_list import EntityList
from chalicelib.domain.errors import InputRefused, SettingsError
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import Rule
from chalicelib.formats import entity_list as entity_list_file
from chalicelib.formats import rule_expressions
from chalicelib.ports.entities import EntityFinder
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.insight import TextInsight
from chalicelib.ports.language import LanguageIdentifier, PiiDetector, SentimentAnalyzer
from chalicelib.ports.services import Readers
from chalicelib.ports.summary import Summarizer
from chalicelib.ports.vectors import Clusterer, SentenceVectors

if TYPE_CHECKING:
    from chalicelib.adapters.engines.rampart import Rampart


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


def text_insight(settings: Settings) -> TextInsight:
    """Who reads a published contact once more. Raises ``SettingsError``."""
    if settings.insight == "comprehend":
        from chalicelib.adapters.aws.comprehend_insight import ComprehendInsight  # noqa: PLC0415

        client = _regional("comprehend", "LOUPE_INSIGHT")
        return ComprehendInsight(client, settings.comprehend_classifier)
    from chalicelib.adapters.engines.insight_local import LocalInsight  # noqa: PLC0415

    identifier = language_identifier(settings)
    return LocalInsight(sentiment_engine(settings), entity_finder(settings), identifier)


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
