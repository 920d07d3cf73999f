"""Amazon Transcribe Call Analytics jobs: turns with sentiment, loudness and highlights from AWS."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.aws import transcribe_jobs as jobs
from chalicelib.domain.contact import Refusal
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import ANALYSED_ROLES, Engine
from chalicelib.formats import call_analytics
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import ObjectStore

MONO = Refusal(
    "call_analytics.channels",
    "Call Analytics needs one channel for the agent and one for the customer;"
    " standard Transcribe takes this recording",
)


class CallAnalytics:
    """A ``Transcriber`` for two-channel recordings; any other is FAILED with
    ``call_analytics.channels``, so that whoever falls back to another engine does it knowingly.

    ``role``: the data access role that the service reads and writes with. ``vocabulary`` names a custom
    vocabulary of the account. ``method`` is not used:
    turns are the service's own.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401
        results: ObjectStore,
        *,
        sources_bucket: str,
        results_bucket: str,
        role: str,
        method: Method,  # noqa: ARG002
        vocabulary: str = "",
        kms_key: str = "",
    ) -> None:
        self.engine = Engine("Amazon Transcribe Call Analytics", "", jobs.detail(vocabulary))
        self._client = client
        self._results = results
        self._sources_bucket = sources_bucket
        self._results_bucket = results_bucket
        self._role = role
        self._vocabulary = jobs.vocabulary(vocabulary)
        self._kms_key = kms_key

    def start(self, job: SpeechJob) -> JobState:
        """RUNNING, or how an earlier job of this name stands, or FAILED with
        ``call_analytics.channels`` or ``transcribe.request``."""
        if sorted(job.roles) != sorted(ANALYSED_ROLES):
            return JobState("FAILED", failure=MONO)
        refusal = jobs.start(self._client.start_call_analytics_job, self._request(job))
        return JobState("FAILED", failure=refusal) if refusal else self.look(job)

    def look(self, job: SpeechJob) -> JobState:
        found = jobs.get(self._client.get_call_analytics_job, {"CallAnalyticsJobName": job.name})
        if found is None:
            return JobState("ABSENT")
        known = found["CallAnalyticsJob"]
        return jobs.state_of(
            known.get("CallAnalyticsJobStatus", ""),
            known.get("FailureReason", ""),
            self._results,
            job.result_key,
            lambda doc: call_analytics.read(doc, engine=self.engine),
        )

    def forget(self, job: SpeechJob) -> None:
        """Delete the job and the output that it wrote."""
        jobs.get(self._client.delete_call_analytics_job, {"CallAnalyticsJobName": job.name})
        self._results.delete(job.result_key)

    def _request(self, job: SpeechJob) -> dict[str, Any]:
        settings = {"Settings": self._vocabulary} if self._vocabulary else {}
        key = {"OutputEncryptionKMSKeyId": self._kms_key} if self._kms_key else {}
        return {
            "CallAnalyticsJobName": job.name,
            "Media": {"MediaFileUri": f"s3://{self._sources_bucket}/{job.source_key}"},
            "OutputLocation": f"s3://{self._results_bucket}/{job.result_key}",
            "DataAccessRoleArn": self._role,
            "ChannelDefinitions": [
                {"ChannelId": channel, "ParticipantRole": role.value}
                for channel, role in enumerate(job.roles)
            ],
            **settings,
            **key,
        }
