"""Words that say what a number is, by entity.

Four strengths. A word of an *entity* arms: after "card number" digits are a card. A *harmless* word disarms
whatever was asked: after "order number" they are not personal. A *mild* word ("meter", "error", "version")
disarms only within its own turn and forgets no question. A *generic* word ("number", "ending in",
"so that's") arms for digits that nothing else explains, of which there must be several.
"""

from __future__ import annotations

import re

HARMLESS, MILD, GENERIC = "HARMLESS", "MILD", "GENERIC"
_NUMBER = r"(?:numbers?|no\b\.?|num\b|nr\b|#|ids?\b)"
_DIGIT = (
    r"(?=\W{1,3}(?:\d|zero|oh\b|one\b|two|three|four|five|six|seven|eight|nine|ten\b|eleven|twelve|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|double|triple))"
)
_BRAND = r"(?:card|visa|mastercard|amex|american express|discover|maestro|credit|debit|plastic)"
_WHOSE = r"(?:the|your|my|that|this|his|her|our|which|what|a)"
_TICKET = (
    r"(?:order|confirmation|tracking|reference|booking|reservation|case|ticket|claim|invoice|request|incident"
    r"|shipment|rma|quote|job|dispatch|voucher|coupon|promo|transaction|receipt|docket|authori[sz]ation"
    r"|approval|purchase order|work order|registration|complaint|return"
    r"|pick ?up|collection|queue|token|raffle)"
)
_PLACE = (
    r"(?:flight|seat|item|product|model|serial|part|gate|room|house|apartment|extension|imei|vin|store|unit"
    r"|row|table|batch|lot|asset|catalog(?:ue)?|style|locker|channel|bus|train|platform|plate|report|page"
    r"|chapter|article|build|version|error|size|jersey|lottery|track|isbn|sku|upc|barcode)"
)

