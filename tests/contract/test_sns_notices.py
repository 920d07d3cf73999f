"""What an SNS topic is given, on an emulation that says what arrived."""

import json
import uuid

import pytest

from chalicelib.adapters.aws.sns_notices import SnsNotices
from chalicelib.domain.errors import Unavailable
from chalicelib.ports.actions import Notice


def notice(**known):
    given = {"subject": "Refund asked for", "content": "Call back", "agent_id": "ada"}
    return Notice("n-1", "r", "Refund", 2, "c-1", "VOICE", 1000, **{**given, **known})


@pytest.fixture
def topic(aws):
    """A topic and a look at what it delivered."""
    sns, sqs = aws("sns"), aws("sqs")
    name = f"notices-{uuid.uuid4().hex}"
    arn = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=told["QueueArn"])

    def arrived():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return SnsNotices(sns, arn), arrived


def test_a_notice_arrives_with_its_id(topic):
    sender, arrived = topic
    sender.send(notice())
    (got,) = arrived()
    assert got["Subject"] == "Refund asked for"
    assert got["Message"] == (
        "Call back\n\nRule: Refund (version 2)\nContact: c-1\nChannel: VOICE\nAgent: ada"
    )
    assert {name: one["Value"] for name, one in got["MessageAttributes"].items()} == {
        "id": "n-1",
        "contactId": "c-1",
        "ruleId": "r",
    }


SUBJECTS = {
    "a_long_one_is_cut": ("x" * 200, "x" * 100),
    "lines_become_one": ("a\nb\tc", "a b c"),
    "other_letters_are_marked": ("Käse", "K?se"),
    "none_is_the_rule": ("", "Refund"),
}


@pytest.mark.parametrize(("subject", "told"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_is_one_that_mail_can_have(topic, subject, told):
    sender, arrived = topic
    sender.send(notice(subject=subject))
    assert arrived()[0]["Subject"] == told


def test_a_topic_that_is_not_there_is_not_asked_again(aws):
    arn = "arn:aws:sns:eu-central-1:123456789012:gone"
    with pytest.raises(Unavailable) as told:
        SnsNotices(aws("sns"), arn).send(notice())
    assert not told.value.retryable
