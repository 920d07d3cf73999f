"""Measuring is a pure function of the bytes: the same recording is measured once for all runs."""

from __future__ import annotations

from typing import Any

import pytest

from local import acoustics


@pytest.fixture(autouse=True, scope="session")
def measured_once() -> Any:
    known: dict[bytes, Any] = {}
    measure = acoustics.measure

    def remembered(file: Any, info: Any) -> Any:
        file.seek(0)
        body = file.read()
        if body not in known:
            file.seek(0)
            known[body] = measure(file, info)
        return known[body]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acoustics, "measure", remembered)
        yield
