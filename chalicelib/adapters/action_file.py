"""The catalogue of actions that a setting names, or the built-in one."""

from __future__ import annotations

from pathlib import Path

from chalicelib.domain.errors import InputRefused, SettingsError
from chalicelib.domain.next_action import BUILT_IN, Catalogue
from chalicelib.formats import action_catalogue


def catalogue(path: str) -> Catalogue:
    """Raises ``SettingsError`` with the line that is wrong."""
    if not path:
        return BUILT_IN
    try:
        return action_catalogue.load(Path(path).read_bytes())
    except OSError as error:
        raise SettingsError(f"LOUPE_ACTIONS_FILE: {error.strerror or 'cannot be read'}") from error
    except InputRefused as refused:
        raise SettingsError(f"LOUPE_ACTIONS_FILE: {refused.detail}") from refused