KEYWORDS = {
    "CREDIT_DEBIT_CVV": r"\bcvv2?\b|\bcvc2?\b|\bcsc\b|\bc v [vc]\b|security (?:code|number|digits)"
    r"|\bcard (?:verification|code)|\bcard'?s verification|verification (?:value|digits)"
    r"|\b(?:code|digits?|numbers?|three|four|3|4)\b(?: \w+){0,2}? (?:on|off|from|at|by) the"
    r" (?:back|reverse|rear|flip ?side|signature)"
    r"|(?:three|3)[- ]digit|\b(?:three|3|four|4) (?:\w+ )?(?:on the (?:back|front)|up top|on top)"
    r"|\blast (?:three|3)\b|\bsignature (?:strip|panel|line|box)|\blittle (?:number|code|digits)",
    "CREDIT_DEBIT_EXPIRY": r"\bexpir\w+|\bexp\b(?:\.| date)?|valid (?:thru|through|until|till|to)"
    r"|runs out|good thr(?:u|ough)|\bgood (?:until|till)\b"
    r"|\bdate (?:\w+ ){0,2}?(?:on|of) (?:the|your|my|that) (?:front of (?:the|your|my) )?(?:\w+ )?card\b",
    "CREDIT_DEBIT_NUMBER": rf"\b{_BRAND}(?:'s)? ?{_NUMBER}|long(?:er)? (?:card )?number"
    r"|(?:numbers?|digits) (?:on|of|off|from|across|in) (?:the |your |my )?(?:front|middle|face"
    r"|(?:credit |debit |bank )?card)"
    r"|(?:nineteen|sixteen|fifteen|fourteen|19|16|15|14)[- ]digits?|card (?:details|info\w*)"
    rf"|\b{_BRAND}(?: (?:that|which))?(?:'s| is)? (?:end|finish|start|begin)(?:s|ing|ed|n?ning)?\b"
    rf"|(?<!on the )(?<!on my )(?<!on your )\b{_BRAND}(?:'s|'s the| is| is the){_DIGIT}"
    rf"|\b(?:ahead with|read(?: me| out)?|give me|have|take|say|ready (?:for|with)"
    rf"|pay(?:ing)? with|use|key in)"
    rf" {_WHOSE} (?:\w+ ){{0,2}}card\b|\b(?:what|which) (?:\w+ )?card\b"
    r"|\b(?:first|last|next|other) (?:four|4|six|6|eight|8)(?: digits| numbers)? (?:of|on"
    r"|from) (?:the|your|my"
    r"|that|this) (?:\w+ )?card\b|\bcard'?s last\b",
    "SSN": r"social security|social insurance|national insurance|\bssn'?s?\b|(?<!['’])\bs s n\b"
    r"|\bsocials?\b(?! (?:media|network|distanc|club|event|worker))"
    r"|\btax(?:payer)?(?: payer)? ?(?:id|identification|ref)|\bitin\b|\bsin (?:number|card)"
    r"|\blast (?:four|4)\b(?! (?:hours|days|weeks|months|years|times|orders|people|calls|visits|bills))",
    "BANK_ROUTING": rf"\brouting|\b(?:nine|9)[- ]digits?\b|\bbottom (?:left )?of the che(?:ck|que)"
    rf"|\b(?:branch|institution|bank) {_NUMBER}|\baba\b|\bsort code|\btransit {_NUMBER}|\bbsb\b",
    "PIN": r"\bpins?\b|\bpass ?code|\bone[- ]time (?:code|pass\w+)|\botp\b"
    r"|\b(?:verification|access|secret|banking|memorable) (?:code|number)|\bsecret \S+ (?:code|number)"
    r"|\b(?:four|six|4|6)[- ]digit (?:\w+ )?(?:code|number|pass\w*)"
    r"|\bcode (?:that )?(?:i|we|they|you) (?:\w+ )?(?:sent|texted|e-?mailed|got|received)",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": r"\bi ?ban\b|\binternational (?:bank )?account",
    "BANK_ACCOUNT_NUMBER": r"\b(?:bank|savings|checking|chequing|current|deposit) account(?: ?numbers?)?\b"
    rf"|\b(?:savings|checking|chequing) {_NUMBER}"
    r"|\baccount(?:'s| is| ending)\b|\b(?:account|accounts) (?:that |which )?(?:i|we|you|it)(?:'\w+)?"
    r" (?:\w+ ){1,3}(?:is|was)\b"
    r"|\bnumber end(?:s|ing) (?:in|with)\b|\b(?:card account|account|acct|a/c|\bac"
    r"|member(?:ship)?|policy|subscriber|loyalty|flyer|patient|customer|loan|mortgage|medicare|medicaid|group"
    rf"|beneficiary|insurance|client|rewards) ?{_NUMBER}"
    rf"|\b(?:account|acct|savings|checking)(?: (?:end|finish)(?:s|ing|ed))?(?: in| with)?{_DIGIT}",
    "DRIVER_ID": rf"\bdriv(?:er'?s?'?|ing) (?:licen[cs]e|permit|id)(?: ?{_NUMBER})?|\bdl\b(?: ?{_NUMBER})?"
    rf"|(?<!software )(?<!product )(?<!user )\blicen[cs]e(?! (?:plate|key|file|fee))(?: ?{_NUMBER})?"
    rf"|\bpermit {_NUMBER}|\b(?:state|government|photo)[- ](?:issued )?id\b",
    "PASSPORT_NUMBER": rf"\bpassport(?: ?{_NUMBER})?|\btravel document|\bdocument {_NUMBER}",
    "ADDRESS": r"\bzip(?: ?codes?)?\b(?! ?file)|\bpost(?:al)? ?codes?\b",
    "PHONE": r"\b(?:tele)?phone\b|\bcell\b|\bmobile\b|\bland ?line\b|\bfax\b|\barea code\b"
    rf"|\b(?:contact|call ?back|registered|whats ?app|home|work|office|daytime|best|good) ?{_NUMBER}"
    r"|\bmy registered\b|number to (?:call|reach|text|ring)"
    r"|(?:what|which)(?:'s| is)? (?:a |the |your )?(?:good )?number\b(?! of)|\bnumber on (?:file|record)"
    r"|\bnumber (?:you're|you are|i'm|i am) (?:calling|ringing)"
    r"|\A\W*(?:and )?(?:the |your )?number\W*\Z"
    r"|\b(?:call|reach|text|ring|answering|messages|contact)\b(?! us\b).{0,12}\b(?:on|at|to|back)\b"
    r"|\b(?:ring|text) (?:me|you)\b",
    HARMLESS: rf"\b(?:{_TICKET}|{_PLACE})(?:'s| is| was)? ?(?:{_NUMBER}|codes?\b)|\btracking\b"
    rf"|\b{_TICKET}(?: (?:{_NUMBER}|code|reference))?(?: is| was| reads|'s|:){_DIGIT}"
    r"|\bhow (?:many|much|long|old|often|far|big|tall)\b"
    r"(?! (?:(?:was|is|were) (?:that|it|those)|digits|so far))"
    r"|\b(?:what|which) (?:year|date|time|day|size)\b(?! (?:\w+ ){1,8}(?:card|visa|mastercard|amex))"
    r"|\bdate of birth\b|\bdob\b|\bbirthday\b|\bamount\b|\bquantity\b",
    MILD: rf"\b(?:meter|reading|odometer|mileage|error|channel|version|barcode|sku|upc|isbn|serial|frequency"
    rf"|score|balance|router|part)\b|\b(?:call|reach|contact|text|ring|dial) us\b"
    rf"|\bour (?:\w+ )?(?:number|line)\b"
    rf"|\b(?:{_PLACE}|{_TICKET}){_DIGIT}|\bwinning numbers?\b"
    r"|\b(?:flight|train|bus|gate|seat|model|serial)(?:'s| is| was| says)?(?=\W{1,3}(?:[a-z]\W?){1,3}\d)",
    GENERIC: r"\bnumbers?\b(?! (?:of|one)\b)|\bdigits\b|\bread (?:it|that|them|those|me)\b"
    rf"|\b(?:end|finish|start|begin)(?:s|ing|n?ning)?(?: in| with| on)?{_DIGIT}"
    rf"|\blast (?:bit|part|digits)(?:'s| is| are)?|\b(?:i|we)(?:'ve got| have| heard| got){_DIGIT}"
    r"|\b(?:you repeat|repeat after me|say it after me)\b"
    r"|\bin (?:blocks|groups|chunks|pieces|parts|pairs|twos|threes|fours)\b"
    rf"|\b(?:i'm|im) (?:at|on){_DIGIT}|\b(?:you said|so){_DIGIT}"
    rf"|\b(?:so |and )?that(?:'s| is| was){_DIGIT}|\brepeat (?:that"
    rf"|it)\b|\bcomes after\b"
    r"|\b(?:and )?(?:the )?(?:rest|remaining)\b",
}
_KEYWORD = re.compile(
    "|".join(f"(?P<k{i}>{pattern})" for i, pattern in enumerate(KEYWORDS.values())), re.IGNORECASE
)
KINDS = tuple(KEYWORDS)
CARD_WORD = re.compile(rf"\b(?:{_BRAND}|cc)\b", re.IGNORECASE)
_OF_CARDS = re.compile(
    r"(?P<k0>\b(?:the|and|security) code\b)"
    r"|(?P<k1>(?:(?<=then the )|(?<=and the )|(?<=for the )|(?<=plus the ))date\b(?! of| was"
    r"| is)|\bmonth and year\b|\brun(?:s|ning)? out\b|\blapses?\b"
    r"|\broll(?:s|ing)? over\b|\bgood to\b|\bnew date\b|\b(?:the|its|that) date(?:'s| is| says)(?: now)?\b"
    r"|\bvalid\b(?! (?:card|number|e-?mail|id|address|phone)))",
    re.IGNORECASE,
)


def found(text: str, *, cards: bool) -> list[tuple[str, int, int]]:
    """``(kind, begin, end)`` of every keyword. ``cards``: a card is talked about, so that "the code" and
    "when does it run out" mean the card's."""
    places = [*_places(_KEYWORD, text)]
    if cards:
        places += [
            (kind, begin, end)
            for kind, begin, end in _places(_OF_CARDS, text)
            if not any(b < end and begin < e for _, b, e in places)
        ]
    return sorted(places, key=lambda place: place[1])


def _places(pattern: re.Pattern[str], text: str) -> list[tuple[str, int, int]]:
    return [
        (KINDS[int((m.lastgroup or "k0")[1:])], m.start(), m.end()) for m in pattern.finditer(text)
    ]
