"""Progress of long work on standard error: a bar for a person, nothing for a pipe."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """A bar over several inputs that names the input and the stage at work."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=total)

    def __enter__(self) -> Steps:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def now(self, name: str, step: str) -> None:
        self._progress.start()
        self._progress.update(self._task, description=f"{name[:40]} {step}")

    def pause(self) -> None:
        """Clear the bar, so that output on the terminal stays whole."""
        self._progress.stop()

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)

    def show(self, done: int, total: int, text: str) -> None:
        """Set the whole bar at once."""
        self._progress.update(self._task, completed=done, total=total, description=text)
