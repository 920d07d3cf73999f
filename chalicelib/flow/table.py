"""The flow as a table: each stage, what it needs, what it reads, where it runs.

A product is due when it is missing, when an input it reads has changed, or when a stage it needs is
due. A newer stage version alone makes nothing due: what stands in the recipe stays in force until an
input changes or somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.contact import Made, Part, PartState
from chalicelib.domain.transcript import Channel
from chalicelib.formats.artifact import fingerprint

HERE, ACOUSTICS, SPEECH = "here", "acoustics", "speech"
LANGUAGE = "language"
OPTIONAL = (LANGUAGE,)


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the flow.

    ``of``: the source it exists for: ``audio``, ``audio only`` (no text was brought), ``text``, ``any``.
    ``reads``: inputs that make it stale: ``audio``, ``text``, ``record``, ``rules`` (with the tools
    that they need, see ``rule_input``), and ``language``, which
    is there only where the contact record states one.
    ``settings``: names of the settings that go into its fingerprint, where they are given.
    """

    name: str
    of: str = "any"
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    place: str = HERE
    version: int = 1


FLOW = (
    Stage("acoustics", of="audio", reads=("audio",), place=ACOUSTICS),
    Stage(
        "transcript",
        of="audio only",
        reads=("audio", "language"),
        settings=("speech", "masking"),
        place=SPEECH,
    ),
    Stage("transcript", of="text", reads=("text",), settings=("masking",), version=2),
    Stage("language", needs=("transcript",), reads=("language",), settings=("language",)),
    Stage(
        "characteristics",
        needs=("acoustics", "transcript", "language"),
        settings=("method",),
        version=2,
    ),
    Stage("sentiment", needs=("transcript", "language"), settings=("sentiment",)),
    Stage("pii", needs=("transcript", "language"), settings=("pii",)),
    Stage("redaction", needs=("transcript", "pii"), settings=("redaction",)),
    Stage("entities", needs=("transcript", "language", "redaction"), settings=("entities",)),
    Stage("summary", needs=("transcript", "language", "redaction"), settings=("summary",)),
    Stage(
        "categories",
        needs=("transcript", "redaction", "characteristics", "sentiment"),
        reads=("record", "rules"),
    ),
)


def input_id(part: Part) -> str:
    """A part as the input of a stage: its bytes and how they are read."""
    return f"{part.format}:{part.etag}"


@dataclass(frozen=True, slots=True)
class Source:
    """What one conversation is made from: audio, a text that was brought, or both."""

    channel: Channel
    audio: Part | None = None
    text: Part | None = None

    @property
    def name(self) -> str:
        return self.channel.lower()

    @property
    def main(self) -> Part:
        part = self.audio or self.text
        if part is None:
            raise ValueError("a source has audio or text")
        return part

    @property
    def parts(self) -> dict[str, Part]:
        """What there is, by the name of the input."""
        parts = {"audio": self.audio, "text": self.text}
        return {name: part for name, part in parts.items() if part}

    @property
    def inputs(self) -> dict[str, str]:
        """Input ids: the identity of each object, with the way it is read."""
        return {name: input_id(part) for name, part in self.parts.items()}


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage of one conversation with the fingerprint that is wanted."""

    stage: Stage
    made: Made
    due: bool


Plan = Mapping[str, Planned]


def stages_of(source: Source) -> tuple[Stage, ...]:
    """The lines of the table that apply to this source."""
    kinds = {"any"}
    if source.audio:
        kinds.add("audio")
    kinds.add("text" if source.text else "audio only")
    return tuple(stage for stage in FLOW if stage.of in kinds)


def plan(
    source: Source,
    recipe: Mapping[str, Made],
    inputs: Mapping[str, str],
    settings: Mapping[str, object],
    attempts: Mapping[str, int],
) -> dict[str, Planned]:
    """What stands and what is due for one conversation, in the order of the table.

    ``recipe`` and ``attempts`` are keyed ``<conversation>/<stage>``; ``inputs`` holds ``record`` and
    ``rules`` beside the source's own ids. An attempt number makes a failed stage's next try another
    product, so that a service that remembers the failed job starts a new one.
    """
    present = {**inputs, **source.inputs}
    out: dict[str, Planned] = {}
    for stage in stages_of(source):
        name = f"{source.name}/{stage.name}"
        before = recipe.get(name)
        reads = _reads(stage, present)
        needed = [out[key] for key in stage.needs if key in out]
        if before and _stands(before, reads, source) and not any(n.due for n in needed):
            out[stage.name] = Planned(stage, before, due=False)
        else:
            made = _made(stage, reads, needed, settings, attempts.get(name, 0))
            out[stage.name] = Planned(stage, made, due=True)
    return out


def _stands(before: Made, reads: Mapping[str, str], source: Source) -> bool:
    """Whether it was made of these inputs. What is away cannot be read again: an optional input that is
    told later comes too late for it."""
    if before.inputs == reads:
        return True
    read = [part for name, part in source.parts.items() if name in reads]
    away = any(part.state is not PartState.PRESENT for part in read)
    return away and _required(before.inputs) == _required(reads)


def _required(inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in inputs.items() if name not in OPTIONAL}


def _reads(stage: Stage, present: Mapping[str, str]) -> dict[str, str]:
    """What the stage reads: an optional input that is not there is no input, so that recipes from
    before it was known stay in force."""
    names = (key for key in stage.reads if key not in OPTIONAL or present.get(key))
    return {key: present.get(key, "") for key in names}


def _made(
    stage: Stage,
    reads: Mapping[str, str],
    needed: list[Planned],
    settings: Mapping[str, object],
    attempt: int,
) -> Made:
    mark = fingerprint(
        {
            "stage": stage.name,
            "version": stage.version,
            "settings": {name: settings[name] for name in stage.settings if name in settings},
            "inputs": reads,
            "needs": {n.stage.name: n.made.fingerprint for n in needed},
            "attempt": attempt,
        }
    )
    return Made(mark, stage.version, reads, attempt)
