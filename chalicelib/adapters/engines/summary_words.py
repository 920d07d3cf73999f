"""Words that tell nothing about what a conversation is about, and sentences that are only manners.

All lists are our own and English; ``summary_words.json`` holds the words.
"""

from __future__ import annotations

import json
import re
from importlib import resources


def _lists() -> dict[str, frozenset[str]]:
    file = resources.files("chalicelib.adapters.engines").joinpath("summary_words.json")
    found: dict[str, list[str]] = json.loads(file.read_text())
    return {name: frozenset(" ".join(lines).split()) for name, lines in found.items()}


_LISTS = _lists()
STOP_WORDS, FILLERS = _LISTS["stop_words"], _LISTS["fillers"]
COMMON_VERBS, EMPTY_NOUNS = _LISTS["common_verbs"], _LISTS["empty_nouns"]
MANNERS = re.compile(
    r"\b(?:"
    r"how (?:can|may) (?:i|we) (?:help|assist)|how are you|nice to (?:meet|see)|good to (?:meet|see)"
    r"|thank(?:s| you)(?: so much| very much)? for (?:calling|contacting|choosing|your (?:patience|time|call)"
    r"|holding|waiting|being|reaching)"
    r"|(?:call|line|chat) (?:may|might|will|is) be(?:ing)? (?:recorded|monitored)"
    r"|anything else|have a (?:good|great|nice|lovely|wonderful)|you (?:too|as well)\b"
    r"|(?:one|just a) (?:moment|second|minute)|bear with me|hold on|let me (?:see|check|look|pull)"
    r"|(?:may|can|could) i (?:have|get|please have|ask for) your|give me a (?:moment|second|minute)"
    r"|(?:tell|give|spell|confirm)(?: me)? (?:the|your) [\w ]{0,40}(?:number|name|address|date|code)"
    r"|my (?:e-?mail|phone|account|order|card|zip)(?: \w+)? is|my name is|this is \w+\Z"
    r"|this is \w+ speaking|you are chatting with"
    r"|(?:i'm|i am) (?:so |very |really )?sorry|i apologi[sz]e|i understand|no problem|no worries"
    r"|my pleasure|glad (?:to|i could) help|good (?:morning|afternoon|evening)|take care|see you"
    r"|can you hear me|are you (?:still )?there|thank you so much|welcome to"
    r")"
)
