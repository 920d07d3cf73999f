"""The deeper reading of a published contact: abuse, what people feel about which things, phrases, classes.

Only redacted text is read, and what touches a mask is dropped: "[NAME]" is nobody one can feel about. What
the engine has not, or does not read in this language, is told beside what it has.
"""

from __future__ import annotations

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.follow_up import Option, Reason, Result, Skipped
from chalicelib.domain.insight import Target, targets
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.flow.follow_ups.language_readings import Reading, Said, Toxic, read
from chalicelib.ports.insight import TextInsight

NO_ENGINE = "no engine reads contacts deeper here"
SILENT = "nobody says anything in this contact"
TOXIC_FROM = 0.5
MOST_TARGETS, MOST_PHRASES, MOST_TOXIC, MOST_CLASSES = 10, 8, 10, 3
TOXIC, CLEAN, NOT_READ = "toxic", "clean", "not-read"


def run(desk: Desk) -> Result:
    """Read the contact with the engine of the installation. Raises ``Skipped``, ``Unavailable``."""
    insight = desk.services.after.insight
    if insight is None:
        raise Skipped(NO_ENGINE)
    return result(desk.analysis, insight)


def result(analysis: ContactAnalysis, insight: TextInsight) -> Result:
    """``score`` is the toxicity of the worst turn; ``options`` are the things that were spoken of, each with
    the mean of its sentiment, -1 .. 1."""
    readings = [read(each.transcript, insight) for each in analysis.conversations]
    spoken = [reading for reading in readings if reading.turns]
    if not spoken:
        raise Skipped(SILENT)
    judged = [score for reading in spoken for score in reading.toxicity]
    return Result(
        _outcome(spoken),
        insight.engine,
        max(judged) if judged else None,
        _inputs(spoken),
        tuple(reason for reading in spoken for reason in _reasons(reading)),
        _options(spoken),
    )


def _outcome(readings: list[Reading]) -> str:
    """``clean`` only where every turn was read and found so."""
    if any(score >= TOXIC_FROM for reading in readings for score in reading.toxicity):
        return TOXIC
    whole = all(len(reading.toxicity) == reading.turns for reading in readings)
    return CLEAN if whole else NOT_READ


def _inputs(readings: list[Reading]) -> dict[str, str]:
    """How much was read, and as which language."""
    turns = sum(reading.turns for reading in readings)
    languages = dict.fromkeys(reading.language for reading in readings)
    return {"turns": str(turns), "language": " ".join(languages)}


def _options(readings: list[Reading]) -> tuple[Option, ...]:
    found = targets(feeling for reading in readings for feeling in reading.feelings)
    return tuple(_option(target) for target in found[:MOST_TARGETS])


def _option(target: Target) -> Option:
    times = "once" if target.count == 1 else f"{target.count} times"
    said = f"{target.kind}, spoken of {times}, at worst {target.low:+.2f}"
    return Option(target.name, target.score, said)


def _reasons(reading: Reading) -> list[Reason]:
    abuse = sorted((t for t in reading.toxic if t.score >= TOXIC_FROM), key=lambda t: -t.score)
    out = [_abuse(toxic) for toxic in abuse[:MOST_TOXIC]]
    out += [
        Reason("class of the conversation", "class", each.name, each.score)
        for each in reading.classes[:MOST_CLASSES]
    ]
    out += [
        Reason("language of the text", "language", code, share)
        for code, share in reading.languages.items()
    ]
    out += [_phrase(said) for said in reading.phrases[:MOST_PHRASES]]
    out += [Reason(why, "not-available", what) for what, why in reading.missing.items()]
    out += [Reason(why, "unread", what) for what, why in reading.unread.items()]
    return out


def _phrase(said: Said) -> Reason:
    told = f"said {said.count} times" if said.count > 1 else "said once"
    return Reason(told, "key-phrase", said.text, said.count, said.begin_ms)


def _abuse(toxic: Toxic) -> Reason:
    text = f"{toxic.role.lower()}: {', '.join(toxic.kinds) or 'toxic'}"
    return Reason(text, "toxicity", toxic.turn_id, toxic.score, toxic.begin_ms)
