"""Presenters turn records and customers into what templates show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from waitlist.customers.search import Found
from waitlist.models import (
    Age,
    BoardPart,
    Customer,
    CustomerRef,
    CustomerRefs,
    Kind,
    OpenBoard,
    Record,
)
from waitlist.records.edit import Conflict, Edit
from waitlist.sources.history import OutsideChange, PastChange
from web.presenters.customer_row import Avatar, customer_row
from web.presenters.editor import editor_view
from web.presenters.history import Names, change_text, history_row, last_change_text
from web.presenters.record_row import RecordRow, groups, record_row
from web.presenters.save_result import conflict_view
from web.presenters.search_hits import Part, hits_view, marked


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request of a browser that names no language."""
    with Flask(__name__).test_request_context():
        yield


def refs(*keys: str) -> CustomerRefs:
    return tuple(CustomerRef.parse(key) for key in keys)


def person(number: int, name: str | None, *phones: str, email: str = "") -> Customer:
    emails = (email,) if email else ()
    return Customer(CustomerRef(Kind.CONTACT, number), name, phones, emails)


CARLA = person(5, "Carla Rossi", "+1 555 0142", email="carla@example.com")
ZOE = person(6, "Zoë Lopez", "+1 555 0177")
HIDDEN = person(12, None)
ACME = Customer(CustomerRef(Kind.COMPANY, 5), "Acme Ltd")
CUSTOMERS = {customer.ref: customer for customer in (CARLA, ZOE, HIDDEN, ACME)}
NAMES = Names(CUSTOMERS, {9: "Olivia Hartmann"}, 7)


def row_of(record: Record) -> RecordRow:
    return record_row(record, CUSTOMERS)


def test_every_age_is_a_group_whose_rows_come_while_the_list_is_read() -> None:
    read: list[str] = []

    def parts() -> Iterator[BoardPart]:
        for records in ((Record(3, age=Age.TODAY),), (Record(2, age=Age.OLDER), Record(4))):
            read.append("part")
            yield BoardPart(records, CUSTOMERS)

    shown = []
    for group in groups(OpenBoard(parts(), complete=True), {}):
        shown.append((group.age, [(row.id, len(read)) for row in group.rows]))
    assert shown == [
        (Age.TODAY, [(3, 1)]),
        (Age.WEEK, []),
        (Age.MONTH, []),
        (Age.OLDER, [(2, 2)]),
        (Age.UNKNOWN, [(4, 2)]),
    ]


def test_a_row_names_the_filters_that_it_passes() -> None:
    assert row_of(Record(1, age=Age.OLDER)).flags == ("none",)
    assert row_of(Record(2, customers=refs("COMPANY:5"))).flags == ("company",)
    assert row_of(Record(3, customers=refs("CONTACT:5"))).flags == ()


def test_a_record_is_named_after_its_main_customer() -> None:
    row = row_of(Record(7, "Thursday\nonly", refs("COMPANY:5", "CONTACT:5", "CONTACT:12")))
    assert row.title == "Carla Rossi"
    assert row.others == ("Contact #12", "Acme Ltd")
    assert row.more == "+ 2 more"
    assert row.note == "Thursday only"
    assert row.avatar == Avatar("CR", "round")


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+1 (555) 0142", "+15550142"),
        ("(+49) 30/123-45", "+493012345"),
        ("0142 ext. 7", "0142,7"),
        ("+49 (0)30 23125900", "+493023125900"),
        ("+44 (0) 20 7946 0063", "+442079460063"),
        ("\u202a+49\u00a030\u201323125900\u202c", "+493023125900"),
        ("٠٣٠ ٢٣١٢٥٩٠٠", "03023125900"),
        ("+7 495 123-45-67 доб. 12", "+74951234567,12"),
        ("+49 30 23125900;12", "+493023125900,12"),
        ("030/23125900", "03023125900"),
    ],
)
def test_a_phone_can_be_called(written: str, dialled: str) -> None:
    row = customer_row(CARLA.ref, {CARLA.ref: person(5, "Carla", written, "+1 555 0199")}, (), ())
    assert [(one.text, one.dialled) for one in row.phones] == [
        (written, dialled),
        ("+1 555 0199", "+15550199"),
    ]
    assert row.details == ()


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "n/a",
        "доб. 12",
        "12",
        "030 1234567, 0171 7654321",
        "030 1234567 / 0171 7654321",
        "+49 30 1234567 +49 171 7654321",
        "030 23125900/01",
        "+999 1234567",
        "ask for Anna 030 1234567",
        "4.91701234567E+11",
    ],
)
def test_what_is_not_one_number_is_no_link(written: str) -> None:
    row = customer_row(CARLA.ref, {CARLA.ref: person(5, "Carla", written)}, (), ())
    assert [(one.text, one.dialled) for one in row.phones] == [(written, "")]


