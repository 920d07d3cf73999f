"""The bundle of ports that the flow, the API and the workers are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from chalicelib.config import Settings
from chalicelib.domain.rules.finding import Tools
from chalicelib.ports.actions import Notifier
from chalicelib.ports.dialogue import Dialogue
from chalicelib.ports.entities import EntityFinder
from chalicelib.ports.erasure import Holder
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.insight import TextInsight
from chalicelib.ports.language import LanguageIdentifier, PiiDetector, SentimentAnalyzer
from chalicelib.ports.messaging import Facts, WorkQueue
from chalicelib.ports.prediction import RiskAssessor
from chalicelib.ports.recommendation import NextActions
from chalicelib.ports.review import HumanLoops
from chalicelib.ports.rules import RuleBook
from chalicelib.ports.speech import Transcriber
from chalicelib.ports.storage import ContactStore, ObjectStore
from chalicelib.ports.summary import Summarizer
from chalicelib.ports.vectors import Clusterer, SentenceVectors


@dataclass(frozen=True)
class Queues:
    """``ingest`` takes hints, ``acoustics`` and ``speech`` take heavy work, ``facts`` the outbox.

    ``audio_redaction`` takes orders of redacted copies that somebody waits for, ``follow_ups`` what comes
    after a publication.
    """

    ingest: WorkQueue
    acoustics: WorkQueue
    speech: WorkQueue
    facts: WorkQueue
    audio_redaction: WorkQueue
    follow_ups: WorkQueue

    @property
    def all(self) -> tuple[WorkQueue, ...]:
        """Every queue."""
        return tuple(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Readers:
    """The engines that read the text of one conversation, one after the other.

    ``identifier`` is None where no language is identified, ``model`` where none is to be asked.
    ``tools`` are what rules need.
    """

    identifier: LanguageIdentifier | None
    sentiment: SentimentAnalyzer
    pii: PiiDetector
    summarizer: Summarizer
    entities: EntityFinder
    model: LanguageModel | None = None
    tools: Tools = field(default_factory=Tools)


@dataclass(frozen=True)
class After:
    """The engines of what follows a publication; None where the installation has none.

    ``insight`` reads a published contact once more, ``second_opinion`` labels turns beside the sentiment
    engine, ``loops`` are reviews by people outside. ``customers`` makes the pseudonym of a customer's own id
    or address.
    """

    risk: RiskAssessor | None = None
    next_actions: NextActions | None = None
    dialogue: Dialogue | None = None
    insight: TextInsight | None = None
    loops: HumanLoops | None = None
    second_opinion: SentimentAnalyzer | None = None
    customers: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Services:
    """Every port with the adapter that serves it. ``clock`` gives epoch milliseconds.

    ``sources`` is what contacts land in; ``raw`` and ``redacted`` hold products under separate
    permissions (on one machine: one folder store each). ``identifier`` is None where no language is
    identified, ``model`` where none is to be asked.
    ``notifiers``: channels for notifications, by name. ``after``: what follows a publication.
    ``beside``: stores of this installation beside the ports that may hold something of a contact;
    ``afterwards``: those that forget once all others have.
    """

    settings: Settings
    sources: ObjectStore
    raw: ObjectStore
    redacted: ObjectStore
    contacts: ContactStore
    queues: Queues
    facts: Facts
    transcriber: Transcriber
    identifier: LanguageIdentifier | None
    sentiment: SentimentAnalyzer
    pii: PiiDetector
    summarizer: Summarizer
    entities: EntityFinder
    vectors: SentenceVectors
    clusterer: Clusterer
    rules: RuleBook
    tools: Tools
    clock: Callable[[], int]
    model: LanguageModel | None = None
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    after: After = field(default_factory=After)
    beside: Sequence[Holder] = ()
    afterwards: Sequence[Holder] = ()

    @property
    def readers(self) -> Readers:
        """The engines that read text."""
        return Readers(
            self.identifier,
            self.sentiment,
            self.pii,
            self.summarizer,
            self.entities,
            self.model,
            self.tools,
        )
