"""What bots do not understand, as proposals of new intents.

Two sources: utterances of talks from which no intent was understood, and the first requests of customers in
real contacts that are unlike every example of every intent. What is alike among them is a proposal, named
after its words. All texts are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib import queries
from chalicelib.domain.bot import Bot
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.principal import Principal
from chalicelib.domain.theme_words import labels
from chalicelib.domain.themes import meaning
from chalicelib.domain.transcript import Engine
from chalicelib.flow import bot_talks
from chalicelib.flow.bot_talks import BOT
from chalicelib.flow.theme_vectors import told_by
from chalicelib.flow.themes import analysed
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery

FROM_BOT, FROM_CONTACT = "bot", "contact"
EXAMPLES = 10
TALKS = 1000
NAME_TERMS = 3
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A masked text that nobody understood, the contact it is from, and who did not understand it: a bot,
    or no intent's examples."""

    text: str
    contact_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """An intent that could be added. ``utterances``: the most typical first."""

    name: str
    terms: tuple[str, ...]
    utterances: tuple[Utterance, ...]

    def count(self, source: str) -> int:
        return sum(one.source == source for one in self.utterances)


@dataclass(frozen=True, slots=True)
class Report:
    """``known``: requests of contacts that some intent covers. ``alone``: utterances like no others.
    ``threshold``: the cosine from which on an example covers a request."""

    proposals: tuple[Proposal, ...]
    missed: int
    requests: int
    known: int
    alone: int
    threshold: float
    engines: tuple[Engine, ...]


def report(
    services: Services,
    principal: Principal,
    query: ContactQuery,
    bots: Mapping[str, Bot],
    since_ms: int,
) -> Report:
    """Over the newest contacts of the query, and the talks since. Raises ``EngineMissing``."""
    services.vectors.check()
    threshold = services.settings.semantic_threshold
    missed = list(islice(_missed(services, principal, since_ms), TALKS))
    requests = list(_requests(services, principal, query))
    near = _likeness(services, bots, [one.text for one in requests])
    fresh = [one for one, like in zip(requests, near, strict=True) if like < threshold]
    found = [*missed, *fresh]
    proposals = _proposals(services, sorted(found, key=lambda u: (u.contact_id, u.text)))
    return Report(
        proposals=proposals,
        missed=len(missed),
        requests=len(requests),
        known=len(requests) - len(fresh),
        alone=len(found) - sum(len(one.utterances) for one in proposals),
        threshold=threshold,
        engines=(services.vectors.engine, services.clusterer.engine),
    )


def _missed(services: Services, principal: Principal, since_ms: int) -> Iterator[Utterance]:
    """A talk whose contact is gone, or not for this principal, is left out; one that goes on is not."""
    for one in bot_talks.missed(services, since_ms):
        row = services.contacts.get(one.contact_id)
        text = one.text.strip()
        if text and (row is None or queries.sees(services, principal, one.contact_id)):
            yield Utterance(text, one.contact_id, FROM_BOT)


def _requests(services: Services, principal: Principal, query: ContactQuery) -> Iterator[Utterance]:
    """What each contact says first of itself; talks with bots have their own report."""
    most = services.settings.themes_max_contacts
    rows = [
        row
        for row in islice(analysed(services, principal, query), most)
        if row.publication and not row.publication.attributes.get(BOT)
    ]
    for told in told_by(services, rows):
        if told.excerpts and meaning(told.excerpts[0]):
            yield Utterance(told.excerpts[0].text, told.contact_id, FROM_CONTACT)


def _likeness(services: Services, bots: Mapping[str, Bot], texts: Sequence[str]) -> Sequence[float]:
    compare = services.tools.meaning
    if compare is None:
        raise EngineMissing("meaning", "texts cannot be compared by meaning here")
    examples = [text for bot in bots.values() for i in bot.intents for text in i.examples]
    return compare.likeness(examples, texts)


def _proposals(services: Services, found: Sequence[Utterance]) -> tuple[Proposal, ...]:
    if not found:
        return ()
    vectors = services.vectors.vectors([one.text for one in found])
    clusters = services.clusterer.clusters([[vector] for vector in vectors])
    groups = [tuple(found[member.item] for member in one.members) for one in clusters]
    named = labels([[[one.text] for one in group] for group in groups])
    return tuple(
        Proposal(_name(terms, number), terms, group)
        for number, (group, terms) in enumerate(zip(groups, named, strict=True), 1)
    )


def _name(terms: Sequence[str], number: int) -> str:
    """Letters and digits, as Lex V2 wants names; the number keeps them apart."""
    words = [word for term in terms for word in _WORD.findall(term)]
    plain = "".join(word.capitalize() for word in dict.fromkeys(words[:NAME_TERMS]))
    return f"{plain[:80] or 'Proposed'}{number}"
