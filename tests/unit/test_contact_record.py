"""Contact records as Connect delivers them: alone, in arrays, as JSON lines, again and again."""

import json

import pytest

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.errors import InputRefused
from chalicelib.formats import contact_record

CONTACT = "11aa22bb-33cc-4dd4-8ee5-66ff77aa88bb"
ARN = "arn:aws:connect:eu-west-2:111122223333:instance/the-instance"
EMPTY = {"routing_profile": (), "hierarchy": (), "disconnect_issue": (), "ai_agents": ()}
KEY = f"connect/acme/CallRecordings/2026/03/02/{CONTACT}_20260302T09:30_UTC.wav"

WHOLE = {
    "AWSAccountId": "111122223333",
    "AWSContactTraceRecordFormatVersion": "2017-03-10",
    "Agent": {
        "ARN": f"{ARN}/agent/the-agent",
        "AfterContactWorkDuration": 17,
        "AgentInteractionDuration": 240,
        "ConnectedToAgentTimestamp": "2026-03-02T09:31:00Z",
        "CustomerHoldDuration": 30,
        "LongestHoldDuration": 20,
        "NumberOfHolds": 2,
        "HierarchyGroups": {
            "Level1": {"ARN": f"{ARN}/agent-group/all", "GroupName": "All"},
            "Level2": {"ARN": f"{ARN}/agent-group/north", "GroupName": "North"},
            "Level3": None,
        },
        "RoutingProfile": {"ARN": f"{ARN}/routing-profile/r", "Name": "Basic"},
        "Username": "robin",
    },
    "Attributes": {"Tier": "gold", "Visits": 3, "Nothing": None, "Odd": {"a": 1}},
    "Channel": "VOICE",
    "ConnectedToSystemTimestamp": "2026-03-02T09:30:10Z",
    "ContactId": CONTACT.upper(),
    "CustomerEndpoint": {"Address": "+12065550100", "Type": "TELEPHONE_NUMBER"},
    "DisconnectDetails": {"PotentialDisconnectIssue": "AGENT_DEVICE_ISSUE"},
    "DisconnectReason": "CUSTOMER_DISCONNECT",
    "DisconnectTimestamp": "2026-03-02T09:35:00Z",
    "InitialContactId": None,
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2026-03-02T09:30:00Z",
    "InstanceARN": ARN,
    "LastUpdateTimestamp": "2026-03-02T09:36:00Z",
    "PreviousContactId": CONTACT,
    "Queue": {"ARN": f"{ARN}/queue/the-queue", "Duration": 50, "Name": "Billing"},
    "Recording": {"Location": f"the-bucket/{KEY}", "Status": "AVAILABLE", "Type": "AUDIO"},
    "Recordings": [
        {"Location": f"the-bucket/{KEY}", "MediaStreamType": "AUDIO"},
        {"Location": "s3://the-bucket/second.wav"},
        {"Location": "arn:aws:kinesisvideo:eu-west-2:111122223333:stream/x"},
        {"Location": None},
    ],
    "SegmentAttributes": {
        "Country": {"ValueString": "FI"},
        "Visits": {"ValueInteger": 3},
        "Products": {"ValueList": [{"ValueString": "phone"}, {"ValueString": "tv"}]},
        "Plain": "text",
        "Nothing": None,
    },
    "SomethingNew": [1, 2, 3],
    "Tags": {"team": "north"},
    "WisdomInfo": {
        "AiAgents": [
            {"AiAgentVersionId": "a:2", "AiUseCase": "SelfService", "AiAgentEscalated": True},
            {"AiAgentVersionId": "b:1", "AiUseCase": "AgentAssistance"},
            {"AiUseCase": "SelfService"},
        ]
    },
}


def read(value):
    return contact_record.read(json.dumps(value).encode())


def analytics(**configuration):
    return {
        "ContactId": CONTACT,
        "ContactLens": {"ConversationalAnalytics": {"Configuration": configuration}},
    }


