"""Versions of rules, and which of them is in force for which contacts."""

from dataclasses import replace

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.errors import InputRefused, NotFound, RuleRefused, VersionMoved
from chalicelib.domain.rules.rule import ExactMatch, PatternMatch, Plain, RuleSet
from chalicelib.ports.rules import WITHDRAWN, Entry
from tests.fakes.stores import MemoryObjects
from tests.rules import says

REFUND = says("refund", "Refund", 1, ["refund"])
CANCEL = says("cancel", "Cancel", 1, ["cancel"])
BASE = RuleSet("base", (REFUND,))


@pytest.fixture
def store():
    return MemoryObjects()


@pytest.fixture
def book(store):
    return ObjectRuleBook(store, BASE)


def entry(rule_id, version, from_ms=None, **fields):
    return Entry(rule_id, version, from_ms, at_ms=1000, by="ada", **fields)


def save(book, rule, expected=0):
    return book.save(rule, expected=expected, at_ms=5, by="ada")


def names(rules):
    return [(rule.name, rule.version) for rule in rules.rules]


def test_the_installations_rules_are_in_force_until_something_is_published(book):
    assert book.in_force() is BASE
    assert book.ids() == ["refund"]
    assert book.ledger() == ()


def test_a_saved_rule_is_a_draft(book):
    saved = save(book, CANCEL)
    assert saved.version == 1
    assert names(book.in_force()) == [("Refund", 1)]
    assert book.get("cancel").rule == saved
    assert (book.get("cancel").at_ms, book.get("cancel").by) == (5, "ada")


def test_versions_count_on_from_the_installations(book):
    assert save(book, replace(REFUND, name="Refunds"), expected=1).version == 2
    assert [one.rule.name for one in book.versions("refund")] == ["Refund", "Refunds"]
    assert book.get("refund", 1).rule == REFUND


@pytest.mark.parametrize("expected", [0, 2], ids=["a_new_rule_of_that_id", "a_later_version"])
def test_whoever_saves_on_another_version_is_told(book, expected):
    with pytest.raises(VersionMoved):
        save(book, REFUND, expected=expected)


UNREADABLE = {
    "a_phrase_without_a_word": replace(CANCEL, when=ExactMatch(("cancel", "?!"))),
    "a_pattern_without_a_word": replace(CANCEL, when=PatternMatch(((Plain(" "),),))),
    "an_id_that_is_a_path": replace(CANCEL, id="../cancel"),
}


@pytest.mark.parametrize("rule", UNREADABLE.values(), ids=UNREADABLE)
def test_a_rule_that_could_not_be_read_again_is_not_kept(store, book, rule):
    with pytest.raises(RuleRefused, match="in Loupe's own form"):
        save(book, rule)
    assert book.ids() == ["refund"]
    assert not list(store.list(""))


def test_of_two_who_save_at_once_one_is_told(store, book):
    class Late(MemoryObjects):
        """Another saves between the look and the writing."""

        def stat(self, key):
            return store.stat(key)

        def read(self, key, *, start=0, length=None):
            return store.read(key, start=start, length=length)

        def put_if_absent(self, key, body, *, content_type=""):
            if key.startswith("control/rules/"):
                save(book, CANCEL)
            return store.put_if_absent(key, body, content_type=content_type)

    with pytest.raises(VersionMoved, match="somebody else"):
        save(ObjectRuleBook(Late(), BASE), CANCEL)
    assert len(book.versions("cancel")) == 1


def test_a_publication_holds_from_its_time_on(book):
    save(book, replace(REFUND, name="Refunds"), expected=1)
    book.publish(entry("refund", 2, from_ms=500))
    assert names(book.in_force(499)) == [("Refund", 1)]
    assert names(book.in_force(500)) == [("Refunds", 2)]
    assert names(book.in_force()) == [("Refunds", 2)]


def test_each_rule_has_a_range_of_its_own(book):
    save(book, CANCEL)
    save(book, replace(REFUND, name="Refunds"), expected=1)
    book.publish(entry("cancel", 1, from_ms=900))
    book.publish(entry("refund", 2))
    assert names(book.in_force(100)) == [("Refunds", 2)]
    assert names(book.in_force(900)) == [("Refunds", 2), ("Cancel", 1)]


def test_a_withdrawn_rule_stays_in_force_for_earlier_contacts(book):
    book.publish(entry("refund", WITHDRAWN, from_ms=500))
    assert names(book.in_force(499)) == [("Refund", 1)]
    assert names(book.in_force(500)) == []
    assert book.get("refund").rule == REFUND


def test_what_was_in_force_before_a_line_can_be_asked(book):
    save(book, CANCEL)
    written = book.publish(entry("cancel", 1))
    assert written.number == 1
    assert names(book.before(1)) == [("Refund", 1)]


def test_another_reader_sees_what_was_published(store, book):
    reader = ObjectRuleBook(store, BASE)
    assert reader.in_force() is BASE
    save(book, CANCEL)
    book.publish(entry("cancel", 1))
    assert names(reader.in_force()) == [("Refund", 1), ("Cancel", 1)]
    assert [one.rule_id for one in reader.ledger()] == ["cancel"]


def test_two_who_publish_at_once_both_have_a_line(store, book):
    other = ObjectRuleBook(store, BASE)
    save(book, CANCEL)
    other.ledger()
    assert book.publish(entry("cancel", 1)).number == 1
    assert other.publish(entry("refund", WITHDRAWN)).number == 2
    assert names(book.in_force()) == [("Cancel", 1)]


def test_an_unknown_version_cannot_be_published(book):
    for one in (entry("refund", 7), entry("nothing", 1), entry("nothing", WITHDRAWN)):
        with pytest.raises(NotFound):
            book.publish(one)


def test_two_rules_in_force_have_two_names(book):
    save(book, replace(CANCEL, name="Refund"))
    with pytest.raises(InputRefused, match="called Refund too"):
        book.publish(entry("cancel", 1))


def test_equal_rules_are_one_set_whoever_published_them(store, book):
    save(book, CANCEL)
    book.publish(entry("cancel", 1))
    again = ObjectRuleBook(store, BASE)
    assert again.in_force().id == book.in_force().id != BASE.id
