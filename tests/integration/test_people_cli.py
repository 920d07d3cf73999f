"""``loupe token`` and ``loupe audit``: tokens that work at once, and a trail that tells of them."""

from __future__ import annotations

import json

import pytest

from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.api.problems import Refusal
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.principal import Principal, PrincipalRole
from local import cli, data_folder
from local.identity import Doorkeeper

START = "start-token-for-tests-0123456789"


@pytest.fixture
def data(tmp_path):
    local_services(tmp_path, Settings())
    return tmp_path


def run(data, capsys, *words):
    code = cli.main([*words, "--data", str(data)])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def door(data):
    return Doorkeeper(data, local_services(data, Settings()).people, START)


def created(data, capsys, *words):
    code, (told,) = run(data, capsys, "token", "create", *words)
    assert code == 0
    return told


def test_a_token_that_was_created_is_somebody_at_once(data, capsys):
    told = created(
        data, capsys, "--role", "supervisor", "--queue", "q-1", "--queue", "q-2",
        "--grant", "recordings:listen", "--name", "Ann",
    )  # fmt: skip
    assert door(data).principal(told["token"]) == Principal(
        told["id"],
        PrincipalRole.SUPERVISOR,
        frozenset({"q-1", "q-2"}),
        granted=frozenset({"recordings:listen"}),
    )


def test_an_agents_token_names_the_agent(data, capsys):
    told = created(data, capsys, "--role", "agent", "--agent", "a-1")
    assert door(data).principal(told["token"]).agent_id == "a-1"


def test_a_running_system_knows_a_token_that_was_created_after_its_start(data, capsys):
    known = door(data)
    told = created(data, capsys, "--role", "analyst")
    assert known.principal(told["token"]).role is PrincipalRole.ANALYST


def test_a_revoked_person_is_out_at_once(data, capsys):
    known = door(data)
    told = created(data, capsys, "--role", "admin")
    assert run(data, capsys, "token", "revoke", told["id"])[0] == 0
    with pytest.raises(Refusal, match="unauthenticated"):
        known.principal(told["token"])


def test_nobody_can_be_revoked_who_is_not_there(data, capsys):
    assert run(data, capsys, "token", "revoke", "local-0")[0] == 1


def test_tokens_outlive_a_new_key_unless_it_is_said_that_they_do_not(data, capsys):
    told = created(data, capsys, "--role", "admin")
    former = data_folder.secret(data, "token")
    assert run(data, capsys, "token", "rotate")[0] == 0
    assert data_folder.secret(data, "token") != former
    assert door(data).principal(told["token"]).role is PrincipalRole.ADMIN
    assert run(data, capsys, "token", "rotate", "--all")[0] == 0
    with pytest.raises(Refusal, match="unauthenticated"):
        door(data).principal(told["token"])


def test_the_start_token_is_an_admins_and_another_is_nobodys(data):
    known = door(data)
    assert (known.principal(START).id, known.principal(START).unlimited) == ("start-token", True)
    for wrong in ("", "x", START[:-1], START + "x", "\u2713"):
        with pytest.raises(Refusal, match="unauthenticated"):
            known.principal(wrong)


@pytest.mark.parametrize("wrong", ["", "30", "d", "0d", "-1d", "367d", "1w", "1.5d"])
def test_a_lifetime_that_cannot_be_is_a_wrong_usage(data, wrong):
    with pytest.raises(SystemExit) as ended:
        cli.main(["token", "create", "--role", "agent", "--expires", wrong, "--data", str(data)])
    assert ended.value.code == 2


def test_the_key_is_for_this_user_alone(data, capsys):
    created(data, capsys, "--role", "admin")
    for name in ("identity.pem", "identity.jwks.json"):
        assert (data / name).stat().st_mode & 0o077 == 0


def test_no_data_folder_is_made_by_asking(tmp_path, capsys):
    assert run(tmp_path / "none", capsys, "token", "list")[0] == 1
    assert not (tmp_path / "none").exists()


def test_the_trail_tells_of_tokens_and_says_when_it_was_changed(data, capsys):
    told = created(data, capsys, "--role", "admin")
    run(data, capsys, "token", "revoke", told["id"])
    _, lines = run(data, capsys, "audit", "list")
    assert [(one["act"], one["subject"], one["reason"]) for one in lines] == [
        ("people-change", told["id"], "revoke"),
        ("people-change", told["id"], "create"),
    ]
    assert run(data, capsys, "audit", "verify") == (
        0, [{"lines": 2, "broken": None, "why": ""}],
    )  # fmt: skip
    store = FolderObjects(data / "products")
    (first, _) = (stat.key for stat in store.list("control/audit/"))
    store.put(first, store.read(first).replace(b"create", b"nobody"))
    assert run(data, capsys, "audit", "verify") == (
        1, [{"lines": 0, "broken": 1, "why": "it was altered"}],
    )  # fmt: skip
