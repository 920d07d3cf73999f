"""``loupe token …`` and ``loupe audit …``: who may come in, and what was written down of what they did."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from chalicelib.config import Settings
from chalicelib.domain.audit import Act, Line
from chalicelib.domain.errors import NotFound
from chalicelib.domain.principal import GRANTS, PrincipalRole
from chalicelib.ports.services import Services

DONE, FAILED = 0, 1
UNITS = {"m": 60, "h": 3600, "d": 86_400}
LONGEST_S = 366 * 86_400
WHO, ROLE = "command-line", "admin"


def add(commands: Any, data: Path, settings: Callable[[], Settings]) -> None:  # noqa: ANN401
    """Add both groups of commands."""
    tokens = commands.add_parser("token", help="tokens of people", description="Tokens of people.")
    known = tokens.add_subparsers(required=True, metavar="COMMAND")
    create = known.add_parser("create", help="a token for somebody new; it is printed once")
    create.add_argument("--role", required=True, choices=[role.value for role in PrincipalRole])
    create.add_argument("--name", default="", help="whose it is")
    create.add_argument("--queue", action="append", default=[], metavar="ID", help="repeatable")
    create.add_argument("--agent", metavar="ID", help="the agent id in contacts, for an agent")
    create.add_argument(
        "--grant", action="append", default=[], choices=sorted(GRANTS), help="repeatable"
    )
    create.add_argument(
        "--expires", type=lifetime, default=30 * UNITS["d"], metavar="TIME", help="30d, 12h, 45m"
    )
    revoke = known.add_parser("revoke", help="let no token of this person count any more")
    revoke.add_argument("person", metavar="ID")
    rotate = known.add_parser("rotate", help="a new start token and a new signing key")
    rotate.add_argument(
        "--all", action="store_true", help="tokens that were given out before do not count any more"
    )
    listed = known.add_parser("list", help="who has tokens here")
    trail = commands.add_parser("audit", help="the audit trail", description="The audit trail.")
    lines = trail.add_subparsers(required=True, metavar="COMMAND")
    verify = lines.add_parser("verify", help="whether every line is there and unaltered")
    show = lines.add_parser("list", help="the latest lines, as JSON Lines")
    show.add_argument("--limit", type=int, default=50)
    runs = {create: _create, revoke: _revoke, rotate: _rotate, listed: _list}
    for command, run in {**runs, verify: _verify, show: _show}.items():
        command.add_argument("--data", type=Path, default=data)
        command.set_defaults(run=run, settings=settings)


def lifetime(text: str) -> int:
    """Seconds of ``30d``, ``12h``, ``45m``; at most a year."""
    number, unit = text[:-1], text[-1:]
    if (
        unit not in UNITS
        or not number.isdecimal()
        or not 0 < int(number) * UNITS[unit] <= LONGEST_S
    ):
        raise argparse.ArgumentTypeError("a time such as 30d, 12h or 45m, at most 366d")
    return int(number) * UNITS[unit]


def _services(options: argparse.Namespace) -> Services:
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from local import data_folder  # noqa: PLC0415

    return local_services(data_folder.existing(options.data), options.settings())


def _create(options: argparse.Namespace) -> int:
    from local.identity import LocalKey, new_person  # noqa: PLC0415

    services = _services(options)
    person = new_person(
        options.role,
        name=options.name,
        queues=options.queue,
        agent_id=options.agent,
        granted=options.grant,
    )
    services.audit.write(Act.PEOPLE, who=WHO, role=ROLE, subject=person.sub, reason="create")
    services.people.put(person)
    token = LocalKey(options.data).token(person.sub, options.expires)
    print(json.dumps({"id": person.sub, "role": person.role, "token": token}))
    return DONE


def _revoke(options: argparse.Namespace) -> int:
    services = _services(options)
    person = services.people.get(options.person)
    if person is None:
        raise NotFound(f"nobody here is {options.person}")
    services.audit.write(Act.PEOPLE, who=WHO, role=ROLE, subject=person.sub, reason="revoke")
    services.people.put(replace(person, revoked=True, changed_ms=services.clock()))
    return DONE


def _rotate(options: argparse.Namespace) -> int:
    from local import data_folder  # noqa: PLC0415
    from local.identity import LocalKey  # noqa: PLC0415

    services = _services(options)
    services.audit.write(Act.PEOPLE, who=WHO, role=ROLE, reason="rotate keys")
    LocalKey(options.data).rotate(forget=options.all)
    (options.data / "token").unlink(missing_ok=True)
    data_folder.secret(options.data, "token")
    print("a running system takes the new start token when it starts again", file=sys.stderr)
    return DONE


def _list(options: argparse.Namespace) -> int:
    for person in sorted(_services(options).people.all(), key=lambda one: one.sub):
        print(json.dumps(asdict(person)))
    return DONE


def _verify(options: argparse.Namespace) -> int:
    found = _services(options).audit.verify()
    print(json.dumps(asdict(found)))
    return DONE if found.broken is None else FAILED


def _show(options: argparse.Namespace) -> int:
    lines = _services(options).audit.newest()
    for line, _ in zip(lines, range(options.limit), strict=False):
        print(json.dumps(_told(line)))
    return DONE


def _told(line: Line) -> dict[str, Any]:
    return {name: value for name, value in asdict(line).items() if name not in ("former", "seal")}
