"""The same number, name or e-mail is found however it is typed."""

# ruff: noqa: RUF001 - characters of many scripts are intended

from __future__ import annotations

import re
from html import unescape

import pytest

from sandbox import Sandbox
from sandbox.portal.portal import Portal
from tests.cast import Person
from tests.web.picker.steps import NEW, ROW, TAKE, add_contact, draft, hits
from tests.web.steps import methods_asked

FIELD = re.compile(r'name="new_(\w+)" type="\w+" class="field" value="([^"]*)"')
MARKED_NUMBER = "\u202a+49\u00a030\u201323125\u200b900\u202c"

SPELLINGS = [
    ("8 912 345-67-89", "+7 912 345-67-89"),
    ("+7 912 345-67-89", "8 (912) 345 67 89"),
    ("030 23125900", "+49 30 23125900"),
    ("+49 30 23125900", "030 23125900"),
    ("0049 30 23125900", "+49 30 23125900"),
    ("+49 (0)30 23125900", "+49 30 23125900"),
    ("0049 30 23125900", "+49 (0)30 23125900"),
    ("8 029 123-45-67", "+375 29 123-45-67"),
    ("06 12345678", "+39 06 12345678"),
    ("011 49 30 23125900", "+49 30 23125900"),
    ("٠٣٠ ٢٣١٢٥٩٠٠", "+49 30 23125900"),
    ("۰۳۰ ۲۳۱۲۵۹۰۰", "+49 30 23125900"),
    ("＋４９ ３０ ２３１２５９００", "+49 30 23125900"),
    (MARKED_NUMBER, "+49 30 23125900"),
    ("tel:+49-30-23125900", "+49 30 23125900"),
]


@pytest.mark.parametrize(("typed", "stored"), SPELLINGS)
def test_a_number_is_found_as_it_is_dialed_at_home(
    raj: Person, portal: Portal, typed: str, stored: str
) -> None:
    key = add_contact(portal, 900, "Nora Quill", stored)
    portal.requests.clear()
    assert hits(raj, typed) == [key]
    assert len(portal.requests) == 1
    assert hits(raj, typed, "/customers/seen") == [key]


@pytest.mark.parametrize(("typed", "stored"), SPELLINGS)
def test_the_customer_with_this_number_is_shown_before_another_is_created(
    raj: Person, portal: Portal, typed: str, stored: str
) -> None:
    key = add_contact(portal, 900, "Nora Quill", stored)
    page = raj.post(NEW, draft(name="Anna", phone=typed)).text
    assert TAKE.findall(page) == [key]
    assert "crm.item.add" not in methods_asked(portal)


@pytest.mark.parametrize("typed", ["030 23125901", "+43 30 23125900", "3125900 77"])
def test_another_number_asks_no_question(raj: Person, portal: Portal, typed: str) -> None:
    add_contact(portal, 900, "Nora Quill", "+49 30 23125900")
    assert ROW.findall(raj.post(NEW, draft(name="Anna", phone=typed)).text)


@pytest.mark.parametrize(
    ("lang", "typed", "stored"),
    [
        ("de", "030 23125900", "+49 30 23125900"),
        ("de", "+49 (0)30 23125900", "030 23125900"),
        ("ru", "8 912 345-67-89", "+7 912 345-67-89"),
        ("pl", "22 123 45 67", "+48 22 123 45 67"),
    ],
)
def test_the_users_country_helps_where_the_portal_finds_whole_numbers_only(
    raj: Person, portal: Portal, sandbox: Sandbox, lang: str, typed: str, stored: str
) -> None:
    sandbox.switches.search_content = False
    key = add_contact(portal, 900, "Nora Quill", stored)
    raj.open(lang=lang)
    assert hits(raj, typed) == [key]
    assert TAKE.findall(raj.post(NEW, draft(name="Anna", phone=typed)).text) == [key]


def test_a_hit_of_the_portal_is_never_dropped(raj: Person, portal: Portal) -> None:
    """CRM's search text also has other fields, which the app does not read."""
    other = add_contact(portal, 900, "Room 4455667")
    exact = add_contact(portal, 901, "Nora Quill", "4455667")
    assert hits(raj, "4455667") == [exact, other]


NAMES = [
    ("gross", "Anna Groß"),
    ("Quill, Nora", "Nora Quill"),
    ("N. Quill", "Nora Quill"),
    ("quill  nora", "Nora Quill"),
    ("Pat O’Brien", "Pat O'Brien"),
    ("O'Brien", "Pat O’Brien"),
    ("Żółkiewski", "Jan Zolkiewski"),
    ("佐藤花子", "花子 佐藤"),
    ("김민수", "민수 김"),
    ("김", "민수 김"),
    ("\u202bNora\u202c Qu\u200bill", "Nora Quill"),
    ("Nora\u00a0Quill", "Nora Quill"),
    ("Ｎｏｒａ Ｑｕｉｌｌ", "Nora Quill"),
    ("Nora Quill <other@example.com>", "Nora Quill"),
    ("Nora @ Quill", "Nora Quill"),
]


@pytest.mark.parametrize(("typed", "stored"), NAMES)
def test_a_name_is_found_however_it_is_typed(
    raj: Person, portal: Portal, typed: str, stored: str
) -> None:
    key = add_contact(portal, 900, stored)
    portal.requests.clear()
    assert key in hits(raj, typed)
    assert len(portal.requests) == 1


