"""The versions of a form: one draft at a time, and frozen ones that evaluations refer to.

Saving changes the draft, or opens the next one after the last was frozen. Activating freezes the draft
and puts it to use for new evaluations. What was frozen never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.errors import InputRefused, StateRefused
from chalicelib.domain.evaluation.form import Form


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version that was activated; ``revision`` holds its form."""

    version: int
    revision: int
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class FormRecord:
    """A form as it was last written. ``revision`` counts writes from 1; ``version`` is that of ``form``;
    ``current`` is the version that new evaluations use, None for none."""

    id: str
    form: Form
    at_ms: int
    by: str
    revision: int = 1
    version: int = 1
    frozen: tuple[Frozen, ...] = ()
    current: int | None = None
    request: str = ""

    @property
    def draft(self) -> bool:
        """Whether ``form`` is not frozen."""
        return all(one.version != self.version for one in self.frozen)


def saved(record: FormRecord, form: Form, by: str, at_ms: int, most: int) -> FormRecord:
    """The record with this form as its draft. Raises ``InputRefused`` beyond ``most`` versions."""
    version = record.version if record.draft else record.version + 1
    if version > most:
        raise InputRefused("form.versions", f"a form has at most {most} versions")
    return replace(
        record, form=form, by=by, at_ms=at_ms, version=version, revision=record.revision + 1
    )


def activated(record: FormRecord, by: str, at_ms: int) -> FormRecord:
    """The record with its version frozen and in use. Raises ``StateRefused`` when it is already."""
    if record.current == record.version:
        raise StateRefused("form.active", f"version {record.version} is in use already")
    revision = record.revision + 1
    freezing = (Frozen(record.version, revision, at_ms, by),) if record.draft else ()
    return replace(
        record,
        frozen=(*record.frozen, *freezing),
        current=record.version,
        revision=revision,
        by=by,
        at_ms=at_ms,
    )


def deactivated(record: FormRecord, by: str, at_ms: int) -> FormRecord:
    """The record with no version in use. Raises ``StateRefused`` when none is."""
    if record.current is None:
        raise StateRefused("form.inactive", "no version of this form is in use")
    return replace(record, current=None, revision=record.revision + 1, by=by, at_ms=at_ms)
