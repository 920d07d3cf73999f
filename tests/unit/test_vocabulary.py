"""The vocabulary file, and how its terms are written into what was heard."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Word
from chalicelib.domain.vocabulary import Term, Vocabulary
from chalicelib.formats import vocabulary

HEADER = "Phrase\tSoundsLike\tIPA\tDisplayAs\n"
FILE = (
    HEADER
    + "Data-dog\tday-ta-dog\t\tDatadog\n"
    + "A.W.S.\t\t\tAWS\n"
    + "los-angeles\t\t\tLos Angeles\n"
    + "Quentin\tkwentin\t\t\n"
    + "northwind\t\t\tNorthwind Traders\n"
)


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return vocabulary.load(FILE.encode())


class TestFile:
    def test_each_line_is_a_term(self, known: Vocabulary) -> None:
        assert known.terms == (
            Term("Data dog", "day ta dog", "Datadog"),
            Term("A.W.S.", "", "AWS"),
            Term("los angeles", "", "Los Angeles"),
            Term("Quentin", "kwentin", ""),
            Term("northwind", "", "Northwind Traders"),
        )

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("\ufeff" + FILE, id="a_byte_order_mark"),
            pytest.param(FILE.replace("\n", "\r\n"), id="lines_of_windows"),
            pytest.param(FILE.replace("\n", "\n\n"), id="blank_lines"),
            pytest.param(FILE.replace("\t\t\t\n", "\n"), id="no_tabs_at_the_end"),
            pytest.param(FILE.replace("\t\tDatadog", "\tdeɪ t ə\tDatadog"), id="ipa_is_read_over"),
        ],
    )
    def test_the_same_terms_are_the_same_vocabulary(self, known: Vocabulary, body: str) -> None:
        assert vocabulary.load(body.encode()) == known

    def test_columns_come_in_any_order(self) -> None:
        loaded = vocabulary.load(b"DisplayAs\tPhrase\nAWS\tA.W.S.\n")
        assert loaded.terms == (Term("A.W.S.", "", "AWS"),)

    def test_another_term_is_another_vocabulary(self, known: Vocabulary) -> None:
        assert vocabulary.load(FILE.replace("AWS", "Aws").encode()).id != known.id

    @pytest.mark.parametrize(
        ("body", "code", "told"),
        [
            pytest.param(b"", "object.empty", "nothing", id="no_byte"),
            pytest.param(HEADER.encode(), "object.empty", "no phrase", id="a_header_alone"),
            pytest.param(
                HEADER.encode() + b"a\n" * 30_000, "object.too_large", "51200", id="too_much"
            ),
            pytest.param(b"Phrase\na\n\xff\n", "vocabulary.encoding", "line 3", id="not_utf_8"),
            pytest.param(b"Phrase,DisplayAs\n", "vocabulary.schema", "line 1", id="commas"),
            pytest.param(b"DisplayAs\nx\n", "vocabulary.schema", "line 1", id="no_phrases"),
            pytest.param(b"Phrase\tPhrase\n", "vocabulary.schema", "line 1", id="a_column_twice"),
            pytest.param(b"Phrase\na\tb\n", "vocabulary.schema", "line 2: has 2", id="a_cell_more"),
            pytest.param(
                b"Phrase\tDisplayAs\na\n\tb\n",
                "vocabulary.schema",
                "line 3: has no",
                id="no_phrase",
            ),
            pytest.param(
                b"Phrase\nLos Angeles\n", "vocabulary.schema", "line 2: .*hyphens", id="a_blank"
            ),
            pytest.param(b"Phrase\n-.-\n", "vocabulary.schema", "no letter", id="no_letter"),
            pytest.param(b"Phrase\n4-you\n", "vocabulary.schema", "numbers in words", id="a_digit"),
            pytest.param(
                b"Phrase\tSoundsLike\na\tx y\n", "vocabulary.schema", "SoundsLike", id="its_sound"
            ),
            pytest.param(
                b"Phrase\n" + b"a" * 257, "vocabulary.schema", "line 2: .*256", id="a_long_phrase"
            ),
            pytest.param(
                b"Phrase\tDisplayAs\na\tx\x00\n", "vocabulary.schema", "can be shown", id="a_nul"
            ),
            pytest.param(b"Phrase\na\n\nA\n", "vocabulary.schema", "line 4: .*line 2", id="twice"),
            pytest.param(
                b"Phrase\tSoundsLike\tDisplayAs\nab\t\tAB\ncd\tab\tCD\n",
                "vocabulary.schema",
                "line 3: sounds like line 2",
                id="two_that_sound_alike",
            ),
        ],
    )
    def test_a_file_that_cannot_be_used_is_refused_by_its_line(
        self, body: bytes, code: str, told: str
    ) -> None:
        with pytest.raises(InputRefused, match=told) as caught:
            vocabulary.load(body)
        assert caught.value.code == code


def words(text: str) -> list[Word]:
    """A word each second, the first the most certain."""
    return [
        Word(w, n * 1000, n * 1000 + 900, 1 - n / 10) for n, w in enumerate(text.split(), start=0)
    ]


class TestWriting:
    @pytest.mark.parametrize(
        ("heard", "written"),
        [
            pytest.param("we use data dog now", "we use Datadog now", id="two_words_are_one"),
            pytest.param("a day ta dog", "a Datadog", id="as_it_sounds"),
            pytest.param("Data-Dog", "Datadog", id="a_hyphen_is_a_blank"),
            pytest.param("(data dog's)", "(Datadog's)", id="marks_and_endings_stay"),
            pytest.param("data. Dog", "data. Dog", id="a_sentence_ends_between"),
            pytest.param("data dogs", "data dogs", id="another_word"),
            pytest.param("database dog", "database dog", id="a_word_that_begins_alike"),
            pytest.param("on aws, please", "on AWS, please", id="an_acronym_as_a_word"),
            pytest.param("on A.W.S. please", "on AWS please", id="an_acronym_with_full_stops"),
            pytest.param("on a w s please", "on AWS please", id="an_acronym_by_letters"),
            pytest.param("LOS ANGELES", "Los Angeles", id="case"),
            pytest.param("kwentin", "Quentin", id="a_sound_without_a_display"),
            pytest.param("QUENTIN", "QUENTIN", id="a_phrase_without_a_display_stays"),
            pytest.param("northwind?", "Northwind Traders?", id="one_word_is_two"),
            pytest.param("data data dog", "data Datadog", id="the_first_word_twice"),
            pytest.param("…", "…", id="no_word"),
            pytest.param("", "", id="nothing"),
        ],
    )
    def test_terms_are_written_as_they_are_to_be_read(
        self, known: Vocabulary, heard: str, written: str
    ) -> None:
        assert " ".join(w.text for w in known.written(words(heard))) == written

    def test_words_that_became_one_have_the_time_of_all_and_the_least_confidence(
        self, known: Vocabulary
    ) -> None:
        assert known.written(words("data dog, ok")) == (
            Word("Datadog,", 0, 1900, 0.9),
            Word("ok", 2000, 2900, 0.8),
        )

    def test_as_many_words_keep_their_own_times(self, known: Vocabulary) -> None:
        assert known.written(words("los angeles")) == (
            Word("Los", 0, 900, 1.0),
            Word("Angeles", 1000, 1900, 0.9),
        )

    @pytest.mark.parametrize(
        ("phrase", "heard"),
        [
            pytest.param("हिन्दी", "हिन्दी?", id="vowel_signs_are_letters"),
            pytest.param("café", "Cafe\u0301?", id="composed_or_not"),
        ],
    )
    def test_every_script_has_words(self, phrase: str, heard: str) -> None:
        loaded = vocabulary.load(f"Phrase\tDisplayAs\n{phrase}\tX\n".encode())
        assert [w.text for w in loaded.written(words(heard))] == ["X?"]

    def test_an_unknown_confidence_stays_unknown(self, known: Vocabulary) -> None:
        heard = [Word("data", 0, 1), Word("dog", 1, 2)]
        assert known.written(heard) == (Word("Datadog", 0, 2, None),)

    def test_the_longest_term_is_the_one(self) -> None:
        both = Vocabulary("x", (Term("new york", "", "NY"), Term("new york city", "", "NYC")))
        heard = "new york city new york"
        assert [w.text for w in both.written(words(heard))] == ["NYC", "NY"]

    def test_no_vocabulary_changes_nothing(self) -> None:
        assert Vocabulary().written(words("data dog")) == tuple(words("data dog"))

    def test_hot_words_are_what_is_to_be_read(self, known: Vocabulary) -> None:
        assert known.hot_words == "Datadog, AWS, Los Angeles, Quentin, Northwind Traders"
