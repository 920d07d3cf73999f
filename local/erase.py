"""``loupe erase`` and ``loupe hold``: on a data folder, whether a system works in it or not.

The stores take any number of processes, so nothing is locked: what a running system is in the middle of
finds the tombstone.
"""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path

from chalicelib.api.erasure_models import receipt
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.erasure import Erasure
from chalicelib.domain.errors import BadRequest, NotFound, StateRefused
from chalicelib.flow import erasure, erasure_ledger
from chalicelib.ports.services import Services
from local import data_folder

DONE, INCOMPLETE, REFUSED = 0, 1, 3


def erase(data: Path, settings: Settings, contact: str | None, customer: str | None) -> int:
    """Erase one contact, or all of a customer, and print the receipt."""
    services = local_services(data_folder.existing(data), settings)
    by = getpass.getuser()
    if contact is not None:
        return _told(lambda: erasure.erase(services, contact, by=by, reason="request"))
    who = customer or ""
    return _told(lambda: erasure.erase_customer(services, who, by=by, reason="request"))


def replay(data: Path, settings: Settings) -> int:
    """Erase again whoever the ledger names and a restore brought back; a receipt a line."""
    services = local_services(data_folder.existing(data), settings)
    found = erasure.replay(services)
    for entry in found:
        _print(entry)
    return DONE if all(entry.whole for entry in found) else INCOMPLETE


def hold(data: Path, settings: Settings, contact: str, *, release: bool) -> int:
    """Put a contact under legal hold, or release it."""
    services = local_services(data_folder.existing(data), settings)
    return _told(lambda: _held(services, contact, release=release))


def _held(services: Services, contact: str, *, release: bool) -> None:
    if services.contacts.get(contact) is None:
        raise NotFound("there is no such contact")
    by = getpass.getuser()
    erasure_ledger.hold(services, contact, by=by, reason="hold", on=not release)
    print(json.dumps({"held": not release}), flush=True)


def _told(act: Callable[[], Erasure | None]) -> int:
    """Do it; a refusal is one problem document on standard error."""
    try:
        entry = act()
    except NotFound as unknown:
        return _problem(404, "not_found", str(unknown))
    except BadRequest as bad:
        return _problem(400, bad.code, bad.detail)
    except StateRefused as held:
        return _problem(409, held.code, held.detail)
    if entry is None:
        return DONE
    _print(entry)
    return DONE if entry.whole else INCOMPLETE


def _print(entry: Erasure) -> None:
    print(receipt(entry, backed_up=False).model_dump_json(by_alias=True), flush=True)


def _problem(status: int, code: str, detail: str) -> int:
    document = {
        "type": "about:blank",
        "title": "Not erased",
        "status": status,
        "code": code,
        "detail": detail,
    }
    print(json.dumps(document, ensure_ascii=False), file=sys.stderr, flush=True)
    return REFUSED
