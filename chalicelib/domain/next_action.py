"""The next best action: what may be done for a customer, how well it is taken, and when it is kept back.

Actions are data. An engine ranks those that fit the contact's reason; what must not be said to this
customer now is taken out after the ranking, so that no engine can learn its way around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.follow_up import Option
from chalicelib.domain.transcript import Role, SentimentLabel

NO_REASON = "none"
NOTHING = "none"
BLOCKED = "block-callback"
DAY_MS = 86_400_000
SPACE = 2**64


class Event(StrEnum):
    """What became of an action: it was shown, taken, refused, or settled the matter."""

    SHOWN = "shown"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RESOLVED = "resolved"


TAKEN = frozenset({Event.ACCEPTED.value, Event.RESOLVED.value})


class ActionKind(StrEnum):
    """``OFFER`` wants the customer to buy or stay; ``SERVICE`` is help that was owed anyway."""

    SERVICE = "service"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Action:
    """``fits``: categories of contacts it is for; none: all. ``calls``: it reaches out to the customer."""

    id: str
    label: str
    kind: ActionKind = ActionKind.SERVICE
    fits: tuple[str, ...] = ()
    calls: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The actions of an installation, in its own order, which decides between equals."""

    actions: tuple[Action, ...]

    def get(self, action_id: str) -> Action | None:
        return next((action for action in self.actions if action.id == action_id), None)

    def fitting(self, categories: Iterable[str]) -> tuple[Action, ...]:
        """Those for one of the categories, and those for all; case makes no difference."""
        known = {category.casefold() for category in categories}
        return tuple(
            action
            for action in self.actions
            if not action.fits or any(category.casefold() in known for category in action.fits)
        )


BUILT_IN = Catalogue(
    (
        Action("call-back", "Call the customer back", calls=True),
        Action("send-article", "Send the help article for this question"),
        Action("escalate-to-supervisor", "Hand over to a supervisor"),
        Action(
            "waive-fee",
            "Waive the disputed fee",
            fits=("Billing dispute", "Refund request"),
        ),
        Action(
            "offer-retention-discount",
            "Offer a discount to stay",
            ActionKind.OFFER,
            fits=("Cancellation", "Churn threat", "Price complaint"),
        ),
        Action("offer-upgrade", "Offer the next larger plan", ActionKind.OFFER),
    )
)


@dataclass(frozen=True, slots=True)
class Interaction:
    """What became of an action that was shown: ``shown``, ``accepted``, ``declined`` or ``resolved``.

    ``id`` makes it known once; ``session`` is the contact; ``reason`` the contact's main category.
    """

    id: str
    customer_ref: str
    session: str
    action: str
    event: str
    at_ms: int
    reason: str = ""
    recommendation_id: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action may be shown now. None: not known, which keeps nothing back.

    ``sentiment`` and ``ending``: the customer's, over all and at the end, -5 to +5.
    ``refused``: what the customer declined lately. ``risk``: the outcome of the risk decision.
    """

    sentiment: float | None = None
    ending: float | None = None
    refused: frozenset[str] = frozenset()
    risk: str = ""


def reason_of(categories: Sequence[str]) -> str:
    """The contact's reason: its first category."""
    return categories[0] if categories else NO_REASON


def refused_lately(known: Iterable[Interaction], now_ms: int, days: int) -> frozenset[str]:
    """Actions that a customer declined within so many days."""
    since = now_ms - days * DAY_MS
    return frozenset(
        one.action for one in known if one.event == Event.DECLINED and one.at_ms > since
    )


def kept_back(action: Action, situation: Situation, catalogue: Catalogue) -> str:
    """Why the action must not be shown now; empty when it may."""
    offer = action.kind is ActionKind.OFFER
    if situation.risk == BLOCKED and (action.calls or offer):
        return "the risk decision withholds calls and offers"
    if action.id in situation.refused:
        return "the customer declined it lately"
    return _no_offer(situation, catalogue) if offer else ""


def _no_offer(situation: Situation, catalogue: Catalogue) -> str:
    if situation.ending is not None and situation.ending < 0:
        return "no offer after a negative ending"
    if situation.sentiment is not None and situation.sentiment < 0:
        return "no offer to a customer whose sentiment is negative"
    if any(_is_offer(catalogue, name) for name in situation.refused):
        return "the customer declined an offer lately"
    return ""


def _is_offer(catalogue: Catalogue, action_id: str) -> bool:
    """An action that the catalogue no longer has may have been an offer, so it counts as one."""
    action = catalogue.get(action_id)
    return action is None or action.kind is ActionKind.OFFER


def ending_of(conversations: Iterable[Conversation]) -> float | None:
    """The customer's sentiment at the end, the worst of the conversations; None where nothing tells it."""
    known = [end for one in conversations if (end := _ending(one)) is not None]
    return min(known, default=None)


def _ending(conversation: Conversation) -> float | None:
    mood = conversation.sentiment
    if Role.CUSTOMER in mood.shift:
        return mood.shift[Role.CUSTOMER].end
    if mood.quarters.get(Role.CUSTOMER):
        return mood.quarters[Role.CUSTOMER][-1].score
    labels = [group.label for group in mood.groups if group.role is Role.CUSTOMER]
    return _OF_LABEL[labels[-1]] if labels else None


_OF_LABEL = {
    SentimentLabel.NEGATIVE: -5.0,
    SentimentLabel.NEUTRAL: 0.0,
    SentimentLabel.MIXED: 0.0,
    SentimentLabel.POSITIVE: 5.0,
}


def best_first(
    scores: Iterable[tuple[str, float]], candidates: Sequence[str]
) -> tuple[Option, ...]:
    """Options by falling score; equals stay in the order of the candidates."""
    place = {name: number for number, name in enumerate(candidates)}
    ranked = sorted(scores, key=lambda pair: (-pair[1], place[pair[0]]))
    return tuple(Option(name, round(score, 4)) for name, score in ranked)


def explored(
    options: tuple[Option, ...], token: str, rate: float
) -> tuple[tuple[Option, ...], bool]:
    """Now and then another action than the best comes first, so that it is ever learned how it is taken.

    The token alone decides whether and which: a call that is made again does the same. Of all tokens a
    share of ``rate`` explores. Without a token nothing is explored.
    """
    if not token or len(options) < 2 or _share(f"whether {token}") >= rate:
        return options, False
    chosen = options[1 + int(_share(f"which {token}") * (len(options) - 1))]
    return (chosen, *(option for option in options if option is not chosen)), True


def _share(text: str) -> float:
    """A number in [0, 1) that is spread evenly over texts."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / SPACE
