"""Contact rows as the compressed text that an item holds.

DynamoDB charges by the kilobyte, and most of a row is names of fields and stages that every row has: the
compressor is given them beforehand (a preset dictionary, RFC 1950). ``DICTIONARY`` is part of the
format: bytes written with it can be read with exactly it, so another one gets another name and stands
beside it. Rows written before it was there are gzip, and told by their first bytes.
"""

from __future__ import annotations

import gzip
import zlib

GZIP = b"\x1f\x8b"
DICTIONARY = (
    b'"after_contact_work":"transcribe"call-analytics"contact-lens"whisper"tiny.en"comprehend"bedrock"'
    b'"minilm"rampart"langid"amazon-transcribe"local"NOT_SUPPORTED"LANGUAGE_NOT_SUPPORTED"NO_MEDIA"'
    b'"ENGINE_MISSING"INSUFFICIENT_CONVERSATION_CONTENT"QUARANTINED"DELETED"tombstone":"erased"moved"'
    b'{"capability":"summary","conversation":"voice","detail":"","reason":"","state":"RELEASED"GONE'
    b'"lexicon and rules for English; not Amazon Comprehend","name":"vader","version":"3.3.2"},'
    b'"quotes sentences by word statistics and English turns of phrase; no model","name":"extractive",'
    b'"analysed_ms":17,"contact_id":"","counted":"2/UTC","failed_stage":null,"failure":null,'
    b'"first_seen_ms":17,"parts":[{"copy_key":"","etag":"","flags":["channel:chat"],'
    b'"format":"connect-chat","key":"connect/ChatTranscripts/2026/","kind":"CHAT","modified_ms":17,'
    b'"refusal":null,"size":12,"state":"PRESENT","superseded":false},{"copy_key":"","etag":"",'
    b'"flags":[],"format":"wav","key":"connect/CallRecordings/2026/","kind":"RECORDING",'
    b'"modified_ms":17,"refusal":null,"size":702,"state":"PRESENT","superseded":false},'
    b'{"copy_key":"","etag":"","flags":[],"format":"contact-record","key":"contact-records/2026/",'
    b'"kind":"CONTACT_RECORD","modified_ms":17,"refusal":null,"size":,"state":"PRESENT",'
    b'"superseded":false}],"publication":{"agent_id":"","agent_interruptions":null,"agent_name":"",'
    b'"agent_talk_ms":null,"analysis_key":"redacted/artifacts/","attributes":{"synthetic":"true"},'
    b'"brought_categories":[],"categories":[],"channel":"CHAT","channels":["CHAT"],"channel":"VOICE",'
    b'"channels":["VOICE"],"customer_ref":null,"customer_talk_ms":null,"disconnect_ms":17,'
    b'"duration_ms":,"engines":{"chat/entities":{"detail":"","name":"","version":"1"},'
    b'"chat/language":{"detail":"","name":"","version":"1"},"chat/pii":{"detail":"",'
    b'"name":"loupe-patterns","version":"6"},"chat/sentiment":{"detail":"","name":"minilm",'
    b'"version":"1"},"chat/summary":{"detail":"quotes sentences by word statistics and English turns '
    b'of phrase; no model","name":"extractive","version":"2"},"chat/transcript":{"detail":"",'
    b'"name":"connect-chat","version":"2019-08-26"},"voice/acoustics":{"detail":"","name":"",'
    b'"voice/transcript":{"detail":"","name":"faster-whisper","version":""}},"flags":[],'
    b'"handle_ms":null,"initiation_method":"INBOUND","initiation_ms":17,"interruptions":null,'
    b'"non_talk_ms":null,"queue_id":"","queue_name":"","rule_set":"","sentiment_agent":5.0,'
    b'"sentiment_customer":-5.0,"sentiment_shift":0.0,"skipped":[],"synthetic":false,"talk_ms":null,'
    b'"turns":2},"recipe":{"chat/categories":{"attempt":0,"fingerprint":"","inputs":{"record":"",'
    b'"rules":""},"version":1},"chat/characteristics":{"attempt":0,"fingerprint":"","inputs":{},'
    b'"version":2},"chat/entities":{"attempt":0,"fingerprint":"","inputs":{},"version":1},'
    b'"chat/language":{"attempt":0,"fingerprint":"","inputs":{},"version":1},"chat/pii":{"attempt":0,'
    b'"fingerprint":"","inputs":{},"version":1},"chat/redaction":{"attempt":0,"fingerprint":"",'
    b'"inputs":{},"version":1},"chat/sentiment":{"attempt":0,"fingerprint":"","inputs":{},'
    b'"version":1},"chat/summary":{"attempt":0,"fingerprint":"","inputs":{},"version":1},'
    b'"chat/transcript":{"attempt":0,"fingerprint":"","inputs":{"text":"connect-chat:"},"version":2},'
    b'"voice/acoustics":{"attempt":0,"fingerprint":"","inputs":{"audio":""},"version":1},'
    b'"voice/transcript":{"attempt":0,"fingerprint":"","inputs":{"audio":"wav:"},"version":2},'
    b'"contact/publication":{"attempt":0,"fingerprint":"","inputs":{"conversations":"chat",'
    b'"record":""},"version":1}},"stages":[{"attempt":0,"conversation":"voice","duration_ms":null,'
    b'"engine":{"detail":"","name":"","version":""},"error":null,"fingerprint":"",'
    b'"stage":"acoustics","started_ms":17,"state":"DONE"},{"attempt":0,"conversation":"chat",'
    b'"duration_ms":null,"engine":null,"error":null,"fingerprint":"","stage":"characteristics",'
    b'"started_ms":17,"state":"DONE"},"stage":"transcript","started_ms":null,"state":"DONE"},'
    b'"stage":"language","stage":"sentiment","stage":"pii","stage":"redaction","stage":"entities",'
    b'"stage":"summary","stage":"categories","started_ms":17,"state":"DONE"},{"attempt":0,'
    b'"conversation":"contact","duration_ms":1,"engine":null,"error":null,"fingerprint":"",'
    b'"stage":"publication","started_ms":17,"state":"DONE"}],"status":"COMPLETED","told":[],'
    b'"tombstone":null,"updated_ms":17,"version":2,"waiting":{}}'
)


def packed(text: bytes) -> bytes:
    """The text, compressed."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zdict=DICTIONARY)
    return compressor.compress(text) + compressor.flush()


def unpacked(body: bytes) -> bytes:
    """The text of a body of any version."""
    if body.startswith(GZIP):
        return gzip.decompress(body)
    return zlib.decompressobj(zdict=DICTIONARY).decompress(body)
