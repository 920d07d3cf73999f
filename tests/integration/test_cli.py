"""The command line as scripts see it: documents, problem lines, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chat_files import body, talk
from tests.model_service import KEY, Models, Says, serving
from tests.unit.test_call_analytics_format import analysis as call_analytics
from tests.wav_files import wav
from tests.world import CONTACT, chat, record

ROOT = Path(__file__).resolve().parents[2]
CARD = "4111 1111 1111 1111"


def loupe(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **env},
    )


def documents(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def chat_file(tmp_path: Path) -> Path:
    path = tmp_path / f"{CONTACT}_20260105T09:00_UTC.json"
    lines = [
        ("AGENT", "How may I help?"),
        ("CUSTOMER", f"My card number is {CARD}"),
        ("AGENT", "Thanks!"),
    ]
    path.write_bytes(chat(lines))
    return path


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    path = tmp_path / "page.wav"
    path.write_text("<html>404</html>")
    return path


def test_one_document_a_line_for_each_path(tmp_path: Path, chat_file: Path) -> None:
    imported = tmp_path / "imported.json"
    imported.write_text(json.dumps(call_analytics()))
    done = loupe("analyze", chat_file, imported)
    assert done.returncode == 0, done.stderr
    found = documents(done)
    assert found[0]["contactId"] == CONTACT
    assert len(found) == 2
    assert done.stderr == ""


def test_a_model_behind_a_url_writes_beside_the_quoted_summary(
    tmp_path: Path, chat_file: Path
) -> None:
    models = Models(Says({"sentences": [{"text": "The customer gave a card.", "turns": ["t2"]}]}))
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n")
    with serving(models) as url:
        env = {
            "LOUPE_MODEL_URL": f"{url}/v1",
            "LOUPE_MODEL_ID": "m-1",
            "LOUPE_MODEL_KEY_FILE": str(key),
        }
        done = loupe("analyze", chat_file, LOUPE_SUMMARY="openai", LOUPE_PII="patterns", **env)
    (found,) = documents(done)
    made = found["conversations"][0]["summary"]["generated"]
    assert made["text"] == "The customer gave a card."
    assert made["engine"]["version"] == "m-1"
    assert CARD not in json.dumps(models.asked)
    assert models.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in done.stdout + done.stderr


def test_what_is_printed_is_redacted_unless_it_is_asked_for(chat_file: Path) -> None:
    assert CARD not in loupe("analyze", chat_file).stdout
    both = documents(loupe("analyze", chat_file, "--redaction", "both"))[0]
    assert CARD in json.dumps(both["original"])
    assert CARD not in json.dumps({**both, "original": None})
    assert CARD in loupe("analyze", chat_file, "--redaction", "none").stdout


def test_explain_prints_how_each_number_came_about_instead_of_json(chat_file: Path) -> None:
    done = loupe("analyze", chat_file, "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Contact {CONTACT}\n\nCHAT\nLanguage en-US: assumed, ")
    assert "\n\ntotalDuration = " in done.stdout
    assert "docs/metrics.md#response-time-average" in done.stdout
    assert CARD not in done.stdout
    assert CARD in loupe("analyze", chat_file, "--explain", "--redaction", "none").stdout


def test_several_explanations_have_their_path_as_heading(
    tmp_path: Path, chat_file: Path, bad_file: Path
) -> None:
    imported = tmp_path / "imported.json"
    imported.write_text(json.dumps(call_analytics()))
    done = loupe("analyze", chat_file, bad_file, imported, "--explain")
    assert done.returncode == 3
    headings = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert headings == [f"# {chat_file}", f"# {imported}"]
    assert json.loads(done.stderr)["instance"] == str(bad_file)


def test_explanations_go_into_the_folder_too(tmp_path: Path, chat_file: Path) -> None:
    done = loupe("analyze", chat_file, "--explain", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, "")
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == f"{chat_file.stem}.explain.txt"
    assert made.read_text().startswith("Contact ")


def test_the_contact_lens_form(chat_file: Path) -> None:
    (document,) = documents(loupe("analyze", chat_file, "--format", "contact-lens"))
    assert (document["Version"], document["Channel"]) == ("CHAT-2022-11-30", "CHAT")
    assert document["CustomerMetadata"]["ContactId"] == CONTACT
    assert CARD not in json.dumps(document)


def test_a_refused_input_is_one_problem_line_and_the_others_are_done(
    chat_file: Path, bad_file: Path, tmp_path: Path
) -> None:
    done = loupe("analyze", bad_file, chat_file, tmp_path / "nowhere.json")
    assert done.returncode == 3
    assert [d["contactId"] for d in documents(done)] == [CONTACT]
    problems = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(p["code"], p["instance"]) for p in problems] == [
        ("audio.not_wav", str(bad_file)),
        ("file.missing", str(tmp_path / "nowhere.json")),
    ]


def test_files_go_into_a_folder_when_one_is_named(chat_file: Path, tmp_path: Path) -> None:
    done = loupe("analyze", chat_file, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, "")
    (written,) = (tmp_path / "out").iterdir()
    assert json.loads(written.read_text())["contactId"] == CONTACT


def test_a_contact_record_gives_agent_and_queue(chat_file: Path, tmp_path: Path) -> None:
    metadata = tmp_path / "record.json"
    metadata.write_bytes(record())
    (document,) = documents(loupe("analyze", chat_file, "--metadata", metadata))
    assert "ada" in json.dumps(document)


@pytest.mark.parametrize(("redaction", "seen"), [("redacted", "[EMAIL]"), ("none", "joe@ex.com")])
def test_the_attributes_of_a_contact_record_are_masked_in_the_redacted_document(
    chat_file: Path, tmp_path: Path, redaction: str, seen: str
) -> None:
    metadata = tmp_path / "record.json"
    metadata.write_bytes(record(Attributes={"email": "joe@ex.com"}))
    done = loupe("analyze", chat_file, "--metadata", metadata, "--redaction", redaction)
    (document,) = documents(done)
    assert document["contactRecord"]["attributes"] == {"email": seen}


def test_own_rules_take_the_place_of_the_starter_rules(chat_file: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(
        json.dumps({"rules": [{"name": "Help offered", "phrases": ["how may i help"]}]})
    )
    done = loupe("analyze", chat_file, "--rules", rules)
    assert done.returncode == 0, done.stderr
    assert "Help offered" in done.stdout


def test_silence_is_analysed_without_invented_words(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    path.write_bytes(wav(b"\0\0\0\0" * 24000))
    done = loupe("analyze", path, "--format", "contact-lens")
    assert done.returncode == 0, done.stderr
    assert documents(done)[0]["Transcript"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["analyze"], 2, id="no_path"),
        pytest.param(["analyse", "x"], 2, id="no_such_command"),
        pytest.param(["analyze", "x", "--format", "xml"], 2, id="no_such_format"),
        pytest.param(
            ["analyze", "x", "--explain", "--format", "contact-lens"],
            2,
            id="explain_of_another_format",
        ),
        pytest.param(
            ["analyze", "x", "--explain", "--redaction", "both"], 2, id="explain_of_two_readings"
        ),
        pytest.param(["analyze", "/nonexistent.wav"], 3, id="no_such_file"),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    done = loupe(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_used_stops_the_command_by_name(chat_file: Path) -> None:
    done = loupe("analyze", chat_file, LOUPE_SPEECH="magic")
    assert done.returncode == 1
    assert "LOUPE_SPEECH" in done.stderr
    assert "Traceback" not in done.stderr


def test_ingest_says_what_was_taken_and_reconcile_what_was_found(
    chat_file: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (taken,) = documents(loupe("ingest", "--data", data, chat_file))
    assert taken["key"] == f"inbox/{chat_file.name}"
    (sweep,) = documents(loupe("reconcile", "--data", data))
    assert sweep == {"objects": 1, "contacts": 0, "hints": 1}


def test_doctor_tells_engines_and_what_is_missing(tmp_path: Path) -> None:
    asked = ("doctor", "--json", "--data", tmp_path / "data")
    (report,) = documents(loupe(*asked, LOUPE_PII="patterns"))
    states = {c["capability"]: c["state"] for c in report["capabilities"]}
    assert states == {
        "transcript": "OK",
        "language": "OK",
        "acoustics": "OK",
        "sentiment": "OK",
        "pii": "DEGRADED",
        "summary": "OK",
        "entities": "OK",
        "audio_redaction": "OK",
        "insight": "OK",
        "themes": "OK",
    }
    assert report["aws"]["verified"] is False
    assert "transcript" in loupe("doctor", "--data", tmp_path / "data").stdout


@pytest.mark.parametrize("mode", ["keep", "never"])
def test_doctor_tells_whether_originals_are_stored(tmp_path: Path, mode: str) -> None:
    asked = ("doctor", "--json", "--data", tmp_path / "data")
    (report,) = documents(loupe(*asked, LOUPE_RAW=mode))
    assert report["raw"]["mode"] == mode
    assert ("removed" in report["raw"]["detail"]) == (mode == "never")


def test_a_chat_of_own_making_reads_the_same_from_any_name(tmp_path: Path) -> None:
    path = tmp_path / "whatever.txt"
    path.write_bytes(body(talk(("AGENT", "hello"), ("CUSTOMER", "great, thanks"))))
    (document,) = documents(loupe("analyze", path))
    assert document["conversations"][0]["channel"] == "CHAT"