@pytest.mark.parametrize("typed", ["zolkiewski", "isil", "soren", "duc"])
def test_letters_that_a_portal_tells_apart_are_found_among_those_seen(
    raj: Person, portal: Portal, typed: str
) -> None:
    names = ("Jan Żółkiewski", "Işıl Vale", "Søren Vale", "Đức Vale")
    keys = [add_contact(portal, 900 + at, name) for at, name in enumerate(names)]
    raj.post("/customers/rows", {"picked": [f"C_{900 + at}" for at in range(len(names))]})
    found = hits(raj, typed, "/customers/seen")
    wanted = keys[("zolkiewski", "isil", "soren", "duc").index(typed)]
    assert [key for key in keys if key in found] == [wanted]


@pytest.mark.parametrize(
    "typed",
    [
        "mailto:nora_q@example.com",
        "MAILTO:Nora_Q@example.com?subject=Hello",
        "Nora Quill <nora_q@example.com>",
        '"Quill, Nora" <nora_q@example.com>',
        "nora_q@example.com (Nora Quill)",
        "\u200enora_q@example.com\u00a0",
        "ｎｏｒａ_q＠example.com",
    ],
)
def test_an_email_is_found_as_it_is_copied(raj: Person, portal: Portal, typed: str) -> None:
    key = add_contact(portal, 900, "Somebody Else", "first@example.com", "nora_q@example.com")
    assert hits(raj, typed) == [key]
    page = raj.post(NEW, draft(name="Anna", email=typed.partition("<")[2].strip(">") or typed))
    assert key in TAKE.findall(page.text) or " (" in typed


@pytest.mark.parametrize(
    ("typed", "name", "last", "other"),
    [
        ("Quill, Nora", "Nora", "Quill", {}),
        ("N. Quill", "N.", "Quill", {}),
        ("Nora Quill <nora@example.com>", "Nora", "Quill", {"email": "nora@example.com"}),
        ("Quill, Nora <nora@example.com>", "Nora", "Quill", {"email": "nora@example.com"}),
        ("mailto:nora@example.com", "", "", {"email": "nora@example.com"}),
        ("Nora Quill 030 23125900", "Nora", "Quill", {"phone": "030 23125900"}),
        ("+49 30 23125900 Nora", "Nora", "", {"phone": "+49 30 23125900"}),
        (MARKED_NUMBER, "", "", {"phone": "+49 30-23125900"}),
        ("佐藤花子", "佐藤花子", "", {}),
    ],
)
def test_the_draft_has_name_and_address_apart(
    raj: Person, typed: str, name: str, last: str, other: dict[str, str]
) -> None:
    page = unescape(raj.post("/customers/new", {"q": typed}).text)
    wanted = {"name": name, "lastName": last, "phone": "", "email": "", **other}
    shown = dict(FIELD.findall(page))
    assert {field: shown[field] for field in wanted} == wanted


@pytest.mark.parametrize(
    ("phone", "email", "kept"),
    [
        (MARKED_NUMBER, "\u200enora@example.com\u200f", ("+49 30-23125900", "nora@example.com")),
        ("٠٣٠ ٢٣١٢٥٩٠٠", "mailto:nora@example.com", ("030 23125900", "nora@example.com")),
        ("０３０\u2212２３１", "ｎｏｒａ@example.com", ("030-231", "nora@example.com")),
    ],
)
def test_what_is_saved_has_no_invisible_characters(
    raj: Person, portal: Portal, phone: str, email: str, kept: tuple[str, str]
) -> None:
    name = "\u202bN\u200bora\ufeff\u202c\u00a0 Maria"
    fields = draft(name=name, lastName="\u00adQuill\u200f\u3000", phone=phone, email=email)
    assert ROW.findall(raj.post(NEW, fields).text)
    made = portal.state.contacts[max(portal.state.contacts)]
    assert (made.fields["name"], made.fields["lastName"]) == ("Nora Maria", "Quill")
    assert tuple(one.value for one in made.fm) == kept


def test_joiners_that_belong_to_the_spelling_are_kept(raj: Person, portal: Portal) -> None:
    raj.post(NEW, draft(name="می\u200cخواهم", lastName="Ann\u200da"))
    made = portal.state.contacts[max(portal.state.contacts)]
    assert (made.fields["name"], made.fields["lastName"]) == ("می\u200cخواهم", "Anna")


@pytest.mark.parametrize("email", ["nörä@example.com", "nora@exämple.com", "nora@example"])
def test_an_email_that_a_portal_refuses_is_not_sent(
    raj: Person, portal: Portal, email: str
) -> None:
    answer = raj.post(NEW, draft(name="Anna", email=email))
    assert answer.status_code == 422
    assert "Please check this." in answer.text
    assert portal.requests == []


@pytest.mark.parametrize("phone", ["n/a", "доб. 12", "030 1234567, 0171 7654321"])
def test_a_phone_that_is_not_understood_is_plain_text(
    raj: Person, portal: Portal, phone: str
) -> None:
    add_contact(portal, 900, "Nora Quill", phone)
    page = raj.post("/customers/rows", {"picked": "C_900"}).text
    assert phone in unescape(page)
    assert "tel:" not in page


def test_no_company_may_be_null(raj: Person, portal: Portal, sandbox: Sandbox) -> None:
    sandbox.switches.null_company = True
    key = add_contact(portal, 900, "Nora Quill", companyId=0, companyIds=[])
    assert hits(raj, "Nora Quill") == [key]
    assert ROW.findall(raj.post(NEW, draft(name="Anna")).text)
