"""All settings, read once from a mapping and validated once. Nothing else reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from chalicelib.domain.errors import SettingsError
from chalicelib.domain.method import Method

SPEECH_ENGINES = ("whisper", "transcribe", "call-analytics")
SOURCE_GONE = ("keep", "delete")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one installation; each is the environment variable ``LOUPE_<NAME>``.

    ``customer_channel``: the channel of a stereo recording that holds the customer (0 = left).
    ``source_gone``: what a source removed by others means (``keep``: what was made of it stays).
    ``waiting_deadline_s``: after this long a stage that waits has failed, visibly.
    ``speech_workers``, ``speech_threads``: processes of the local speech engine and threads in each
    (0: as many as there are cores).
    ``max_receives``: deliveries of one piece of work before it is a dead letter.
    ``api_secret``: on AWS, the ARN of the secret that signs page tokens.
    """

    speech: str = "whisper"
    whisper_model: str = ""
    language: str = "en-US"
    customer_channel: int = 0
    source_gone: str = "keep"
    max_audio_bytes: int = 2 * 1024**3
    max_audio_s: int = 4 * 3600
    max_json_bytes: int = 64 * 1024**2
    waiting_deadline_s: int = 6 * 3600
    visibility_s: int = 300
    max_receives: int = 3
    speech_workers: int = 0
    speech_threads: int = 0
    sources_bucket: str = ""
    raw_bucket: str = ""
    redacted_bucket: str = ""
    table: str = ""
    event_bus: str = ""
    data_access_role: str = ""
    queue_ingest: str = ""
    queue_acoustics: str = ""
    queue_speech: str = ""
    queue_facts: str = ""
    dead_ingest: str = ""
    dead_acoustics: str = ""
    dead_speech: str = ""
    dead_facts: str = ""
    rollup_shards: int = 8
    api_secret: str = ""
    method: Method = field(default_factory=Method)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Settings from ``LOUPE_*`` variables; raises ``SettingsError`` that names the variable."""
        given = {
            f.name: _parse(f"LOUPE_{f.name.upper()}", env[f"LOUPE_{f.name.upper()}"], f.default)
            for f in fields(cls)
            if f.name != "method" and f"LOUPE_{f.name.upper()}" in env
        }
        method = {
            f.name: _parse(f"LOUPE_{f.name.upper()}", env[f"LOUPE_{f.name.upper()}"], f.default)
            for f in fields(Method)
            if f"LOUPE_{f.name.upper()}" in env
        }
        settings = cls(**given, method=Method(**method))  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ``SettingsError`` for values out of range."""
        _one_of("LOUPE_SPEECH", self.speech, SPEECH_ENGINES)
        _one_of("LOUPE_SOURCE_GONE", self.source_gone, SOURCE_GONE)
        if self.customer_channel not in (0, 1):
            raise SettingsError("LOUPE_CUSTOMER_CHANNEL is 0 (left) or 1 (right)")
        least = {"speech_workers": 0, "speech_threads": 0, "max_receives": 1, "rollup_shards": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise SettingsError(f"LOUPE_{name.upper()} is at least {low}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SettingsError(f"{name} is one of {', '.join(allowed)}, not {value!r}")


def _parse(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{name} is true or false, not {text!r}")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as error:
            raise SettingsError(f"{name} is a whole number, not {text!r}") from error
    if isinstance(default, tuple):
        return tuple(text.split())
    return text
