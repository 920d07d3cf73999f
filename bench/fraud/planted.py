"""How many verdicts a model of contacts wants: contacts made by chance, whose fraud follows a known law.

Two laws of our own invention over the variables of ``docs/risk.md``: one that thinks as the weights do,
and one in which other things matter. What is measured is how near the model comes to them with so many
verdicts, and whether it is let to score where it finds more than the rules, and only there; not how fraud is.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from chalicelib.adapters.engines.risk_local import finds_more
from chalicelib.adapters.engines.risk_training import quality, too_few, train
from chalicelib.domain.risk.model import Example, sigmoid
from chalicelib.domain.risk.rules import weighed

VERDICTS = (300, 1000, 3000)
ASKED, DRAWS = 10_000, 5
HOUR_MS = 3_600_000
RARE = {
    "failed_verifications": (0.12, 1.0, 0.2),
    "account_change_terms": (0.15, 0.4, 0.0),
    "gift_card_terms": (0.04, 1.4, 0.3),
    "check_refusal_terms": (0.05, 1.0, 0.2),
    "payment_redirection_terms": (0.06, 1.1, 0.4),
    "remote_access_terms": (0.02, 1.6, 0.5),
    "urgency_terms": (0.15, 0.3, 1.0),
}
"""How often each shows at all, and what one turn of it adds to the log-odds in either law."""
LAWS = ("a law as the weights think", "a law of other things")


def contact(dice: random.Random, number: int, law: int = 0) -> tuple[Example, float]:
    """One contact, and the probability by which it was drawn to be fraud."""
    counts = {name: _count(dice, share) for name, (share, *_) in RARE.items()}
    changed, repeats = dice.random() < 0.2, min(_count(dice, 0.25), 4)
    channel, hour, seconds = (
        dice.choice(("voice", "chat")),
        dice.randrange(24),
        dice.expovariate(1 / 300),
    )
    odds = -3.2 + sum(RARE[name][1 + law] * min(count, 3) for name, count in counts.items())
    if law:
        odds += 1.5 * (channel == "chat" and hour < 6) + 1.2 * (seconds < 60) + 0.4 * repeats
    else:
        odds += 0.7 * changed + 0.25 * repeats
        odds += 1.5 * (counts["failed_verifications"] > 0 and counts["account_change_terms"] > 0)
    known = {
        "channel": channel,
        "hour_utc": str(hour),
        "duration_s": str(int(seconds)),
        "repeats_24h": str(repeats),
        "transfers": str(_count(dice, 0.1)),
        **{name: str(count) for name, count in counts.items()},
    }
    if dice.random() < 0.7:
        known["address_changed"] = str(int(changed))
    chance = sigmoid(odds)
    return Example(f"e{number:06d}", number * HOUR_MS, known, dice.random() < chance), chance


def _count(dice: random.Random, share: float) -> int:
    """0 mostly; each further one is as rare as a third."""
    if dice.random() >= share:
        return 0
    count = 1
    while dice.random() < 1 / 3:
        count += 1
    return count


def report() -> None:
    """Print AUC and calibration by the number of verdicts, mean of five draws."""
    for law, name in enumerate(LAWS):
        fresh = [contact(random.Random(10_000_019 + n), n, law) for n in range(ASKED)]
        frauds = [int(example.fraud) for example, _ in fresh]
        print(
            f"-- contacts with planted fraud, {name}: {ASKED} asked, {sum(frauds) / ASKED:.1%} fraud"
        )
        rules = [weighed(example.variables)[0] / 1000 for example, _ in fresh]
        best = quality([chance for _, chance in fresh], frauds).auc
        print(f"rules only: AUC {quality(rules, frauds).auc:.3f}; the law itself: AUC {best:.3f}")
        for count in VERDICTS:
            _line(law, count, [example for example, _ in fresh])


def _line(law: int, count: int, fresh: Sequence[Example]) -> None:
    found, scores, wanting = [], 0, ""
    for draw in range(DRAWS):
        dice = random.Random(draw)
        seen = [contact(dice, n, law)[0] for n in range(count)]
        if wanting := too_few(seen):
            continue
        model = train(seen)
        shares = [model.probability(model.row(example.variables)) for example in fresh]
        found.append(quality(shares, [int(example.fraud) for example in fresh]))
        scores += finds_more(model)
    if not found:
        print(f"{count} verdicts: {wanting}")
        return
    auc, ece = (sum(map(pick, found)) / len(found) for pick in (lambda q: q.auc, lambda q: q.ece))
    print(
        f"{count} verdicts: AUC {auc:.3f}, ECE {ece:.3f};"
        f" the model is let to score in {scores} of {len(found)} draws"
    )


if __name__ == "__main__":
    report()
