"""One suite for the port ``Transcriber``, over the fake, the local engine and both AWS adapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

import pytest

from chalicelib.adapters.aws.amazon_transcribe import AmazonTranscribe
from chalicelib.adapters.aws.by_channels import ByChannels
from chalicelib.adapters.aws.call_analytics import CallAnalytics
from chalicelib.adapters.engines.faster_whisper import FasterWhisper
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.method import Method
from chalicelib.domain.timeline import turns_of_participants
from chalicelib.domain.transcript import Channel, Engine, Participant, Role, Transcript, Word
from chalicelib.ports.speech import JobState, SpeechJob, Transcriber
from tests import spoken
from tests.aws_endpoint import Refused, Transcribe, client, serving
from tests.fakes.stores import MemoryObjects
from tests.fakes.transcriber import FakeTranscriber

KEY = "connect/acme/CallRecordings/2026/01/05/c1_20260105T09:00_UTC.wav"
BOTH = (Role.CUSTOMER, Role.AGENT)
ROLE = "arn:aws:iam::111122223333:role/transcribe"
SAID = {
    Role.AGENT: [
        ("Thank", 900, 1200),
        ("you", 1200, 1400),
        ("for", 1400, 1600),
        ("calling", 1600, 2100),
    ],
    Role.CUSTOMER: [("You", 7900, 8100), ("people", 8100, 8500)],
}


class World(Protocol):
    """A transcriber with a way to move its jobs on. ``asynchronous``: a service does the work."""

    transcriber: Transcriber
    asynchronous: bool

    def job(self, name: str) -> SpeechJob: ...
    def finish(self, job: SpeechJob) -> None: ...
    def fail(self, job: SpeechJob, reason: str) -> None: ...
    def starts(self, job: SpeechJob) -> int: ...
    def throttle(self) -> None: ...


def _job(name: str, etag: str = "e1") -> SpeechJob:
    return SpeechJob(name, KEY, etag, BOTH, 8000, "en-US", f"raw/c1/transcribe/{name}.json")


class FakeWorld:
    asynchronous = True

    def __init__(self) -> None:
        self.transcriber = FakeTranscriber()

    job = staticmethod(_job)

    def finish(self, job: SpeechJob) -> None:
        people = tuple(Participant(role.value, role) for role in BOTH)
        spoken = {who: [Word(*w) for w in SAID[who.role]] for who in people}
        turns = turns_of_participants(spoken, Method())
        made = Transcript(Channel.VOICE, "en-US", people, turns, Engine("fake", "1"))
        self.transcriber.finish(job.name, made)

    def fail(self, job: SpeechJob, reason: str) -> None:
        self.transcriber.fail(job.name, reason)

    def starts(self, job: SpeechJob) -> int:
        return 1 if job.name in self.transcriber.started else 0

    def throttle(self) -> None:
        self.transcriber.throttle(1)


class AwsWorld:
    """Real boto3 over HTTP; what the service writes lands in the results store."""

    asynchronous = True

    def __init__(self, adapter: type[Any], transcribe: Any, service: Transcribe) -> None:
        role = {"role": ROLE} if adapter is CallAnalytics else {}
        self.service = service
        self.transcriber = adapter(
            transcribe,
            service.results,
            sources_bucket="connect-bucket",
            results_bucket="loupe-raw",
            method=Method(),
            **role,
        )

    job = staticmethod(_job)

    def finish(self, job: SpeechJob) -> None:
        analytics = isinstance(self.transcriber, CallAnalytics)
        self.service.complete(job.name, _analytics_output() if analytics else _standard_output())

    def fail(self, job: SpeechJob, reason: str) -> None:
        self.service.fail(job.name, reason)

    def starts(self, job: SpeechJob) -> int:
        return sum(job.name in request.values() for request in self.service.requests)

    def throttle(self) -> None:
        self.service.faults.append(Refused(400, "LimitExceededException", "Too many requests"))


class WhisperWorld:
    """The local engine with the recording it is to hear."""

    asynchronous = False

    def __init__(self, transcriber: FasterWhisper, sources: MemoryObjects) -> None:
        self.transcriber = transcriber
        self._stat = sources.put(KEY, spoken.stereo())

    def job(self, name: str) -> SpeechJob:
        return _job(name, self._stat.etag)


def _standard_output() -> dict[str, Any]:
    def item(label: str, text: str, begin: int, end: int) -> dict[str, Any]:
        return {
            "channel_label": label,
            "type": "pronunciation",
            "start_time": str(begin / 1000),
            "end_time": str(end / 1000),
            "alternatives": [{"confidence": "0.9", "content": text}],
        }

    channels = [
        {"channel_label": f"ch_{n}", "items": [item(f"ch_{n}", *word) for word in SAID[role]]}
        for n, role in enumerate(BOTH)
    ]
    labels = {"channels": channels, "number_of_channels": 2}
    return {"status": "COMPLETED", "results": {"channel_labels": labels, "items": []}}


def _speaker_labelled_output() -> dict[str, Any]:
    items = [
        {
            "speaker_label": f"spk_{n}",
            "type": "pronunciation",
            "start_time": str(begin / 1000),
            "end_time": str(end / 1000),
            "alternatives": [{"confidence": "0.9", "content": text}],
        }
        for n, role in enumerate(reversed(BOTH))
        for text, begin, end in SAID[role]
    ]
    return {"status": "COMPLETED", "results": {"items": items}}


def _analytics_output() -> dict[str, Any]:
    def turn(role: Role) -> dict[str, Any]:
        words = SAID[role]
        return {
            "Id": role.value.lower(),
            "ParticipantRole": role.value,
            "BeginOffsetMillis": words[0][1],
            "EndOffsetMillis": words[-1][2],
            "Content": " ".join(word[0] for word in words),
            "Sentiment": "NEUTRAL",
            "Items": [
                {
                    "Type": "pronunciation",
                    "Content": text,
                    "Confidence": 0.9,
                    "BeginOffsetMillis": begin,
                    "EndOffsetMillis": end,
                }
                for text, begin, end in words
            ],
        }

    return {
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-US",
        "Participants": [{"ParticipantRole": role.value} for role in BOTH],
        "Transcript": [turn(Role.AGENT), turn(Role.CUSTOMER)],
    }


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperWorld]:
    sources = MemoryObjects()
    engine = FasterWhisper(sources, workers=2, threads=1, method=Method())
    yield WhisperWorld(engine, sources)
    engine.close()


@pytest.fixture
def service() -> Transcribe:
    return Transcribe(MemoryObjects())


@pytest.fixture
def aws(service: Transcribe) -> Iterator[Any]:
    with serving(service) as url, client(url) as made:
        yield made


SERVICES = ["fake", "amazon_transcribe", "call_analytics"]
ADAPTERS = {"amazon_transcribe": AmazonTranscribe, "call_analytics": CallAnalytics}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    if request.param == "whisper":
        return request.getfixturevalue("whisper")
    made = request.getfixturevalue("aws")
    return AwsWorld(ADAPTERS[request.param], made, request.getfixturevalue("service"))


services = pytest.mark.parametrize("world", SERVICES, indirect=True)
everyone = pytest.mark.parametrize(
    "world", [*SERVICES, pytest.param("whisper", marks=pytest.mark.speech)], indirect=True
)


def _done(world: World, name: str) -> JobState:
    job = world.job(name)
    state = world.transcriber.start(job)
    if world.asynchronous:
        assert state == JobState("RUNNING")
        world.finish(job)
        state = world.transcriber.look(job)
    return state


@everyone
def test_a_finished_job_brings_each_sides_words_in_time_order(world: World) -> None:
    state = _done(world, "loupe-words")
    assert (state.state, state.failure) == ("DONE", None)
    transcript = state.transcript
    assert transcript
    assert {person.role for person in transcript.participants} == set(BOTH)
    said = {r: " ".join(t.text for t in transcript.analysed_turns(r)).lower() for r in BOTH}
    assert "thank you for calling" in said[Role.AGENT]
    assert "you people" in said[Role.CUSTOMER]
    assert [t.begin_ms for t in transcript.turns] == sorted(t.begin_ms for t in transcript.turns)
    for turn in transcript.turns:
        assert all(a.begin_ms <= b.begin_ms for a, b in pairwise(turn.words))
        assert all(turn.begin_ms <= w.begin_ms <= w.end_ms <= turn.end_ms for w in turn.words)
        assert turn.text.split() == [part for w in turn.words for part in w.text.split()]


@everyone
def test_the_transcript_names_the_engine_that_made_it(world: World) -> None:
    made = _done(world, "loupe-engine").transcript
    assert made
    assert made.engine.name == world.transcriber.engine.name
    assert made.engine.detail != "imported"


@everyone
def test_a_job_that_nobody_started_is_absent(world: World) -> None:
    assert world.transcriber.look(world.job("loupe-never")) == JobState("ABSENT")


@everyone
def test_forgetting_a_job_that_is_not_there_is_no_error(world: World) -> None:
    world.transcriber.forget(world.job("loupe-never"))


@services
def test_a_second_start_of_one_name_is_the_first(world: World) -> None:
    job = world.job("loupe-twice")
    assert world.transcriber.start(job) == world.transcriber.start(job) == JobState("RUNNING")
    assert world.starts(job) == 1


@services
def test_a_second_start_of_a_finished_job_brings_its_result(world: World) -> None:
    first = _done(world, "loupe-again")
    assert world.transcriber.start(world.job("loupe-again")) == first


@services
def test_a_failed_job_says_why(world: World) -> None:
    job = world.job("loupe-failed")
    world.transcriber.start(job)
    world.fail(job, "The media format is not supported.")
    state = world.transcriber.look(job)
    assert state.state == "FAILED"
    assert state.failure
    assert state.failure.code == "transcribe.failed"
    assert "media format" in state.failure.detail


@services
def test_a_forgotten_job_is_absent(world: World) -> None:
    _done(world, "loupe-forget")
    world.transcriber.forget(world.job("loupe-forget"))
    assert world.transcriber.look(world.job("loupe-forget")) == JobState("ABSENT")


@services
@pytest.mark.parametrize("method", ["start", "look", "forget"])
def test_a_throttled_call_may_be_tried_again(world: World, method: str) -> None:
    job = world.job("loupe-throttled")
    world.throttle()
    with pytest.raises(Unavailable) as caught:
        getattr(world.transcriber, method)(job)
    assert caught.value.retryable
    getattr(world.transcriber, method)(job)


aws_only = pytest.mark.parametrize("world", list(ADAPTERS), indirect=True)


@aws_only
def test_a_failure_reason_does_not_carry_the_address_of_the_recording(world: AwsWorld) -> None:
    job = world.job("loupe-address")
    world.transcriber.start(job)
    world.fail(job, f"Cannot read s3://connect-bucket/{KEY}\nCheck access.")
    failure = world.transcriber.look(job).failure
    assert failure
    assert failure.detail == "Cannot read the object Check access."


@aws_only
def test_a_request_that_the_service_refuses_is_a_failed_job(world: AwsWorld) -> None:
    world.service.faults.append(Refused(400, "BadRequestException", "no such vocabulary"))
    state = world.transcriber.start(world.job("loupe-refused"))
    assert state.state == "FAILED"
    assert state.failure
    assert state.failure.code == "transcribe.request"


@aws_only
@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        pytest.param(500, "InternalFailureException", True, id="the_service_broke"),
        pytest.param(429, "LimitExceededException", True, id="too_many_jobs"),
        pytest.param(400, "ThrottlingException", True, id="too_many_calls"),
        pytest.param(403, "AccessDeniedException", False, id="not_allowed"),
    ],
)
def test_what_may_pass_is_told_from_what_must_be_repaired(
    world: AwsWorld, status: int, code: str, retryable: bool
) -> None:
    world.service.faults.append(Refused(status, code, "no"))
    with pytest.raises(Unavailable) as caught:
        world.transcriber.look(world.job("loupe-fault"))
    assert caught.value.retryable is retryable
    assert code in str(caught.value)


@aws_only
def test_a_complete_job_whose_output_is_not_seen_yet_is_asked_again(world: AwsWorld) -> None:
    job = world.job("loupe-late")
    world.transcriber.start(job)
    world.finish(job)
    world.service.results.delete(job.result_key)
    with pytest.raises(Unavailable) as caught:
        world.transcriber.look(job)
    assert caught.value.retryable


@aws_only
def test_an_output_that_is_no_transcript_fails_the_job(world: AwsWorld) -> None:
    job = world.job("loupe-odd")
    world.transcriber.start(job)
    world.service.complete(job.name, {"results": {"items": "none"}})
    state = world.transcriber.look(job)
    assert state.state == "FAILED"
    assert state.failure
    assert state.failure.code == "transcript.schema"


@aws_only
def test_forgetting_removes_the_output_of_the_service(world: AwsWorld) -> None:
    job = world.job("loupe-output")
    _done(world, job.name)
    world.transcriber.forget(job)
    assert world.service.results.stat(job.result_key) is None


def test_standard_jobs_identify_channels_and_write_to_the_given_key(
    aws: Any, service: Transcribe
) -> None:
    world = AwsWorld(AmazonTranscribe, aws, service)
    world.transcriber.start(_job("loupe-request"))
    (request,) = service.requests
    assert request["Media"] == {"MediaFileUri": f"s3://connect-bucket/{KEY}"}
    assert request["OutputBucketName"] == "loupe-raw"
    assert request["OutputKey"] == "raw/c1/transcribe/loupe-request.json"
    assert request["LanguageCode"] == "en-US"
    assert request["Settings"] == {"ChannelIdentification": True}


def test_standard_jobs_tell_the_speakers_of_a_mono_recording_apart(
    aws: Any, service: Transcribe
) -> None:
    world = AwsWorld(AmazonTranscribe, aws, service)
    world.transcriber.start(replace(_job("loupe-mono"), roles=(Role.UNKNOWN,)))
    assert service.requests[0]["Settings"] == {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}


@pytest.mark.parametrize("adapter", list(ADAPTERS.values()))
def test_outputs_are_encrypted_with_the_given_key(
    aws: Any, service: Transcribe, adapter: type[Any]
) -> None:
    role = {"role": ROLE} if adapter is CallAnalytics else {}
    made = adapter(
        aws,
        service.results,
        sources_bucket="connect-bucket",
        results_bucket="loupe-raw",
        method=Method(),
        kms_key="alias/loupe",
        **role,
    )
    made.start(_job("loupe-key"))
    assert service.requests[0]["OutputEncryptionKMSKeyId"] == "alias/loupe"


@pytest.mark.parametrize(
    ("adapter", "own", "settings"),
    [
        pytest.param(AmazonTranscribe, {}, {"ChannelIdentification": True}, id="standard"),
        pytest.param(CallAnalytics, {"role": ROLE}, {}, id="call_analytics"),
    ],
)
def test_a_vocabulary_goes_with_the_job_and_is_told_by_its_transcripts(
    aws: Any,
    service: Transcribe,
    adapter: type[Any],
    own: dict[str, str],
    settings: dict[str, bool],
) -> None:
    made = adapter(
        aws,
        service.results,
        sources_bucket="connect-bucket",
        results_bucket="loupe-raw",
        method=Method(),
        vocabulary="our-trade",
        **own,
    )
    made.start(_job("loupe-vocabulary"))
    assert service.requests[0]["Settings"] == settings | {"VocabularyName": "our-trade"}
    assert made.engine.detail == "batch; vocabulary our-trade"


@pytest.mark.parametrize("roles", [BOTH, BOTH[::-1]], ids=["customer_left", "agent_left"])
def test_call_analytics_is_told_who_is_on_which_channel(
    aws: Any, service: Transcribe, roles: tuple[Role, ...]
) -> None:
    world = AwsWorld(CallAnalytics, aws, service)
    world.transcriber.start(replace(_job("loupe-roles"), roles=roles))
    assert service.requests[0]["ChannelDefinitions"] == [
        {"ChannelId": 0, "ParticipantRole": roles[0].value},
        {"ChannelId": 1, "ParticipantRole": roles[1].value},
    ]
    assert service.requests[0]["DataAccessRoleArn"] == ROLE


def test_call_analytics_refuses_a_mono_recording_and_says_what_takes_it(
    aws: Any, service: Transcribe
) -> None:
    world = AwsWorld(CallAnalytics, aws, service)
    state = world.transcriber.start(replace(_job("loupe-mono"), roles=(Role.UNKNOWN,)))
    assert state.state == "FAILED"
    assert state.failure
    assert state.failure.code == "call_analytics.channels"
    assert "standard Transcribe" in state.failure.detail
    assert service.requests == []


@pytest.mark.parametrize(
    ("roles", "operation", "detail"),
    [
        pytest.param(BOTH, "CallAnalyticsJobName", "batch", id="call_analytics_for_two_channels"),
        pytest.param(
            (Role.UNKNOWN,),
            "TranscriptionJobName",
            "batch; one channel, which Call Analytics does not take",
            id="a_standard_job_for_one_channel",
        ),
    ],
)
def test_call_analytics_leaves_one_channel_to_a_standard_job_that_says_so(
    aws: Any, service: Transcribe, roles: tuple[Role, ...], operation: str, detail: str
) -> None:
    sides = AwsWorld(CallAnalytics, aws, service).transcriber
    mixed = AmazonTranscribe(
        aws,
        service.results,
        sources_bucket="connect-bucket",
        results_bucket="loupe-raw",
        method=Method(),
        why="one channel, which Call Analytics does not take",
    )
    both = ByChannels(sides, mixed)
    job = replace(_job("loupe-either"), roles=roles)
    assert both.look(job).state == "ABSENT"
    assert both.start(job).state == "RUNNING"
    assert operation in service.requests[0]
    service.complete(job.name, _analytics_output() if roles == BOTH else _speaker_labelled_output())
    transcript = both.look(job).transcript
    assert transcript
    assert transcript.engine.detail == detail
    assert {t.role for t in transcript.turns} == set(BOTH)
    both.forget(job)
    assert both.look(job).state == "ABSENT"


def test_an_endpoint_that_does_not_answer_may_answer_later(service: Transcribe) -> None:
    with serving(service) as url:
        pass
    with client(url) as made, pytest.raises(Unavailable) as caught:
        AwsWorld(AmazonTranscribe, made, service).transcriber.look(_job("loupe-nobody"))
    assert caught.value.retryable


def test_the_endpoint_refuses_operations_that_nobody_wrote(aws: Any) -> None:
    with pytest.raises(aws.exceptions.ClientError, match="UnknownOperationException"):
        aws.list_transcription_jobs()
