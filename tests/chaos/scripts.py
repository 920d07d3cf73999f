"""What producers do: each script is one way in which a bucket changes."""

from __future__ import annotations

from tests.chaos.scene import Delete, Put, Script
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, call, chat, record

GOOD = chat([("AGENT", "hello"), ("CUSTOMER", "this is good, 4111")])
BAD_MOOD = chat([("AGENT", "hello"), ("CUSTOMER", "this is bad")])
BROKEN = b'{"Version": "2019-08-26", "Transcript": ['
SHORT, LONG = call(1), call(2)
NAMELESS = "calls/monday-4.wav"
NAMELESS_CHAT = "inbox/chat.json"
OTHER_CALL = CALL_KEY.replace(CONTACT, OTHER)
LATER_CALL = CALL_KEY.replace("T09:00", "T09:30")
NAMING = record(Recording={"Location": f"bucket/{NAMELESS}", "Type": "AUDIO"})
BOTH = record() + b"\n" + record(OTHER)
KEEP = {"source_gone": "keep"}

SCRIPTS = {
    script.name: script
    for script in (
        Script("chat_then_record", (Put(CHAT_KEY, GOOD), Put(RECORD_KEY, record()))),
        Script("record_then_chat", (Put(RECORD_KEY, record()), Put(CHAT_KEY, GOOD))),
        Script(
            "chat_corrected_and_put_back",
            (Put(CHAT_KEY, GOOD), Put(CHAT_KEY, BAD_MOOD), Put(CHAT_KEY, GOOD)),
        ),
        Script(
            "good_overwritten_by_bad_and_put_back",
            (Put(CHAT_KEY, GOOD), Put(CHAT_KEY, BROKEN), Put(CHAT_KEY, GOOD)),
        ),
        Script("bad_overwritten_by_good", (Put(CHAT_KEY, BROKEN), Put(CHAT_KEY, GOOD))),
        Script("chat_deleted", (Put(CHAT_KEY, GOOD), Delete(CHAT_KEY))),
        Script(
            "chat_deleted_and_put_again",
            (Put(CHAT_KEY, GOOD), Delete(CHAT_KEY), Put(CHAT_KEY, BAD_MOOD)),
        ),
        Script(
            "chat_with_record_deleted",
            (Put(RECORD_KEY, record()), Put(CHAT_KEY, GOOD), Delete(CHAT_KEY)),
        ),
        Script("recording_corrected", (Put(CALL_KEY, SHORT), Put(CALL_KEY, LONG)), service=True),
        Script("chat_and_recording", (Put(CHAT_KEY, GOOD), Put(CALL_KEY, SHORT)), service=True),
        Script("two_recordings", (Put(CALL_KEY, SHORT), Put(LATER_CALL, LONG))),
        Script("recording_deleted", (Put(CALL_KEY, SHORT), Delete(CALL_KEY))),
        Script(
            "same_recording_of_two_contacts",
            (Put(CALL_KEY, SHORT), Put(OTHER_CALL, SHORT)),
            service=True,
        ),
        Script("nameless_recording_claimed", (Put(NAMELESS, SHORT), Put(RECORD_KEY, NAMING))),
        Script(
            "nameless_recording_claimed_before", (Put(RECORD_KEY, NAMING), Put(NAMELESS, SHORT))
        ),
        Script(
            "nameless_recording_put_again_after_its_record",
            (Put(NAMELESS, SHORT), Delete(NAMELESS), Put(RECORD_KEY, NAMING), Put(NAMELESS, LONG)),
        ),
        Script("records_of_two", (Put(RECORD_KEY, BOTH), Put(CHAT_KEY, GOOD))),
        Script(
            "record_file_loses_a_contact",
            (Put(RECORD_KEY, BOTH), Put(RECORD_KEY, record())),
            swept=True,
        ),
        Script("record_file_deleted", (Put(RECORD_KEY, BOTH), Delete(RECORD_KEY)), swept=True),
        Script(
            "nameless_chat_bad_then_good", (Put(NAMELESS_CHAT, BROKEN), Put(NAMELESS_CHAT, GOOD))
        ),
        Script("chat_kept", (Put(CHAT_KEY, GOOD), Delete(CHAT_KEY)), KEEP),
        Script(
            "recording_corrected_and_kept",
            (Put(CALL_KEY, SHORT), Put(CALL_KEY, LONG), Delete(CALL_KEY)),
            KEEP,
        ),
        Script(
            "recording_of_a_chat_kept",
            (Put(CHAT_KEY, GOOD), Put(CALL_KEY, SHORT), Delete(CALL_KEY)),
            KEEP,
        ),
    )
}
