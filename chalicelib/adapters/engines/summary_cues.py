"""Turns of phrase by which issue, outcome and action item are told: who says them, and how surely.

Weights and lists are our own and English. A pattern looks at the plain text of one sentence; a
sentence without any of these is never a highlight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.transcript import Role

_DONE = (
    r"(?:re)?(?:funded|processed|updated|changed|credited|applied|reset|removed|added|fixed"
    r"|resolved|issued"
    r"|placed|scheduled|booked|sent|activated|unlocked|locked|waived|submitted|replaced|ordered"
    r"|completed"
    r"|confirmed|corrected|adjusted|reversed|approved|transferred|extended|upgraded|downgraded"
    r"|opened|closed"
    r"|created|started|registered|reported|escalated|arranged|enabled|disabled|blocked"
    r"|cancell?ed|shipped"
    r"|made|reserved|delivered|assigned"
    r"|set up|signed|switched|moved|linked|reinstated|restored|lowered|raised|noted|paid)"
)
_ADVERB = r"(?:just |now |already |also |then |all |gone ahead and |successfully |been )*"
_DO = (
    r"(?:send|e-?mail|call|mail|ship|follow|contact|escalate|forward|arrange|schedule|process"
    r"|refund|issue"
    r"|submit|open|create|file|get back|transfer|replace|order|notify|text|update|credit|cancel"
    r"|request|book"
    r"|investigate|reach|visit|prescribe|refer|start|waive|apply|ring|post|review|report|reset"
    r"|raise|add|put"
    r"|make|have|check|look|order|recommend|see you|give you)\b"
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Within a sentence of ``role`` the pattern is worth ``weight``; a negative one speaks against."""

    role: Role
    weight: float
    pattern: re.Pattern[str]


def _cues(role: Role, *weighted: tuple[float, str]) -> tuple[Cue, ...]:
    return tuple(Cue(role, weight, re.compile(pattern)) for weight, pattern in weighted)


