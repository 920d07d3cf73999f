"""Questions in a text: sentences that end in a question mark, or an English opening where a recogniser
wrote no punctuation at all.
"""

from __future__ import annotations

from chalicelib.domain.language import primary

QUESTION_MARKS = ("?", "？", "؟")
SENTENCE_ENDS = frozenset(".?!…？؟。")
AFTER_A_MARK = "!…\"'”’)]»"
LEAD_INS = frozenset(("and", "but", "so", "well", "okay", "ok", "um", "uh", "now", "then"))
ASKING = frozenset(("what", "when", "where", "who", "whose", "which", "why", "how"))
AUXILIARIES = frozenset(
    (
        "am", "are", "can", "could", "did", "do", "does", "had", "has", "have", "is", "may",
        "might", "must", "shall", "should", "was", "were", "will", "would",
    )
)  # fmt: skip
SUBJECTS = frozenset(("i", "you", "he", "she", "it", "we", "they", "there", "this", "that"))


def questions_in(text: str, language: str) -> int:
    """How many questions the text asks.

    Punctuated text: sentences that end in a question mark, a mark inside a word (an address) is none.
    Text without any sentence end, in English: 1 if it opens like a question, after lead-ins: with an
    asking word, or with an auxiliary before its subject (``can you``).
    """
    if any(mark in text for mark in SENTENCE_ENDS):
        return sum(_ends_a_question(word) for word in text.split())
    return int(primary(language) == "en" and _opens_like_a_question(text))


def _ends_a_question(word: str) -> bool:
    return word.rstrip(AFTER_A_MARK).endswith(QUESTION_MARKS)


def _opens_like_a_question(text: str) -> bool:
    words = [bare for word in text.casefold().split() if (bare := word.strip(",;:-"))]
    while words and words[0] in LEAD_INS:
        del words[0]
    if not words:
        return False
    inverted = words[0] in AUXILIARIES and len(words) > 1 and words[1] in SUBJECTS
    return words[0] in ASKING or inverted
