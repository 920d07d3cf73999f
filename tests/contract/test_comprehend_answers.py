"""Amazon Comprehend answers wrongly: no reader takes it for an answer, and none falls over it."""

from __future__ import annotations

import pytest

from chalicelib.adapters.aws.comprehend_entities import ComprehendEntities
from chalicelib.adapters.aws.comprehend_language import ComprehendLanguage
from chalicelib.adapters.aws.comprehend_pii import ComprehendPii
from chalicelib.adapters.aws.comprehend_sentiment import ComprehendSentiment
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.transcript import Role, Turn
from chalicelib.ports.language import Failed
from tests.aws_faults import Cut, Fault, Garbage, Stall, with_errors, with_fields
from tests.comprehend_service import Comprehend, asked

TURN = Turn("0", Role.AGENT, Role.AGENT, 0, 1, "good")
TEXTS = ["good", "bad", "good"]
READERS = {
    "sentiment": lambda client: ComprehendSentiment(client).score(TEXTS, "en-US"),
    "entities": lambda client: ComprehendEntities(client).find(TEXTS, "en-US"),
    "language": lambda client: ComprehendLanguage(client).identify(TEXTS),
}
ALL = READERS | {"pii": lambda client: ComprehendPii(client).spans([TURN], "en-US")}
FAULTS: dict[str, Fault] = {
    "a_proxy_answers": Garbage(),
    "a_gateway_answers": Garbage(status=502),
    "the_body_is_cut_off": Cut(9),
    "the_answer_is_too_late": Stall(30),
}
ODD = [{"Index": index, "Sentiment": "PUZZLED"} for index in range(3)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("read", ALL.values(), ids=ALL)
def test_what_is_no_answer_is_asked_for_again_later(read, fault):
    service = Comprehend()
    service.faults.append(fault)
    with asked(service, read_timeout=1) as client:
        with pytest.raises(Unavailable, match=r"^Comprehend: ") as caught:
            read(client)
        assert len(read(client)) in (0, 3)
    assert caught.value.retryable


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_results_that_say_what_nobody_knows_fail_their_texts(read):
    service = Comprehend()
    service.faults.append(with_fields(ResultList=ODD, Weather="fine"))
    with asked(service) as client:
        results = read(client)
    assert list(results) == [Failed("Amazon Comprehend: a result that cannot be read")] * 3


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_the_text_that_failed_is_asked_for_alone(read):
    service = Comprehend()
    service.faults.append(with_errors("InternalServerException", 1))
    with asked(service) as client:
        whole = list(read(client))
        assert whole == list(read(client))
    assert [r["TextList"] for r in service.requests] == [TEXTS, ["bad"], TEXTS]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_text_that_failed_for_good_fails_alone(read):
    service = Comprehend()
    service.faults.append(with_errors("InvalidRequestException", 1))
    with asked(service) as client:
        first, failed, last = read(client)
    assert failed == Failed("Amazon Comprehend: InvalidRequestException")
    assert not isinstance(first, Failed)
    assert not isinstance(last, Failed)
    assert len(service.requests) == 1