def test_a_record_without_customers_says_so() -> None:
    row = row_of(Record(7))
    assert (row.title, row.note, row.more) == ("No customers", "Record #7", "")
    assert row.avatar.shape == "none"


@pytest.mark.parametrize(
    ("age", "text", "level"),
    [
        (Age.TODAY, "today", ""),
        (Age.WEEK, "this week", ""),
        (Age.MONTH, "this month", "warn"),
        (Age.OLDER, "over a month", "late"),
        (Age.UNKNOWN, "", ""),
    ],
)
def test_the_color_of_the_age_depends_on_the_waiting_time(age: Age, text: str, level: str) -> None:
    row = row_of(Record(7, age=age))
    assert (row.age_text, row.age_level) == (text, level)


def test_the_search_text_has_names_without_accents_and_phones_without_separators() -> None:
    row = row_of(Record(7, "Grüße", refs("CONTACT:6")))
    assert "zoe lopez" in row.search
    assert "grusse" in row.search
    assert "#7" in row.search
    assert row.phones == "15550177"


def test_the_editor_puts_contacts_first_and_the_main_customer_on_top() -> None:
    record = Record(7, "note", refs("COMPANY:5", "CONTACT:6", "CONTACT:5"))
    editor = editor_view(record, CUSTOMERS)
    assert [row.name for row in editor.rows] == ["Zoë Lopez", "Carla Rossi", "Acme Ltd"]
    assert [row.main for row in editor.rows] == [True, False, False]
    assert [row.movable for row in editor.rows] == [True, True, False]
    assert editor.title == "Zoë Lopez and 2 more"
    assert list(editor.base) == ["COMPANY:5", "CONTACT:6", "CONTACT:5"]


def test_a_company_can_become_the_main_customer_without_contacts() -> None:
    editor = editor_view(Record(7, "", refs("COMPANY:5")), CUSTOMERS)
    assert editor.rows[0].movable
    assert editor.rows[0].avatar == Avatar("AC", "square")
    assert editor.rows[0].details == ("Company",)


def test_the_editor_shows_a_form_that_differs_from_the_record() -> None:
    record = Record(7, "old", refs("CONTACT:5"), Age.TODAY)
    chosen = refs("CONTACT:6")
    editor = editor_view(record, CUSTOMERS, chosen=chosen, note="new")
    assert [(row.name, row.new) for row in editor.rows] == [("Zoë Lopez", True)]
    assert list(editor.base.values()) == ["Carla Rossi"]
    assert (editor.note, editor.base_note) == ("new", "old")
    assert editor.subtitle == "Record #7 · added today"


def test_the_editor_of_a_new_record_is_empty() -> None:
    editor = editor_view(None, {})
    assert editor.id is None
    assert editor.title == "New record"
    assert not editor.rows
    assert not editor.base


def test_a_customer_without_access_stays_and_says_why_there_is_no_name() -> None:
    row = customer_row(HIDDEN.ref, CUSTOMERS, (HIDDEN.ref,), (HIDDEN.ref,))
    assert row.name == "Contact #12"
    assert not row.visible
    assert "don't have access" in row.details[0]


