"""The work of one message, free of any cloud: fetch the recording, silence it, store the copy.

The copy is written only if absent, so a message may be worked off any number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO

from chalicelib.domain.audio_redaction import CopyOrder
from functions.audio_redaction.silence import Silencer, silence_in_place
from functions.recording import Limits, Recording

Fetch = Callable[[str, str], AbstractContextManager[Recording | None]]
Store = Callable[[str, BinaryIO], None]


def work(order: CopyOrder, fetch: Fetch, store: Store, limits: Limits) -> None:
    """Silence what ``fetch(key, etag)`` opens and ``store(key, file)`` it.

    ``fetch`` gives None for an object that is gone or has changed: its next analysis orders another
    copy. Raises ``InputRefused`` for what is no recording.
    """
    with fetch(order.source_key, order.source_etag) as recording:
        if recording is None:
            return
        file = recording.file
        silence_in_place(file, Silencer(recording.header(limits), order.silences))
        file.seek(0)
        store(order.target_key, file)
