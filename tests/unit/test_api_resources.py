"""What each resource answers, over the real local stores."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.api import evaluation_models, upload_models
from chalicelib.api.routes import ROUTES
from chalicelib.domain.principal import Principal, PrincipalRole
from tests.bots import equipped
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, FAILED, OTHER, REFUSED, RUNNING, World, populated
from tests.unit.evaluation_world import EVALUATION, FORM, evaluate

SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    made = equipped(populated(tmp_path_factory.mktemp("world")))
    made.ask("/v1/bots/survey/sessions", method="POST", body={"sessionId": "own-1"})
    evaluate(made, CALL)
    begun = made.ask("/v1/rules/greeting/backtests", method="POST", body={})
    PATHS["backtestId"] = begun.json["id"]
    for message in made.services.queues.ingest.receive(1):
        made.services.queues.ingest.done(message)
    return made


@pytest.fixture
def fresh(tmp_path) -> World:
    return populated(tmp_path)


def ids(answer) -> list[str]:
    return [item["contactId"] for item in answer.json["items"]]


PATHS = {
    "contactId": CALL,
    "uploadId": "none",
    "quarantineId": f"{REFUSED}.none",
    "formId": FORM,
    "evaluationId": EVALUATION,
    "ruleId": "greeting",
    "botId": "survey",
    "queueId": "queue-1",
    "agentId": "agent-1",
    "categoryName": "Billing dispute",
    "sessionId": "own-1",
}
OWN_TESTS = (
    "/v1/erasures/{erasureId}",
    "/v1/contacts/{contactId}/next-actions/{followUpId}/outcomes",
    "/v1/searches/{searchId}",
    "/v1/saved-searches/{savedSearchId}",
    "/v1/exports/{exportId}",
)
GETS = [r for r in ROUTES if r.method == "GET" and r.path not in OWN_TESTS]


def path_of(route) -> str:
    return route.path.format(**PATHS)


@pytest.mark.parametrize("route", GETS, ids=[r.path for r in GETS])
def test_every_get_answers_what_it_declares(world, route):
    answer = world.ask(path_of(route))
    assert answer.status == 200
    if route.response is not dict:
        shape = route.response.model_validate(answer.json)
        sparse = route.response is evaluation_models.FormDetail
        assert shape.model_dump(by_alias=True, exclude_unset=sparse) == answer.json


@pytest.mark.parametrize("route", GETS, ids=[r.path for r in GETS])
def test_every_get_carries_an_etag_unless_it_is_a_signed_url(world, route):
    first = world.ask(path_of(route))
    if route.path.endswith("/recording"):
        assert first.headers["cache-control"] == "no-store"
        assert "etag" not in first.headers
        return
    assert first.headers["cache-control"] == "private, no-cache"
    versioned = route.path.endswith(("{formId}", "{evaluationId}", "/v1/rules/{ruleId}"))
    assert first.headers["etag"].startswith('"' if versioned else 'W/"')
    for given in (first.headers["etag"], f'"x", {first.headers["etag"].removeprefix("W/")}', "*"):
        again = world.ask(path_of(route), headers={"If-None-Match": given})
        assert (again.status, again.text) == (304, "")
    assert world.ask(path_of(route), headers={"If-None-Match": 'W/"other"'}).status == 200


def test_the_newest_contact_comes_first_and_without_times_there_is_no_bound(world):
    analysed = ids(world.ask("/v1/contacts", status="COMPLETED"))
    assert analysed == [CALL, CHAT, OTHER, BOTH]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"channel": "CHAT"}, [CHAT, BOTH]),
        ({"queueId": ["queue-1", "nowhere"], "status": "COMPLETED"}, [CALL, BOTH]),
        ({"agentId": "agent-2"}, [CHAT]),
        ({"status": ["QUARANTINED", "FAILED"]}, [REFUSED, FAILED]),
        ({"category": "Billing dispute", "queueId": "queue-1"}, [CALL, BOTH]),
        ({"category": "None"}, []),
        ({"startTime": "2026-05-26T20:26:40Z", "status": "COMPLETED"}, [CALL, CHAT]),
        ({"startTime": "2026-05-26T22:26:40+02:00", "endTime": "2026-05-27T00:00:00Z"}, [CHAT]),
    ],
    ids=lambda v: str(v) if isinstance(v, dict) else "",
)
def test_filters_narrow_the_list(world, query, found):
    assert sorted(ids(world.ask("/v1/contacts", **query))) == sorted(found)


def test_pages_cover_every_contact_once(world):
    seen, token = [], None
    while True:
        answer = world.ask("/v1/contacts", maxResults=2, **({"nextToken": token} if token else {}))
        seen += ids(answer)
        token = answer.json["nextToken"]
        if not token:
            break
    assert sorted(seen) == sorted([CALL, CHAT, OTHER, RUNNING, REFUSED, FAILED, BOTH])
    assert seen == ids(world.ask("/v1/contacts"))


def test_a_summary_is_null_where_nothing_is_known(world):
    [running] = world.ask("/v1/contacts", status="IN_PROGRESS").json["items"]
    assert running["stage"] == "acoustics"
    for name in ("channel", "durationMillis", "queue", "agent", "interruptions", "error"):
        assert running[name] is None
    assert running["sentiment"] == {"agent": None, "customer": None, "shift": None}


def test_a_summary_shows_shares_of_the_conversation(world):
    [call] = world.ask("/v1/contacts", queueId="queue-1", maxResults=1).json["items"]
    assert call["talk"] == {"agentPercent": 25.0, "customerPercent": 35.0, "nonTalkPercent": 40.0}
    assert call["sentiment"]["customer"] == -1.2
    assert call["skipped"][0]["capability"] == "summary"


def test_a_failed_contact_names_its_stage_and_reason(world):
    failed = world.ask(f"/v1/contacts/{FAILED}").json
    assert (failed["status"], failed["stage"]) == ("FAILED", "transcript")
    assert failed["error"]["code"] == "stage.timeout"
    assert failed["conversations"] == []


def test_a_refused_part_is_told_with_its_key(world):
    refused = world.ask(f"/v1/contacts/{REFUSED}").json
    assert refused["error"]["objectKey"] == "bad.wav"
    assert refused["parts"][0]["error"]["code"] == "audio.header"


def test_a_detail_has_figures_categories_and_says_what_can_be_played(world):
    detail = world.ask(f"/v1/contacts/{CALL}").json
    [voice] = detail["conversations"]
    assert voice["characteristics"]["talkTime"]["byParticipant"] == {"AGENT": 500, "CUSTOMER": 700}
    assert voice["characteristics"]["responseTime"] is None
    assert voice["categories"][0]["pointsOfInterest"][0]["segmentId"] == "t-0002"
    assert voice["sentiment"]["quarters"]["CUSTOMER"][0]["score"] == -5.0
    assert (voice["recording"], voice["originalRecording"], voice["skipped"]) == (True, True, [])
    assert detail["disconnectReason"] == "CUSTOMER_DISCONNECT"


def test_a_chat_has_response_times_and_no_voice_figures(world):
    [chat] = world.ask(f"/v1/contacts/{CHAT}").json["conversations"]
    figures = chat["characteristics"]
    assert figures["responseTime"]["AGENT"]["averageMillis"] == 1000
    assert [figures[n] for n in ("talkTime", "nonTalkTime", "interruptions", "talkSpeed")] == [
        None
    ] * 4
    assert (chat["recording"], chat["acoustics"]) == (False, False)


def test_a_contact_of_two_media_is_analysed_twice(world):
    both = world.ask(f"/v1/contacts/{BOTH}").json
    assert [c["channel"] for c in both["conversations"]] == ["VOICE", "CHAT"]


@pytest.mark.parametrize(
    ("query", "version"),
    [({}, "1.1.0"), ({"channel": "CHAT"}, "CHAT-2022-11-30"), ({"channel": "VOICE"}, "1.1.0")],
    ids=["voice first", "chat when asked", "voice when asked"],
)
def test_contact_lens_documents_hold_one_conversation(world, query, version):
    answer = world.ask(f"/v1/contacts/{BOTH}/analysis", format="contactlens", **query)
    assert (answer.status, answer.json["Version"]) == (200, version)


def test_the_native_document_holds_all_conversations(world):
    document = world.ask(f"/v1/contacts/{BOTH}/analysis").json
    assert document["schema"] == "loupe/1"
    assert len(document["conversations"]) == 2


def test_a_transcript_carries_what_was_found_about_each_turn(world):
    first, second = world.ask(f"/v1/contacts/{CALL}/transcript").json["segments"]
    assert first["loudness"] == [60.5, None]
    assert [word["text"] for word in first["words"]] == ["Hello", "there."]
    assert (second["sentiment"], second["score"]) == ("NEGATIVE", -0.6)
    assert second["categories"] == ["Billing dispute"]
    [masked] = second["redactions"]
    assert second["content"][masked["begin"] : masked["end"]] == "[CREDIT_DEBIT_NUMBER]"


def test_a_long_transcript_comes_in_pages_of_200(world):
    sizes, seen, token = [], [], None
    while True:
        page = world.ask(
            f"/v1/contacts/{CHAT}/transcript", **({"nextToken": token} if token else {})
        )
        sizes.append(len(page.json["segments"]))
        seen += [s["id"] for s in page.json["segments"]]
        token = page.json["nextToken"]
        if not token:
            break
    assert sizes == [200, 200, 50]
    assert seen == [f"m-{n}" for n in range(1, w.LONG_TURNS + 1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"participantRole": "CUSTOMER", "to": 4000}, ["m-1", "m-3"]),
        ({"from": 448_000}, ["m-449", "m-450"]),
        ({"from": 1000, "to": 2000}, ["m-2"]),
        ({"from": 1000, "to": 1000}, []),
    ],
    ids=["one side up to a time", "from a time on", "between", "an empty range"],
)
def test_a_transcript_can_be_narrowed(world, query, found):
    answer = world.ask(f"/v1/contacts/{CHAT}/transcript", **query)
    assert [s["id"] for s in answer.json["segments"]] == found


def test_a_turn_that_overlaps_the_range_belongs_to_it(world):
    answer = world.ask(f"/v1/contacts/{CALL}/transcript", **{"from": 899, "to": 1000})
    assert [s["id"] for s in answer.json["segments"]] == ["t-0001"]


@pytest.mark.parametrize(("points", "got"), [(50, 50), (333, 333), (1000, 1000), (4000, 1000)])
def test_a_waveform_has_at_most_the_points_that_were_measured(world, points, got):
    wave = world.ask(f"/v1/contacts/{CALL}/waveform", points=points).json
    assert [c["participantRole"] for c in wave["channels"]] == ["CUSTOMER", "AGENT"]
    peaks = wave["channels"][0]["peaks"]
    assert len(peaks) == got
    assert peaks[-1] == 0.999
    assert peaks == sorted(peaks)


def test_the_customer_channel_is_a_setting(tmp_path):
    world = populated(tmp_path, replace(w.Settings(), customer_channel=1))
    wave = world.ask(f"/v1/contacts/{CALL}/waveform").json
    assert [c["participantRole"] for c in wave["channels"]] == ["AGENT", "CUSTOMER"]


@pytest.mark.parametrize("what", ["analysis", "transcript", "waveform"])
def test_what_is_not_analysed_yet_says_so(world, what):
    answer = world.ask(f"/v1/contacts/{RUNNING}/{what}")
    assert (answer.status, answer.json["code"]) == (404, "analysis.none")


def test_a_chat_has_no_waveform(world):
    assert world.ask(f"/v1/contacts/{CHAT}/waveform").json["code"] == "conversation.none"
    assert world.ask(f"/v1/contacts/{OTHER}/waveform").json["code"] == "acoustics.none"


def test_an_analysis_that_cannot_be_found_is_an_outage_not_an_empty_page(fresh):
    row = fresh.services.contacts.get(CALL)
    fresh.services.redacted.delete(row.publication.analysis_key)
    for path in ("", "/analysis", "/transcript"):
        answer = fresh.ask(f"/v1/contacts/{CALL}{path}")
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "5"


def test_an_upload_is_announced_put_and_completed(fresh):
    told = fresh.ask(
        "/v1/uploads",
        method="POST",
        body={"filename": "connect/acme/CallRecordings/x.wav", "size": 3},
    )
    assert told.status == 201
    assert upload_models.Upload.model_validate(told.json).url == f"/uploads/{told.json['uploadId']}"
    done = f"/v1/uploads/{told.json['uploadId']}/complete"
    assert fresh.ask(done, method="POST").json["code"] == "upload.missing"
    fresh.services.sources.put("connect/acme/CallRecordings/x.wav", b"abc")
    assert fresh.ask(done, method="POST").json == {
        "objectKey": "connect/acme/CallRecordings/x.wav",
        "contactIds": [],
    }
    [message] = fresh.services.queues.ingest.receive()
    assert message.body == {"key": "connect/acme/CallRecordings/x.wav", "reason": "upload"}
    fresh.put(w.row("known", parts=(w.part("connect/acme/CallRecordings/x.wav"),)))
    assert fresh.ask(done, method="POST").json["contactIds"] == ["known"]


def test_an_upload_that_is_announced_again_with_its_key_is_the_same_one(fresh):
    def announce(size: int, key: str) -> SimpleNamespace:
        body = {"filename": "x.wav", "size": size}
        headers = {"Idempotency-Key": key}
        return fresh.ask("/v1/uploads", method="POST", body=body, headers=headers)

    first = announce(3, "k")
    fresh.now_ms += 60_000
    assert (announce(3, "k").status, announce(3, "k").json) == (201, first.json)
    assert announce(3, "other").json != first.json
    other = announce(4, "k")
    assert (other.status, other.json["code"]) == (422, "idempotency")
    fresh.now_ms += 3_600_000
    assert announce(4, "k").status == 201


@pytest.mark.parametrize(
    ("filename", "key"),
    [
        ("call.wav", "inbox/call.wav"),
        ("../../etc/passwd", "inbox/passwd"),
        ("/etc/passwd", "inbox/passwd"),
        ("export/connect/acme/ChatTranscripts/c.json", "connect/acme/ChatTranscripts/c.json"),
        ("ünï çödé.wav", "inbox/ünï çödé.wav"),
    ],
)
def test_a_file_name_becomes_an_object_key_never_a_path(fresh, filename, key):
    told = fresh.ask("/v1/uploads", method="POST", body={"filename": filename, "size": 1})
    fresh.services.sources.put(key, b"x")
    done = fresh.ask(f"/v1/uploads/{told.json['uploadId']}/complete", method="POST")
    assert done.json["objectKey"] == key


def test_an_upload_belongs_to_who_announced_it(fresh):
    told = fresh.ask("/v1/uploads", method="POST", body={"filename": "x.wav", "size": 1})
    other = Principal("another", PrincipalRole.ADMIN)
    path = f"/v1/uploads/{told.json['uploadId']}/complete"
    assert fresh.ask(path, method="POST", who=other).status == 404


def test_an_installation_without_uploads_says_so(fresh):
    bare = World(fresh.services, upload_url=None)
    answer = bare.ask("/v1/uploads", method="POST", body={"filename": "x.wav", "size": 1})
    assert (answer.status, answer.json["code"]) == (501, "uploads.unavailable")
