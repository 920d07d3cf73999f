"""Amazon Transcribe, standard batch jobs: channel identification for stereo, speakers for mono."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.aws import transcribe_jobs as jobs
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Engine, Transcript
from chalicelib.formats import transcribe
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import ObjectStore

MAX_SPEAKERS = 2


class AmazonTranscribe:
    """A ``Transcriber`` whose jobs run at the service.

    ``results`` is the store over ``results_bucket``, where the service puts its output.
    ``vocabulary`` names a custom vocabulary of the account. ``kms_key`` encrypts that output, if given.
    The sample rate is left for the service to read. ``why`` stands in for another engine: the
    transcripts tell it.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401
        results: ObjectStore,
        *,
        sources_bucket: str,
        results_bucket: str,
        method: Method,
        vocabulary: str = "",
        kms_key: str = "",
        why: str = "",
    ) -> None:
        detail = jobs.detail(vocabulary)
        self.engine = Engine("Amazon Transcribe", "", f"{detail}; {why}" if why else detail)
        self._client = client
        self._results = results
        self._sources_bucket = sources_bucket
        self._results_bucket = results_bucket
        self._method = method
        self._vocabulary = jobs.vocabulary(vocabulary)
        self._kms_key = kms_key

    def start(self, job: SpeechJob) -> JobState:
        """RUNNING, or how an earlier job of this name stands, or FAILED with ``transcribe.request``."""
        refusal = jobs.start(self._client.start_transcription_job, self._request(job))
        return JobState("FAILED", failure=refusal) if refusal else self.look(job)

    def look(self, job: SpeechJob) -> JobState:
        found = jobs.get(self._client.get_transcription_job, {"TranscriptionJobName": job.name})
        if found is None:
            return JobState("ABSENT")
        known = found["TranscriptionJob"]
        return jobs.state_of(
            known.get("TranscriptionJobStatus", ""),
            known.get("FailureReason", ""),
            self._results,
            job.result_key,
            lambda doc: self._read(doc, job),
        )

    def forget(self, job: SpeechJob) -> None:
        """Delete the job and the output that it wrote."""
        jobs.get(self._client.delete_transcription_job, {"TranscriptionJobName": job.name})
        self._results.delete(job.result_key)

    def _read(self, doc: Any, job: SpeechJob) -> Transcript:  # noqa: ANN401
        return transcribe.read(
            doc, roles=job.roles, method=self._method, language=job.language, engine=self.engine
        )

    def _request(self, job: SpeechJob) -> dict[str, Any]:
        stereo = {"ChannelIdentification": True}
        mono = {"ShowSpeakerLabels": True, "MaxSpeakerLabels": MAX_SPEAKERS}
        key = {"OutputEncryptionKMSKeyId": self._kms_key} if self._kms_key else {}
        return {
            "TranscriptionJobName": job.name,
            "LanguageCode": job.language,
            "MediaFormat": "wav",
            "Media": {"MediaFileUri": f"s3://{self._sources_bucket}/{job.source_key}"},
            "OutputBucketName": self._results_bucket,
            "OutputKey": job.result_key,
            "Settings": (stereo if len(job.roles) == 2 else mono) | self._vocabulary,
            **key,
        }