ISSUE = _cues(
    Role.CUSTOMER,
    (
        1.0,
        (
            r"\b(?:i'm|i am|i was|we're|we are) (?:just |actually )?(?:calling|writing|contacting"
            r"|reaching out|here|messaging|getting in touch) (?:you )?(?:guys )?(?:about"
            r"|because|regarding|to"
            r"|for|since|with)\b"
        ),
    ),
    (
        0.9,
        (
            r"\b(?:i|we|i've|we've) (?:was|were|got|have been|been|keep getting|am being)"
            r" (?:over)?(?:charged|billed|told|promised|disconnected|locked|blocked|debited)\b"
        ),
    ),
    (
        0.8,
        (
            r"\b(?:not working|stopped working|broken?|damaged|defective|faulty|wrong|missing"
            r"|stolen|fail(?:ed|s|ing)"
            r"|error|crash\w*|stuck|locked out|overcharged|charged (?:me )?(?:twice|again"
            r"|double)|declined|delayed"
            r"|dead|down|drops|cuts out|late|never (?:arrived|came|received|got|showed)|lost|expired|frozen"
            r"|slow|leak\w*)\b"
        ),
    ),
    (
        0.7,
        (
            r"\b(?:have|having|had|got|is|been) (?:a |an |some |this |any )?(?:problems?"
            r"|issues?|trouble|complaint"
            r"|difficult\w*|questions?|pain)\b"
        ),
    ),
    (
        0.6,
        (
            r"\b(?:i'd like|i would like|i want(?:ed)? to|(?<!do )i need(?:ed)?|i'm trying|i am trying"
            r"|i'm looking"
            r"|i've been (?:having|getting|feeling|trying|waiting)|how (?:do|can) i"
            r"|is there (?:a|any) way)\b"
        ),
    ),
    (
        0.5,
        (
            r"\b(?:isn't|is not|aren't|doesn't|does not|don't|won't|can't|cannot|couldn't"
            r"|didn't|hasn't|haven't)"
            r" (?:work|load|open|start|connect|arrive|come|show|let|turn|log|get|access|find"
            r"|recogni|receive|been"
            r"|accept|see|authori|respond|charge|ordered|make)\w*"
        ),
    ),
    (
        0.6,
        r"\bwhy (?:was|am|were|is|did|do|does|has|have)\b|\bi (?:did not|didn't|never) (?:\w+ )?any\b",
    ),
    (0.4, r"\bi (?:ordered|bought|booked|returned|cancell?ed|signed up|received|got)\b"),
    (
        0.4,
        (
            r"\b(?:can|could|would) you (?:please )?\w+ (?:my|me|the|us|this|a|an|our|some)\b"
            r"|\b(?:can|could) i\b"
        ),
    ),
    (0.4, r"\bhelp (?:me|us) (?:to|with|in|out|get|find|book|change|check)\b"),
    (0.5, r"\bjust want(?:ed)? to\b"),
    (
        0.5,
        (
            r"^(?:no,? |and |so |hi,? |hello,? )*(?:please |kindly )?(?:help me (?:to )?)?(?:check"
            r"|change|cancel|book|update|track|return|find|reset|remove|stop|renew|move"
            r"|send|order|transfer|activate|close|open) (?:my|me|us|our|the|a|an|it)\b"
        ),
    ),
    (
        0.4,
        (
            r"\b(?:refund|return|cancel|dispute|replac|warranty|invoice|charge|bill|fee|hurts?|pain"
            r"|ache)\w*\b"
        ),
    ),
)
OUTCOME = (
    *_cues(
        Role.AGENT,
        (1.0, rf"\b(?:i've|i have|we've|we have|i|i just|i went ahead and) {_ADVERB}{_DONE}\b"),
        (0.9, rf"\b(?:is|are|has|have|was|been|that's|it's|your \w+(?:'s)?) {_ADVERB}{_DONE}\b"),
        (
            0.9,
            (
                r"\b(?:you're|you are|you should be|we're|it's|that's|everything is|everything's)"
                r" (?:now |all )*(?:set|done|sorted|fixed|ready|good to go)\b"
            ),
        ),
        (0.7, r"\bi (?:was|am|'m) (?:now )?able to\b|\bas a (?:courtesy|one-time|goodwill)\b"),
        (
            0.6,
            (
                r"\b(?:should|will) now (?:be|work)\b|\b(?:back online|works? now|working (?:now"
                r"|again))\b"
            ),
        ),
        (0.7, r"\b(?:went through|(?:is|are) (?:now )?(?:confirmed|complete|active))\b"),
        (
            0.6,
            (
                r"\b(?:i|we)(?:'ve| have) (?:just |now |already )*(?:got|checked|found|let|informed"
                r"|notified|asked|verified|put)\b"
            ),
        ),
        (
            0.7,
            (
                r"\b(?:is|are|it's) (?:currently |still |now )*(?:in progress|being (?:processed|reviewed"
                r"|shipped|prepared)|on (?:its|the) way|out for delivery|pending|in transit|under review)\b"
            ),
        ),
        (
            0.6,
            (
                r"\bthere (?:is|are|was|were)(?: currently)? no\b|\b(?:could not|couldn't|can't|cannot)"
                r" (?:find|locate|see)\b|\b(?:is|are)(?: not|n't) (?:available|possible|eligible|covered)\b"
            ),
        ),
        (0.5, r"\byour (?:\w+ ){1,3}(?:is|are) (?!your\b)|^(?:\w+,? )?to confirm\b"),
        (
            0.5,
            (
                r"\b(?:rate|fee|price|cost|charge|total|fare)s? (?:is|are|will be|would be)\b"
                r"|\bexpires? (?:after|in|on|within)\b|\bit (?:costs|takes|lasts)\b"
            ),
        ),
        (0.5, r"\bunfortunately\b|\b(?:i|we) (?:can't|cannot|are unable|am unable|'m unable)\b"),
    ),
    *_cues(
        Role.CUSTOMER,
        (
            0.6,
            (
                r"\b(?:works now|working (?:now|again)|that (?:worked|fixed|did it)|it's back"
                r"|i see it now)\b"
            ),
        ),
    ),
)
ACTION_ITEM = (
    *_cues(
        Role.AGENT,
        (
            1.0,
            (r"\b(?:i'll|i will|we'll|we will|they'll|they will"
            r"|i'm going to|i am going to|we're going to|we are going to"
            r"|i'm gonna|someone will|(?:a|our|the|my) (?:\w+ )?(?:team|department|technician|agent"
            r"|specialist|supervisor|manager|colleague|engineer|driver|courier|nurse) (?:will"
            r"|is going to))"
            rf" (?:also |then |now |just |personally |go ahead and |be able to )*{_DO}"),
        ),
        (
            0.9,
            (r"\byou(?:'ll| will| should| can expect to| are going to) (?:then |also |shortly |soon |now )*"
            r"(?:receive|get|see|hear|have|be (?:contacted|notified|refunded|charged|credited"
            r"|able))\b"),
        ),
        (
            0.9,
            (r"\b(?:your|the|a|an) (?:\w+ ){1,3}will be (?:sent|mailed|e-?mailed|texted|shipped"
            r"|delivered|available|ready|processed|refunded|credited|waiting|in touch)\b"),
        ),
        (0.5, r"\byou (?:just |only |will |still )*(?:need|have) to\b|\bwill do\b"),
        (0.6, r"\b(?:i'm|i am) (?:calling|contacting|texting) (?:them|him|her|the|our|my)\b"),
        (0.6, r"\b(?:i'm|i am|we're|we are) (?:now |also )?(?:send|order|book|arrang|escalat|schedul)ing\b"),
        (
            0.6,
            (r"\bplease (?!do not|don't)(?:send|call|check|return|bring|reply|restart|try"
            r"|keep|make sure|contact|allow|wait|let)\b"),
        ),
        (
            0.4,
            (r"\b(?:within|in|for) (?:the next )?(?:a |an )?(?:\w+ )?(?:to \w+ )?(?:business |working )?"
            r"(?:hours?|days?|weeks?|months?)\b"),
        ),
        (
            0.3,
            (r"\b(?:by|on|until) (?:tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
            r"|the end of)\b|\btomorrow\b|\bnext week\b|\bfollow.?up\b|\bback to you\b"),
        ),
    ),
    *_cues(
        Role.AGENT,
        (
            -2.0,
            (r"\b(?:allow|give) me\b|\b(?:one|just a|wait a) (?:moment|minute|second|sec|while)\b|\bhold on\b"
            r"|\bbear with\b|\bwhile i\b"),
        ),
    ),
    *_cues(
        Role.CUSTOMER,
        (0.5, r"\b(?:i'll|i will) (?:just |then )?(?:call|send|try|check|return|bring|pay|wait|do that)\b"),
    ),
)  # fmt: skip
CUES = {"OUTCOME": OUTCOME, "ACTION_ITEM": ACTION_ITEM, "ISSUE": ISSUE}
