"""The flow as a table: each stage, what it needs, what it reads, where it runs.

A product is due when it is missing, when an input it reads has changed, or when a stage it needs is
due. A newer stage version alone makes nothing due: what stands in the recipe stays in force until an
input changes or somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.contact import Made, Part
from chalicelib.domain.transcript import Channel
from chalicelib.formats.artifact import fingerprint

HERE, ACOUSTICS, SPEECH = "here", "acoustics", "speech"


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the flow.

    ``of``: the source it exists for: ``audio``, ``audio only`` (no text was brought), ``text``, ``any``.
    ``reads``: inputs that make it stale: ``audio``, ``text``, ``record``, ``rules``.
    ``settings``: names of the settings that go into its fingerprint.
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
    Stage("transcript", of="audio only", reads=("audio",), settings=("speech",), place=SPEECH),
    Stage("transcript", of="text", reads=("text",), version=2),
    Stage("characteristics", needs=("acoustics", "transcript"), settings=("method",), version=2),
    Stage("sentiment", needs=("transcript",), settings=("sentiment",)),
    Stage("pii", needs=("transcript",), settings=("pii",)),
    Stage("redaction", needs=("transcript", "pii"), settings=("redaction",)),
    Stage("summary", needs=("transcript", "redaction"), settings=("summary",)),
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
    def inputs(self) -> dict[str, str]:
        """Input ids: the identity of each object, with the way it is read."""
        parts = {"audio": self.audio, "text": self.text}
        return {name: input_id(p) for name, p in parts.items() if p}


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
        reads = {key: present.get(key, "") for key in stage.reads}
        needed = [out[key] for key in stage.needs if key in out]
        if before and before.inputs == reads and not any(n.due for n in needed):
            out[stage.name] = Planned(stage, before, due=False)
        else:
            made = _made(stage, reads, needed, settings, attempts.get(name, 0))
            out[stage.name] = Planned(stage, made, due=True)
    return out


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
            "settings": {name: settings.get(name) for name in stage.settings},
            "inputs": reads,
            "needs": {n.stage.name: n.made.fingerprint for n in needed},
            "attempt": attempt,
        }
    )
    return Made(mark, stage.version, reads, attempt)
