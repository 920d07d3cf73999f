"""The bundle of ports that the flow, the API and the workers are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chalicelib.config import Settings
from chalicelib.domain.rules.finding import Tools
from chalicelib.ports.actions import Notifier
from chalicelib.ports.language import PiiDetector, SentimentAnalyzer
from chalicelib.ports.messaging import Facts, WorkQueue
from chalicelib.ports.rules import RuleBook
from chalicelib.ports.speech import Transcriber
from chalicelib.ports.storage import ContactStore, ObjectStore
from chalicelib.ports.summary import Summarizer


@dataclass(frozen=True)
class Queues:
    """``ingest`` takes hints, ``acoustics`` and ``speech`` take heavy work, ``facts`` the outbox."""

    ingest: WorkQueue
    acoustics: WorkQueue
    speech: WorkQueue
    facts: WorkQueue


@dataclass(frozen=True)
class Services:
    """Every port with the adapter that serves it. ``clock`` gives epoch milliseconds.

    ``sources`` is what contacts land in; ``raw`` and ``redacted`` hold products under separate
    permissions (on one machine: one folder store each). ``notifiers``: channels for notifications, by name.
    """

    settings: Settings
    sources: ObjectStore
    raw: ObjectStore
    redacted: ObjectStore
    contacts: ContactStore
    queues: Queues
    facts: Facts
    transcriber: Transcriber
    sentiment: SentimentAnalyzer
    pii: PiiDetector
    summarizer: Summarizer
    rules: RuleBook
    tools: Tools
    clock: Callable[[], int]
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