@pytest.mark.parametrize(
    ("record", "language"),
    [
        pytest.param(analytics(LanguageLocale="es-US"), "es-US", id="one_locale"),
        pytest.param(analytics(LanguageLocales=["fr-CA"]), "fr-CA", id="a_list_of_one"),
        pytest.param(
            analytics(LanguageLocale="en-US", LanguageLocales=["en-US", "es-US"]),
            None,
            id="several",
        ),
        pytest.param(analytics(LanguageLocale="<b>"), None, id="no_language_tag"),
        pytest.param(analytics(LanguageLocale=None, LanguageLocales=[None]), None, id="nulls"),
        pytest.param({"ContactId": CONTACT, "ContactLens": []}, None, id="another_shape"),
        pytest.param({"ContactId": CONTACT}, None, id="nothing"),
    ],
)
def test_the_language_is_the_one_that_the_contact_flow_set(record, language):
    assert read(record).records[0].language == language


def test_every_field_is_read():
    assert read(WHOLE).records == (
        ContactRecord(
            contact_id=CONTACT,
            last_update="2026-03-02T09:36:00.000Z",
            channel="VOICE",
            initiation_method="INBOUND",
            initiation_time="2026-03-02T09:30:00.000Z",
            connected_time="2026-03-02T09:31:00.000Z",
            disconnect_time="2026-03-02T09:35:00.000Z",
            disconnect_reason="CUSTOMER_DISCONNECT",
            instance_id="the-instance",
            account_id="111122223333",
            agent_id="the-agent",
            agent_name="robin",
            agent_interaction_s=240,
            after_contact_work_s=17,
            hold_s=30,
            longest_hold_s=20,
            holds=2,
            queue_id="the-queue",
            queue_name="Billing",
            queue_wait_s=50,
            customer_address="+12065550100",
            previous_contact_id=CONTACT,
            initial_contact_id=None,
            attributes={"Tier": "gold", "Visits": "3"},
            media_keys=(KEY, "second.wav"),
            routing_profile=("r",),
            hierarchy=("all", "north"),
            disconnect_issue=("AGENT_DEVICE_ISSUE",),
            ai_agents=(
                "a:2;AiAgentUseCase=SelfService;AiAgentEscalatedToHuman=TRUE",
                "b:1;AiAgentUseCase=AgentAssistance",
            ),
            segment_attributes={
                "Country": ("FI",),
                "Visits": ("3",),
                "Products": ("phone", "tv"),
                "Plain": ("text",),
            },
            tags={"team": "north"},
            instance_arn=ARN,
        ),
    )


def test_a_record_needs_nothing_but_its_id():
    assert read({"ContactId": "c"}).records == (ContactRecord("c", **EMPTY),)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("Agent", {"Arn": "a/agent/x"}, {"agent_id": "x"}, id="arn_in_other_case"),
        pytest.param("agent", {"arn": "x"}, {"agent_id": "x"}, id="camel_case"),
        pytest.param("Agent", "robin", {}, id="an_agent_that_is_no_object"),
        pytest.param("Agent", {"NumberOfHolds": "2"}, {"holds": 2}, id="a_count_as_text"),
        pytest.param("Agent", {"NumberOfHolds": -1}, {}, id="a_negative_count"),
        pytest.param("Agent", {"NumberOfHolds": True}, {}, id="a_truth_is_no_count"),
        pytest.param("Agent", {"NumberOfHolds": "9" * 90}, {}, id="an_absurd_count"),
        pytest.param("Queue", {"Duration": 2.0}, {"queue_wait_s": 2}, id="a_count_as_a_fraction"),
        pytest.param("Channel", " voice ", {"channel": "VOICE"}, id="a_channel_in_lower_case"),
        pytest.param("Channel", "", {}, id="an_empty_channel"),
        pytest.param("LastUpdateTimestamp", 5, {}, id="a_time_that_is_a_number"),
        pytest.param("InstanceARN", "i/", {}, id="an_arn_without_an_end"),
        pytest.param("Attributes", [], {}, id="attributes_that_are_no_map"),
        pytest.param("Recording", {"Location": "only-a-bucket"}, {}, id="a_location_without_a_key"),
        pytest.param("Recordings", "x", {}, id="recordings_that_are_no_list"),
        pytest.param(
            "ConnectedToSystemTimestamp",
            "2026-03-02T10:30:10+01:00",
            {"connected_time": "2026-03-02T09:30:10.000Z"},
            id="the_system_connected_and_no_agent",
        ),
    ],
)
def test_odd_fields_are_read_leniently(name, value, expected):
    assert read({"ContactId": "c", name: value}).records == (
        ContactRecord("c", **{**EMPTY, **expected}),
    )


