"""Erasure over HTTP: who may, what is answered, and that the worker does what was asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.principal import ERASE, Principal, PrincipalRole
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.flow import erasure_ledger
from chalicelib.ports.services import After
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT, OTHER, World, populated

ERASERS = frozenset({ERASE})
SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, frozenset({"queue-2"}), granted=ERASERS)
PLAIN_ADMIN = Principal("a", PrincipalRole.ADMIN)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = populated(tmp_path)
    known = After(customers=lambda who: pseudonym(b"k" * 32, who))
    object.__setattr__(made.services, "after", known)
    return made


def erase(world: World, contact_id: str = CHAT, who: Principal = w.ADMIN, **query: Any) -> Any:
    return world.ask(f"/v1/contacts/{contact_id}", method="DELETE", who=who, **query)


def waiting(world: World) -> list[dict[str, str]]:
    return [dict(m.body) for m in world.services.queues.ingest.receive(10)]


def test_it_is_written_down_and_handed_over(world: World) -> None:
    told = erase(world, reason="art-17")
    assert told.status == 202
    assert (told.json["state"], told.json["reason"]) == ("PENDING", "art-17")
    assert told.json["removed"] == {}
    assert told.headers["location"] == f"/v1/erasures/{told.json['erasureId']}"
    assert {"contactId": CHAT, "reason": "erase"} in waiting(world)
    assert world.ask(told.headers["location"]).json == told.json


@pytest.mark.parametrize(
    ("who", "contact_id", "status"),
    [
        pytest.param(PLAIN_ADMIN, CHAT, 403, id="an_admin_without_the_permission"),
        pytest.param(SUPERVISOR, CHAT, 202, id="a_supervisor_with_it_in_the_own_queue"),
        pytest.param(SUPERVISOR, CALL, 404, id="a_contact_of_another_queue_is_unknown"),
        pytest.param(w.ADMIN, "nobody", 404, id="an_unknown_contact"),
    ],
)
def test_who_may_erase(world: World, who: Principal, contact_id: str, status: int) -> None:
    assert erase(world, contact_id, who).status == status


def test_a_contact_under_hold_is_409_and_nothing_is_asked_for(world: World) -> None:
    erasure_ledger.hold(world.services, CHAT, by="court", reason="case", on=True)
    told = erase(world)
    assert (told.status, told.json["code"]) == (409, "contact.held")
    assert not list(erasure_ledger.every(world.services))


def test_a_reason_is_a_word(world: World) -> None:
    assert erase(world, reason="Mr. Smith asked").status == 400


class TestCustomers:
    def ask(self, world: World, body: Any, who: Principal = w.ADMIN) -> Any:
        return world.ask("/v1/erasures", method="POST", body=body, who=who)

    def known(self, world: World) -> None:
        for one in (CHAT, OTHER):
            row = world.services.contacts.get(one)
            assert row
            assert row.publication
            ref = pseudonym(b"k" * 32, "c-1")
            world.put(replace(row, publication=replace(row.publication, customer_ref=ref)))

    def test_every_contact_is_asked_for(self, world: World) -> None:
        self.known(world)
        told = self.ask(world, {"customer": "C-1"})
        assert (told.status, told.json["contacts"]) == (202, 2)
        bodies = waiting(world)
        assert {b["contactId"] for b in bodies if "contactId" in b} == {CHAT, OTHER}
        assert {"sweep": told.json["erasureId"], "reason": "erase"} in bodies

    @pytest.mark.parametrize(
        ("body", "who", "status"),
        [
            pytest.param({"customer": "nobody"}, w.ADMIN, 404, id="unknown"),
            pytest.param({"customer": " "}, w.ADMIN, 400, id="blank"),
            pytest.param({"customer": ""}, w.ADMIN, 422, id="empty"),
            pytest.param({"customer": "c-1", "x": 1}, w.ADMIN, 422, id="another_member"),
            pytest.param({"customer": "c-1"}, SUPERVISOR, 403, id="who_sees_not_all"),
        ],
    )
    def test_refusals(self, world: World, body: Any, who: Principal, status: int) -> None:
        assert self.ask(world, body, who).status == status

    def test_one_hold_stops_all(self, world: World) -> None:
        self.known(world)
        erasure_ledger.hold(world.services, OTHER, by="court", reason="case", on=True)
        assert self.ask(world, {"customer": "c-1"}).status == 409
        assert not list(erasure_ledger.every(world.services))


@pytest.mark.parametrize("erasure_id", ["contact-0", "contact-" + "0" * 32, "..%2Fx"])
def test_an_unknown_erasure_is_404(world: World, erasure_id: str) -> None:
    assert world.ask(f"/v1/erasures/{erasure_id}").status == 404
