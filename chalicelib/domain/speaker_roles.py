"""Who of two separated speakers is the agent: told by what they say, or not told at all.

An engine that separates the speakers of one channel numbers them and knows nothing of their roles. The
cues below are turns of phrase that one side of a service call says and the other hardly ever does. Each
counts once per speaker; a speaker's score is the points for AGENT less those for CUSTOMER. The higher
score is the agent, if it leads by ``MARGIN``: one clear cue, or two weak ones. Who speaks first is one
point, which decides nothing alone. Otherwise nobody is given a role: a wrong role turns every figure by
participant around. Cues are English; the evidence keeps their names and turns, never the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.language import primary
from chalicelib.domain.transcript import Participant, Role, SpeakerCue, Speakers, Transcript, Turn

MARGIN = 3
OPENING = 12
FIRST = "speaks_first"


@dataclass(frozen=True, slots=True)
class Cue:
    """``opening``: counts in the first ``OPENING`` turns of the conversation only."""

    name: str
    role: Role
    points: int
    pattern: re.Pattern[str]
    opening: bool = False


def _cue(name: str, role: Role, points: int, pattern: str, *, opening: bool = False) -> Cue:
    return Cue(name, role, points, re.compile(rf"\b(?:{pattern})", re.IGNORECASE), opening)


_ASKED = r"(?:full |first |last |phone |order |account |card |policy |booking |confirmation )*"
_DATA = rf"{_ASKED}(?:name|number|id|date of birth|birthday|address|zip|e-?mail|username|postcode|account)"
_PLEASE = r"(?:can|could|may|might) (?:i|you|we) (?:please |just )*"

CUES = (
    _cue(
        "thanks_for_calling", Role.AGENT, 4,
        r"(?:thank you|thanks)(?: so much| very much)? for (?:calling|contacting|choosing|reaching)",
    ),
    _cue(
        "offers_help", Role.AGENT, 4,
        r"(?:how|what) (?:can|may|could) (?:i|we) (?:help|assist|do for|be of)|how (?:can|may) i direct",
        opening=True,
    ),
    _cue(
        "you_have_reached", Role.AGENT, 4,
        r"you(?:'ve| have) (?:reached|been connected to)|(?:call|line) (?:is|may be|will be) (?:being )?"
        r"(?:recorded|monitored)",
        opening=True,
    ),
    _cue(
        "speaks_for_a_company", Role.AGENT, 3,
        r"(?:this is|my name is|my name's) [\w.]+(?: [\w.]+)?,? (?:here )?(?:(?:calling )?from|with|at"
        r"|calling on behalf of) (?!my\b)\w+",
        opening=True,
    ),
    _cue(
        "anything_else", Role.AGENT, 4,
        r"anything else (?:that )?(?:i|we) (?:can|may|could)|(?:is|will|would) there (?:be )?anything "
        r"else (?:for you|today|you)\b",
    ),
    _cue(
        "asks_for_details", Role.AGENT, 2,
        rf"{_PLEASE}(?:have|get|ask(?: for)?|know|verify|confirm|spell|provide|give|tell)(?: me| us)?"
        rf"(?: with)? your {_DATA}|{_PLEASE}(?:have|get) (?:the|an?) {_DATA}|what(?:'s| is) your {_DATA}",
    ),
    _cue(
        "keeps_waiting", Role.AGENT, 2,
        r"(?:thank you|thanks|sorry) for (?:holding|waiting|your patience|the wait)|(?:one|a) moment,? "
        r"please|bear with me|(?:put|place) you on (?:a brief )?hold|while i (?:look|check|pull)",
    ),
    _cue(
        "promises_help", Role.AGENT, 2,
        r"(?:happy|glad) to (?:help|assist)|i can (?:certainly |definitely )?(?:help|assist) you"
        r"|i(?:'ll| will) (?:help|assist) you",
    ),
    _cue(
        "apologises", Role.AGENT, 2,
        r"(?:sorry|apologi[sz]e) (?:about|for) (?:the|that|any|this) (?:inconvenience|trouble|delay)",
    ),
    _cue(
        "says_why_they_call", Role.CUSTOMER, 3,
        r"i(?:'m| am|'ve been| was)? (?:calling|call) (?:in )?(?:today )?(?:because|to (?!see if you|offer"
        r"|tell you|let you)|about (?!your)|regarding (?!your))|reason (?:i'm|i am|for my) call",
        opening=True,
    ),
    _cue(
        "asks_for_help", Role.CUSTOMER, 3,
        r"(?:can|could) you (?:please )?help me(?! with your)|i need (?:some |your )?help"
        r"|i have a (?:problem|question|issue)|i(?:'m| am) having (?:a |some )?(?:problem|trouble|issue)",
        opening=True,
    ),
    _cue(
        "states_a_wish", Role.CUSTOMER, 2,
        r"i(?:'d| would) like to (?!thank|inform|verify|confirm|offer)|i (?:want|need|was hoping) to "
        r"(?!verify|validate|confirm|ask you|know your|check your|get your)",
        opening=True,
    ),
    _cue(
        "speaks_of_their_own", Role.CUSTOMER, 1,
        r"(?:on|with|about|to|of|in|cancel|check|change|return|lost|pay) my (?:\w+ )?(?:order|account"
        r"|card|bill|phone|internet|car|flight|reservation|booking|subscription|policy|claim|appointment"
        r"|loan|payment|refund|seat|password|contract|package|delivery)",
        opening=True,
    ),
)  # fmt: skip


def with_roles(transcript: Transcript) -> Transcript:
    """The transcript of separated speakers with roles where the cues tell them, and the evidence.

    Participants are expected to carry the engine's labels and UNKNOWN. Fewer than two voices are left
    as they are; of more than two nobody gets a role.
    """
    voices = list(dict.fromkeys(turn.participant_id for turn in transcript.turns))
    if len(voices) < 2:
        return transcript
    speakers = _speakers(transcript, voices)
    flag = "roles_inferred" if speakers.agent else "roles_unknown"
    told = replace(
        transcript, speakers=speakers, flags=(*transcript.flags, "speakers_separated", flag)
    )
    return _renamed(told, speakers) if speakers.agent else told


def _speakers(transcript: Transcript, voices: Sequence[str]) -> Speakers:
    if len(voices) != 2 or primary(transcript.language) != "en":
        return Speakers(len(voices), MARGIN)
    cues = tuple(evidence(transcript.turns))
    one, other = (score(cues, voice) for voice in voices)
    lead = abs(one - other)
    if lead < MARGIN:
        return Speakers(2, MARGIN, lead=lead, cues=cues)
    agent, customer = voices if one > other else voices[::-1]
    return Speakers(2, MARGIN, agent, customer, lead, cues)


def evidence(turns: Sequence[Turn]) -> Iterator[SpeakerCue]:
    """Each cue that was said, once per speaker, with the turn that said it first."""
    if turns:
        first = turns[0]
        yield SpeakerCue(FIRST, first.participant_id, Role.AGENT, 1, first.id)
    heard: set[tuple[str, str]] = set()
    for n, turn in enumerate(turns):
        said = turn.text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        for cue in CUES:
            mark = (cue.name, turn.participant_id)
            if mark in heard or (cue.opening and n >= OPENING) or not cue.pattern.search(said):
                continue
            heard.add(mark)
            yield SpeakerCue(cue.name, turn.participant_id, cue.role, cue.points, turn.id)


def score(cues: Sequence[SpeakerCue], speaker: str) -> int:
    """Points for being the agent less points for being the customer."""
    signs = {Role.AGENT: 1, Role.CUSTOMER: -1}
    return sum(signs[cue.role] * cue.points for cue in cues if cue.speaker == speaker)


def _renamed(transcript: Transcript, speakers: Speakers) -> Transcript:
    roles: Mapping[str | None, Role] = {
        speakers.agent: Role.AGENT,
        speakers.customer: Role.CUSTOMER,
    }

    def named(label: str) -> Participant:
        role = roles.get(label, Role.UNKNOWN)
        return Participant(label if role is Role.UNKNOWN else role.value, role)

    people = {person.id: named(person.id) for person in transcript.participants}
    return replace(
        transcript,
        participants=tuple(people.values()),
        turns=tuple(
            replace(
                t, participant_id=people[t.participant_id].id, role=people[t.participant_id].role
            )
            for t in transcript.turns
        ),
    )
