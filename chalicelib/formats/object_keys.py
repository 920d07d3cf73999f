"""Object keys: what Connect's names tell, and the names of Loupe's own products.

A key never becomes a path and is never cleaned: it is used as it is. What a name tells is a hint;
the id inside a file or a contact record decides (``identity_conflict``).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote, unquote, unquote_plus

from chalicelib.domain.errors import InputRefused
from chalicelib.formats import instants

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_NAME = re.compile(rf"({_UUID})(?=[_.]|$)")
_WHOLE_UUID = re.compile(rf"{_UUID}\Z")
_STARTED = re.compile(r"_(\d{4})(\d\d)(\d\d)T(\d\d)(?::|%3A|%3a|[_-])?(\d\d)_UTC")
_ANALYSED = re.compile(
    r"_analysis(?:_redacted)?_(\d{4}-\d\d-\d\dT\d\d)(?::|%3A|%3a|[_-])?(\d\d)(?::|%3A|%3a|[_-])?(\d\d)Z\.json\Z"
)
_ARTIFACT = re.compile(r"(?:raw|redacted)/artifacts/([^/]+)/[^/]+/[^/]+\.json\Z")
_LISTENED = re.compile(r"redacted/audio/([^/]+)/[^/]+\.wav\Z")
_TRANSCRIBED = re.compile(r"raw/transcribe/([^/]+)/[^/]+\.json\Z")
_NAMESPACE = uuid.UUID("8f0c5b1e-52c1-5b0e-9c56-3f6f0d0d7a41")
_HASHED = "!h"
_LONGEST = 768

AREAS = ("raw", "redacted")


def canonical_id(text: str) -> str:
    """A contact id as Loupe compares it: UUIDs in lower case, anything else as it is."""
    text = text.strip()
    return text.lower() if _WHOLE_UUID.match(text) else text


def contact_id_in(key: str) -> str | None:
    """The contact id that Connect puts at the start of a file's name, in lower case."""
    found = _NAME.match(key.rpartition("/")[2])
    return found[1].lower() if found else None


def started_ms(key: str) -> int | None:
    """The start that Connect writes into a file's name, ``_YYYYMMDDTHH:MM_UTC``, in epoch ms."""
    found = _STARTED.search(key.rpartition("/")[2])
    if not found:
        return None
    year, month, day, hour, minute = found.groups()
    at = instants.parse(f"{year}-{month}-{day}T{hour}:{minute}:00Z")
    return at.ms if at else None


def analysed_ms(key: str) -> int | None:
    """When Contact Lens finished an analysis, by its file's name, in epoch ms: soon after the contact."""
    found = _ANALYSED.search(key.rpartition("/")[2])
    at = instants.parse("{}:{}:{}Z".format(*found.groups())) if found else None
    return at.ms if at else None


def key_for_path(path: str | PurePath, root: str | PurePath | None = None) -> str:
    """The key of a file that is handed in: from its last ``connect`` folder on, else below ``inbox/``.

    There it keeps its place below ``root``, the folder that was handed in, or else its name alone.
    Bytes of a name that are no UTF-8 are written out in hexadecimal, so that different names stay different.
    """
    path = PurePath(path)
    folders = [i for i, part in enumerate(path.parts[:-1]) if part == "connect"]
    inside = path.relative_to(root).parts if root is not None else ()
    parts = path.parts[folders[-1] :] if folders else ("inbox", *(inside or (path.name,)))
    return "/".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def provisional_id(key: str) -> str:
    """The id of a contact that only its object's key identifies: the same key, the same id."""
    return str(uuid.uuid5(_NAMESPACE, key))


def decode_notification_key(text: str) -> str:
    """The key in an S3, SQS or SNS notification record, which is form-encoded.

    EventBridge carries keys raw: decoding those would corrupt them. Raises ``event.unknown``.
    """
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError as error:
        raise InputRefused("event.unknown", "the object key is not form-encoded UTF-8") from error


def artifact_key(
    area: str,
    contact_id: str,
    stage: str,
    fingerprint: str,
    attempt: int = 0,
    *,
    failed: bool = False,
) -> str:
    """``<area>/artifacts/<contact>/<stage>/<fingerprint>[-<attempt>][.failed].json``."""
    name = f"{fingerprint}-{attempt}" if attempt else fingerprint
    suffix = ".failed.json" if failed else ".json"
    return f"{artifact_prefix(area, contact_id)}{stage}/{name}{suffix}"


def artifact_prefix(area: str, contact_id: str) -> str:
    """Everything of one contact in one area lies under this prefix."""
    if area not in AREAS:
        raise ValueError(f"area is one of {', '.join(AREAS)}, not {area!r}")
    return f"{area}/artifacts/{folder_of(contact_id)}/"


def control_prefix(name: str, contact_id: str) -> str:
    """What people decided about one contact, of one sort: ``control/<name>/<contact>/``."""
    return f"control/{name}/{folder_of(contact_id)}/"


def interactions_prefix(customer: str) -> str:
    """What is known of what a customer did, by the pseudonym, lies under this prefix."""
    mark = hashlib.sha256(customer.encode()).hexdigest()[:32]
    return f"control/interactions/{mark}/"


def redacted_audio_prefix(contact_id: str) -> str:
    """Every redacted copy of one contact's recordings lies under this prefix."""
    return f"redacted/audio/{folder_of(contact_id)}/"


def redacted_audio_key(contact_id: str, mark: str) -> str:
    """``redacted/audio/<contact>/<mark>.wav``; the mark stands for the recording and its silences."""
    return f"{redacted_audio_prefix(contact_id)}{mark}.wav"


def transcribe_prefix(contact_id: str) -> str:
    """Everything that Amazon Transcribe writes for one contact lies under this prefix."""
    return f"raw/transcribe/{folder_of(contact_id)}/"


def transcribe_result_key(contact_id: str, job: str) -> str:
    """Where a Transcribe job puts its output; made of the characters its ``OutputKey`` allows."""
    return f"{transcribe_prefix(contact_id)}{job}.json"


def contact_of_artifact(key: str) -> str | None:
    """The contact of a product's key; None for other keys and for ids too long to be written out."""
    found = _ARTIFACT.match(key) or _TRANSCRIBED.match(key) or _LISTENED.match(key)
    if not found or found[1].startswith(_HASHED):
        return None
    return unquote(found[1].replace("!", "%"))


def identity_conflict(
    key_id: str | None, content_id: str | None, record_ids: Iterable[str | None] = ()
) -> InputRefused | None:
    """``contact.id_mismatch`` when name, content and contact records name different contacts.

    Only ids that were found are compared: a name without one says nothing.
    """
    found = {canonical_id(i) for i in (key_id, content_id, *record_ids) if i and i.strip()}
    if len(found) < 2:
        return None
    return InputRefused(
        "contact.id_mismatch",
        "key, content and contact record name different contacts: " + ", ".join(sorted(found)),
    )


def folder_of(contact_id: str) -> str:
    """The id in letters, digits, ``_``, ``-`` and ``!XX``; a hash if that gets too long."""
    name = quote(contact_id, safe="", errors="surrogatepass")
    name = name.replace(".", "%2E").replace("~", "%7E").replace("%", "!")
    if len(name) <= _LONGEST:
        return name
    return _HASHED + hashlib.sha256(contact_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]