def test_hits_mark_the_typed_text_and_customers_of_the_record() -> None:
    found = Found((CARLA, ZOE), more=True)
    hits = hits_view(found, {CARLA.ref}, "0177", records={ZOE.ref: 96})
    first, second = hits.rows
    assert (first.state, first.disabled) == ("already here", True)
    assert (second.state, second.disabled) == ("on record #96", False)
    assert second.details == ((Part("+1 555 ", False), Part("0177", True)),)
    assert hits.said == "2 customers found. Enter adds Zoë Lopez."
    assert hits.limited


def test_hits_say_when_nothing_was_found() -> None:
    hits = hits_view(Found(), (), "xyz")
    assert hits.said == "No customer found for “xyz”."


def test_a_hit_shows_the_phone_that_matches() -> None:
    two_phones = person(8, "Max", "+1 111", "+1 222")
    hits = hits_view(Found((two_phones,)), (), "222")
    assert "".join(part.text for part in hits.rows[0].details[0]) == "+1 222"


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("+1 555 0177", "550177", "55 0177"),
        ("Carla Rossi", "ROSS", "Ross"),
        ("Carla Rossi", "(", None),
        ("a.b", "a.b", "a.b"),
        ("axb", "a.b", None),
        ("", "x", None),
    ],
)
def test_the_matching_text_is_marked(text: str, query: str, found: str | None) -> None:
    parts = marked(text, query)
    assert next((part.text for part in parts if part.marked), None) == found
    assert "".join(part.text for part in parts) == text


def test_a_conflict_shows_all_three_lists() -> None:
    mine, theirs = refs("CONTACT:5"), refs("COMPANY:5", "CONTACT:6")
    conflict = Conflict(Edit((), mine), Record(7, "", theirs), mine + theirs)
    view = conflict_view(conflict, CUSTOMERS, "They did", "I did")
    assert view.mine == ("Carla Rossi",)
    assert view.theirs == ("Zoë Lopez", "Acme Ltd")
    assert view.both == ("Carla Rossi", "Zoë Lopez", "Acme Ltd")
    assert view.mine_keys == ("CONTACT:5",)
    assert view.theirs_keys == ("COMPANY:5", "CONTACT:6")


@pytest.mark.parametrize(
    ("mine", "base", "theirs", "sent"),
    [("old", "old", "new", "new"), ("mine", "old", "new", "mine"), ("mine", "old", "old", "mine")],
)
def test_a_conflict_sends_my_note_only_if_i_changed_it(
    mine: str, base: str, theirs: str, sent: str
) -> None:
    view = conflict_view(Conflict(Edit((), (), base, mine), Record(7, theirs), ()), {}, "", "")
    assert view.note == sent
    assert view.notes_differ == (sent != theirs)


def test_the_history_says_who_was_added_and_removed_and_what_can_be_restored() -> None:
    before, after = refs("CONTACT:5"), refs("CONTACT:6")
    row = history_row(PastChange(3, 7, 0, before, after), NAMES)
    assert (row.added, row.removed) == (("Zoë Lopez",), ("Carla Rossi",))
    assert row.restored == ("Carla Rossi",)
    assert (row.id, row.when, row.who) == (3, "1970-01-01 00:00 UTC", "you")


@pytest.mark.parametrize(
    ("before", "after", "main"),
    [
        pytest.param("CONTACT:5 CONTACT:6", "CONTACT:6 CONTACT:5", "Zoë Lopez", id="made"),
        pytest.param("COMPANY:5", "CONTACT:6 COMPANY:5", "Zoë Lopez", id="a contact goes first"),
        pytest.param("COMPANY:5 CONTACT:5", "CONTACT:5 COMPANY:5", "", id="contacts are first"),
        pytest.param("CONTACT:5 CONTACT:6", "CONTACT:6", "", id="removed"),
        pytest.param("CONTACT:5", "CONTACT:6", "", id="replaced"),
        pytest.param("", "CONTACT:6", "", id="the first"),
        pytest.param("CONTACT:5", "", "", id="emptied"),
    ],
)
def test_the_history_names_a_main_customer_that_was_put_before_another(
    before: str, after: str, main: str
) -> None:
    row = history_row(PastChange(3, 7, 0, refs(*before.split()), refs(*after.split())), NAMES)
    assert row.main == main