LINE = json.dumps({"ContactId": "a"}).encode()
OTHER = json.dumps({"ContactId": "b"}).encode()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" + LINE + b"," + OTHER + b"]", id="an_array"),
        pytest.param(LINE + b"\n" + OTHER + b"\n", id="lines"),
        pytest.param(
            b"\xef\xbb\xbf" + LINE + b"\r\n\r\n" + OTHER, id="lines_with_a_mark_and_blanks"
        ),
        pytest.param(LINE + OTHER, id="no_separator"),
    ],
)
def test_several_records_in_one_object(body):
    file = contact_record.read(body)
    assert [record.contact_id for record in file.records] == ["a", "b"]
    assert file.refusals == ()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(b"oops", "record.json", id="not_json"),
        pytest.param(b'{"ContactId": "a", "ContactId": "b"}', "record.json", id="duplicate_keys"),
        pytest.param(b'{"Channel": "VOICE"}', "record.schema", id="no_contact_id"),
        pytest.param(b'{"ContactId": "  "}', "record.schema", id="a_blank_contact_id"),
        pytest.param(
            b'{"ContactId": "' + b"x" * 257 + b'"}', "record.schema", id="a_long_contact_id"
        ),
        pytest.param(b"[1]", "record.schema", id="not_an_object"),
        pytest.param('{"ContactId": "é"}'.encode("latin-1"), "record.encoding", id="latin_1"),
    ],
)
def test_a_bad_line_does_not_lose_the_others(bad, code):
    file = contact_record.read(LINE + b"\n" + bad + b"\n" + OTHER)
    assert [record.contact_id for record in file.records] == ["a", "b"]
    assert [refusal.code for refusal in file.refusals] == [code]
    with pytest.raises(InputRefused) as refused:
        contact_record.read(bad)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "object.empty", id="no_bytes"),
        pytest.param(b"[]", "record.schema", id="an_empty_array"),
        pytest.param(LINE.decode().encode("utf-16"), "record.encoding", id="utf_16"),
        pytest.param(b"\n\n", "record.json", id="nothing_but_blank_lines"),
    ],
)
def test_an_object_without_any_record_is_refused(body, code):
    with pytest.raises(InputRefused) as refused:
        contact_record.read(body)
    assert refused.value.code == code


def test_a_bad_entry_of_an_array_does_not_lose_the_others():
    file = contact_record.read(b"[" + LINE + b", 5]")
    assert len(file.records) == len(file.refusals) == 1


def test_repairs_are_reported():
    file = contact_record.read(rb'{"ContactId": "a", "Attributes": {"n": "\ud800"}}')
    assert file.flags == ("lone_surrogate",)


def test_the_latest_update_of_the_contact_counts():
    def record(contact_id, update, name=None):
        return ContactRecord(contact_id, last_update=update, agent_name=name)

    old, new = (
        record(CONTACT, "2026-01-01T00:00:00.000Z"),
        record(CONTACT, "2026-01-02T00:00:00.000Z"),
    )
    again = record(CONTACT, "2026-01-02T00:00:00.000Z", "robin")
    other = record("other", "2027-01-01T00:00:00.000Z")
    assert contact_record.latest([new, other, old], CONTACT.upper()) == new
    assert contact_record.latest([old, new, again], CONTACT) == again
    assert contact_record.latest([other], CONTACT) is None
