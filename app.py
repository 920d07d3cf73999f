"""Loupe on AWS: every trigger and nothing else.

Each handler says what happened and hands over to the flow. Retries, concurrency, dead letters and
alarms are declared on the triggers, in ``infrastructure/``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from chalice.app import Chalice, ConvertToMiddleware, Request, Response, SQSEvent, SQSRecord

from chalicelib import flow
from chalicelib.api.app import Handler
from chalicelib.api.aws import aws_handler, mount
from chalicelib.bootstrap import aws_services
from chalicelib.domain.dialogue import FAILED
from chalicelib.domain.errors import LoupeError, told
from chalicelib.domain.events import Hint
from chalicelib.flow.fulfilment import Fulfilment
from chalicelib.formats.bot_file import shipped
from chalicelib.formats.eventbridge import hints, work_order
from chalicelib.ports.services import Services

app = Chalice(app_name="loupe")
logger = Logger(service="loupe")
metrics = Metrics(namespace="Loupe", service="loupe")
app.register_middleware(ConvertToMiddleware(logger.inject_lambda_context))
app.register_middleware(ConvertToMiddleware(metrics.log_metrics))

Answer = dict[str, list[dict[str, str]]]


def services() -> Services:
    """Every port, made at the first message and kept."""
    return aws_services(os.environ)


@cache
def api() -> Handler:
    """The API, made at the first request and kept."""
    return aws_handler(os.environ)


mount(app, api)


@app.middleware("http")
def count(request: Request, respond: Callable[[Request], Response]) -> Response:
    response = respond(request)
    fault = response.status_code >= 500
    metrics.add_metric(name="ApiRequests", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="ApiFaults", unit=MetricUnit.Count, value=int(fault))
    return response


@app.on_sqs_message(queue="ingest", batch_size=5, maximum_concurrency=10)
def ingest(event: SQSEvent) -> Answer:
    """An object came or went, a job ended, somebody asked again: look at the contact."""
    return each(event, hinted(flow.advance))


@app.on_sqs_message(queue="speech", batch_size=1, maximum_concurrency=5)
def speech(event: SQSEvent) -> Answer:
    """A contact waits for its transcript."""
    return each(event, hinted(flow.speak), give_up)


@app.on_sqs_message(queue="facts", batch_size=10, maximum_concurrency=2)
def facts(event: SQSEvent) -> Answer:
    """A commit left facts in the outbox."""
    return each(event, lambda _: deliver())


@app.on_sqs_message(queue="follow-ups", batch_size=1, maximum_concurrency=5)
def follow_ups(event: SQSEvent) -> Answer:
    """A publication brought something about."""
    return each(event, carry_out, give_up_follow_up)


@app.on_sqs_message(queue="reconcile", batch_size=1, maximum_concurrency=2)
def reconcile(event: SQSEvent) -> Answer:
    """The clock struck: find what events have missed."""
    return each(event, lambda _: sweep())


@app.lambda_function(name="lex_fulfilment")
def lex_fulfilment(event: dict[str, object], context: object) -> dict[str, object]:
    """A bot at Lex V2 asks what comes next, or has an intent to be fulfilled."""
    del context
    answer = Fulfilment(services(), shipped()).answer(event)
    failed = answer["sessionState"]["intent"]["state"] == FAILED
    metrics.add_metric(name="FailedIntents", unit=MetricUnit.Count, value=int(failed))
    return answer


def hinted(act: Callable[[Services, Hint], object]) -> Callable[[SQSRecord], None]:
    def work(record: SQSRecord) -> None:
        for hint in hints(record.body):
            act(services(), hint)

    return work


def carry_out(record: SQSRecord) -> None:
    flow.follow_up(services(), work_order(record.body))


def give_up_follow_up(record: SQSRecord, why: str) -> None:
    flow.give_up_follow_up(services(), work_order(record.body), why)


def give_up(record: SQSRecord, why: str) -> None:
    for hint in hints(record.body):
        flow.give_up(services(), hint, why)


def deliver() -> None:
    while flow.deliver_facts(services()):
        pass


def sweep() -> None:
    found = flow.reconcile(services())
    metrics.add_metric(name="ReconcileHints", unit=MetricUnit.Count, value=found.hints)
    deliver()


def each(
    event: SQSEvent,
    work: Callable[[SQSRecord], object],
    give_up: Callable[[SQSRecord, str], object] | None = None,
) -> Answer:
    """Work off the records one by one; those that failed come back, the others do not.

    ``give_up`` is told of a record whose last delivery failed; what it records is no dead letter.
    """
    failed = [record for record in event if not done(record, work, give_up)]
    metrics.add_metric(name="FailedMessages", unit=MetricUnit.Count, value=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message_id(record)} for record in failed]}


def done(
    record: SQSRecord,
    work: Callable[[SQSRecord], object],
    give_up: Callable[[SQSRecord, str], object] | None,
) -> bool:
    try:
        work(record)
    except Exception as error:  # noqa: BLE001 one bad message must not take the others with it
        logger.error(  # noqa: TRY400 - a trace quotes content
            "message %s failed: %s", message_id(record), told(error)
        )
        if give_up is None or receives(record) < services().settings.max_receives:
            return False
        why = str(error) if isinstance(error, LoupeError) else f"unexpected {type(error).__name__}"
        return done(record, lambda last: give_up(last, why), None)
    return True


def message_id(record: SQSRecord) -> str:
    return str(record.to_dict()["messageId"])


def receives(record: SQSRecord) -> int:
    return int(record.to_dict()["attributes"]["ApproximateReceiveCount"])