def test_the_history_says_which_user_changed_a_record() -> None:
    colleague, outside = PastChange(3, 8, 0, (), ()), OutsideChange((), ())
    assert history_row(colleague, NAMES).who == "colleague #8"
    assert history_row(replace(colleague, user_id=9), NAMES).who == "Olivia Hartmann"
    row = history_row(outside, NAMES)
    assert (row.id, row.when, row.who) == (None, "", "Outside the app")


@pytest.mark.parametrize(
    ("user_id", "before", "after", "said"),
    [
        (9, "CONTACT:5", "CONTACT:5 CONTACT:6", "Olivia Hartmann added Zoë Lopez"),
        (9, "CONTACT:5 COMPANY:5", "CONTACT:5", "Olivia Hartmann removed Acme Ltd"),
        (
            9,
            "CONTACT:5",
            "CONTACT:6 COMPANY:5",
            "Olivia Hartmann added Zoë Lopez, Acme Ltd and removed Carla Rossi",
        ),
        (
            9,
            "CONTACT:5 CONTACT:6",
            "CONTACT:6 CONTACT:5",
            "Olivia Hartmann made Zoë Lopez the main customer",
        ),
        (8, "", "CONTACT:7", "colleague #8 added Contact #7"),
        (7, "", "CONTACT:5", "You added Carla Rossi"),
        (7, "CONTACT:5", "", "You removed Carla Rossi"),
    ],
)
def test_a_change_is_told_in_one_sentence(user_id: int, before: str, after: str, said: str) -> None:
    change = PastChange(3, user_id, 0, refs(*before.split()), refs(*after.split()))
    assert change_text(change, NAMES) == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("CONTACT:5", "", "Carla Rossi was taken off outside this app"),
        ("CONTACT:5 CONTACT:6", "", "Carla Rossi, Zoë Lopez were taken off outside this app"),
        (
            "CONTACT:5",
            "COMPANY:5",
            "Acme Ltd was added outside this app · Carla Rossi was taken off outside this app",
        ),
        ("CONTACT:5 CONTACT:6", "CONTACT:6 CONTACT:5", "The order was changed outside this app"),
    ],
)
def test_a_change_outside_the_app_names_the_customers(before: str, after: str, said: str) -> None:
    change = OutsideChange(refs(*before.split()), refs(*after.split()))
    assert change_text(change, NAMES) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "yesterday"),
        (20 * 86_400, "20 days ago"),
    ],
)
def test_the_age_of_a_change_is_told_in_words(seconds: int, said: str) -> None:
    change = PastChange(3, 9, 1_000_000, (), refs("CONTACT:5"))
    text = last_change_text(change, NAMES, datetime.fromtimestamp(1_000_000 + seconds, UTC))
    assert text == f"Olivia Hartmann added Carla Rossi {said}"


@pytest.mark.parametrize(
    ("made", "now", "said"),
    [
        ("2026-03-07T23:00+00:00", "2026-03-08T22:30+00:00", "23 hours ago"),
        ("2026-03-07T23:00+00:00", "2026-03-08T23:30+00:00", "yesterday"),
        ("2026-03-07T23:00+00:00", "2026-03-09T00:30+00:00", "2 days ago"),
        ("2026-03-07T23:00+03:00", "2026-03-08T23:59+03:00", "yesterday"),
        ("2026-03-07T23:00-08:00", "2026-03-09T00:01-08:00", "2 days ago"),
        ("2026-03-07T01:00+05:30", "2026-03-08T23:59+05:30", "yesterday"),
    ],
)
def test_yesterday_is_the_day_before_on_the_calendar_of_the_portal(
    made: str, now: str, said: str
) -> None:
    moment = int(datetime.fromisoformat(made).timestamp())
    change = PastChange(3, 9, moment, (), refs("CONTACT:5"))
    text = last_change_text(change, NAMES, datetime.fromisoformat(now))
    assert text == f"Olivia Hartmann added Carla Rossi {said}"
