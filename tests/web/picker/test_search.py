"""Find customers, add the contact persons of a company, and create a customer."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sandbox import Sandbox
from sandbox.core.model import Multifield
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Cast, Person
from tests.web.picker.steps import HIT, NEW, ROW, TAKE, add_contact, draft, hits
from tests.web.steps import let_pass, methods_asked
from waitlist.customers.search import MOST_HITS
from waitlist.pending_writes import HORIZON

PERSON = re.compile(r'type="checkbox" value="([A-Z]+:\d+)"')


# Finding customers


@pytest.mark.parametrize("query", ["+49 30 23125 777", "second@example.com"])
@pytest.mark.parametrize("parts", [True, False], ids=["in parts", "whole"])
def test_a_supplier_with_this_phone_or_email_is_no_hit(
    raj: Person, portal: Portal, sandbox: Sandbox, query: str, parts: bool
) -> None:
    """Not even one that this user has just seen on a record."""
    values = ("first@example.com", "second@example.com", "+49 30 23125 777")
    add_contact(portal, 900, "Nora Vale", *values, categoryId=1)
    anna = add_contact(portal, 901, "Anna Vale", *values)
    portal.state.companies[40].fm.append(Multifield(9999, "PHONE", "WORK", values[2]))
    number = next(number for number in portal.records if not portal.clients(number))
    raj.post(f"/records/{number}/save", {"customer": ["CONTACT:900", "COMPANY:40"]})
    assert "Nora Vale" in raj.post(f"/records/{number}").text
    sandbox.switches.search_content = parts
    assert hits(raj, query) == [anna]
    assert "Nora" not in raj.post("/customers/seen", {"q": query}).text
    assert hits(raj, "Nora Vale") == []


@pytest.mark.parametrize("query", ["+49 30 23125 777", "5777", "second@example.com", "Nora Vale"])
@pytest.mark.parametrize("path", ["/customers/search", "/customers/seen"])
def test_a_supplier_who_is_on_the_record_is_found_there(
    raj: Person, portal: Portal, query: str, path: str
) -> None:
    nora = add_contact(
        portal, 900, "Nora Vale", "+49 30 23125 777", "second@example.com", categoryId=1
    )
    if path.endswith("seen"):
        raj.post("/customers/rows", {"picked": ["C_900"]})
    portal.requests.clear()
    page = raj.post(path, {"q": query, "customer": nora}).text
    assert HIT.findall(page) == [nora]
    assert "already here" in page
    assert "No customer found" not in page
    assert len(portal.requests) == path.endswith("search")


def test_who_is_on_the_record_is_among_hits_however_many_there_are(
    raj: Person, portal: Portal
) -> None:
    for number in range(900, 900 + MOST_HITS + 5):
        add_contact(portal, number, f"Nora Vale{number}")
    last = add_contact(portal, 990, "Eleonora Zimmer")
    found = hits(raj, "nora", customer=last)
    assert len(found) == MOST_HITS + 1
    assert found[-1] == last
    assert hits(raj, "nora", "/customers/seen", customer=last)[-1] == last
    assert last not in hits(raj, "nora")


def test_a_supplier_with_this_phone_is_not_taken_for_the_new_customer(
    raj: Person, portal: Portal
) -> None:
    add_contact(portal, 900, "Nora Vale", "+49 30 23125 777", categoryId=1)
    page = raj.post(NEW, draft(name="Anna", phone="+49 30 23125 777")).text
    assert "Nora" not in page
    assert ROW.findall(page)


@pytest.mark.parametrize(
    "query", ["+1 (555) 0142-77", "15550142 77", "5550142", "014277", "001 555 014277"]
)
def test_a_phone_is_found_by_any_part_however_it_is_typed(
    raj: Person, portal: Portal, query: str
) -> None:
    key = add_contact(portal, 900, "Nora Vale", "+1 555 01 42 77")
    assert key in hits(raj, query)


def test_the_exact_phone_comes_first(raj: Person, portal: Portal) -> None:
    longer = add_contact(portal, 900, "Aaron Vale", "+1 5550142770")
    exact = add_contact(portal, 901, "Zoe Vale", "555 014 277")
    ending = add_contact(portal, 902, "Bea Vale", "+1 555 014 277")
    assert hits(raj, "555014277") == [exact, ending, longer]


def test_an_email_is_found_though_it_is_the_second_one(raj: Person, portal: Portal) -> None:
    key = add_contact(portal, 900, "Nora Vale", "first@example.com", "second@example.com")
    assert hits(raj, "second@example.com") == [key]
    assert hits(raj, "first@exa") == [key]


@pytest.fixture
def only_whole(sandbox: Sandbox) -> None:
    """A portal that does not let its lists be filtered by `searchContent`."""
    sandbox.switches.search_content = False


@pytest.mark.usefixtures("only_whole")
@pytest.mark.parametrize("query", ["+1 (555) 0142-77", "001 555 0142 77"])
def test_a_whole_phone_is_found_where_the_portal_finds_no_parts(
    raj: Person, portal: Portal, query: str
) -> None:
    key = add_contact(portal, 900, "Nora Vale", "+1 555 0199", "+1 555 01 42 77")
    portal.user(REGULAR_USER).hidden_contacts.append(901)
    add_contact(portal, 901, "Hugo Vale", "+1 555 01 42 77")
    portal.requests.clear()
    assert hits(raj, query) == [key]
    assert len(portal.requests) == 2
    assert "Type the whole number" not in raj.post("/customers/search", {"q": query}).text


@pytest.mark.usefixtures("only_whole")
def test_a_portal_that_finds_no_parts_is_not_asked_for_them_again_and_again(
    raj: Person, portal: Portal, sandbox: Sandbox
) -> None:
    page = raj.post("/customers/search", {"q": "99887766"})
    assert page.status_code == 200
    assert "No customer found for “99887766”." in page.text
    assert "Type the whole number with its country code" in page.text
    assert "New customer with phone 99887766" in page.text
    add_contact(portal, 900, "Nora Vale", "+1 9988 7766")
    sandbox.switches.search_content = True
    portal.requests.clear()
    assert hits(raj, "99887766") == []
    assert len(portal.requests) == 1


@pytest.mark.usefixtures("only_whole")
def test_a_cached_customer_is_found_by_part_of_a_phone(raj: Person, portal: Portal) -> None:
    key = add_contact(portal, 900, "Nora Quillfeather", "+1 9988 7766")
    assert hits(raj, "quillf") == [key]
    page = raj.post("/customers/search", {"q": "988776"}).text
    assert HIT.findall(page) == [key]
    assert "Type the whole number" in page


@pytest.mark.usefixtures("only_whole")
def test_a_closed_crm_is_said_for_a_phone_search_too(raj: Person, portal: Portal) -> None:
    hits(raj, "5550142")
    portal.user(REGULAR_USER).crm_read = False
    for _ in range(2):
        page = raj.post("/customers/search", {"q": "5550142"}).text
        assert (
            "You have no access to contacts or companies in CRM. Ask your CRM administrator."
            in page
        )


@pytest.mark.usefixtures("only_whole")
def test_a_failed_phone_search_is_not_shown_as_no_hits(raj: Person, portal: Portal) -> None:
    portal.faults.add("OPERATION_TIME_LIMIT", "crm.duplicate.findbycomm")
    assert raj.post("/customers/search", {"q": "5550142"}).status_code == 503


def test_a_phone_takes_one_request(raj: Person, portal: Portal) -> None:
    add_contact(portal, 900, "Nora Vale", "+1 555 01 42 77")
    portal.user(REGULAR_USER).hidden_contacts.append(901)
    add_contact(portal, 901, "Hugo Vale", "+1 555 01 42 77")
    portal.requests.clear()
    assert len(hits(raj, "+1 555 01 42 77")) == 1
    assert len(portal.requests) == 1


def test_names_that_begin_so_come_before_names_that_contain_it(raj: Person, portal: Portal) -> None:
    within = add_contact(portal, 900, "Ada Overqist")
    begins = add_contact(portal, 901, "Qistina Zaal")
    whole = add_contact(portal, 902, "Qist")
    assert hits(raj, "qist") == [whole, begins, within]


def test_cached_customers_are_found_without_asking_the_portal(raj: Person, portal: Portal) -> None:
    key = add_contact(portal, 900, "Nora Quillfeather", "+1 555 0142")
    assert hits(raj, "quill", "/customers/seen") == []
    assert hits(raj, "quillf") == [key]
    portal.requests.clear()
    for query in ("quill", "nora qui", "QUILLFEATHER", "0142", "555 0142"):
        assert key in hits(raj, query, "/customers/seen")
    assert portal.requests == []


def test_a_user_does_not_find_what_only_another_user_has_seen(
    installed: Cast, portal: Portal
) -> None:
    add_contact(portal, 900, "Nora Quillfeather")
    assert hits(installed.administrator, "quillf")
    assert hits(installed.regular_user, "quillf", "/customers/seen") == []


def test_hits_that_were_there_at_once_stay_where_they_are(raj: Person, portal: Portal) -> None:
    """Cached customers come before others that fit as well, however many are found."""
    for number in range(900, 960):
        add_contact(portal, number, f"Anna Twin{number}")
    seen = add_contact(portal, 960, "Zelda Twin960")
    assert hits(raj, "twin960") == [seen]
    assert hits(raj, "twin", "/customers/seen") == [seen]
    found = hits(raj, "twin")
    assert found[0] == seen
    assert len(found) == MOST_HITS


def test_too_many_hits_say_so(raj: Person, portal: Portal) -> None:
    for number in range(900, 900 + MOST_HITS + 1):
        add_contact(portal, number, f"Anna Twin{number}")
    assert "There are more. Type more" in raj.post("/customers/search", {"q": "twin"}).text
    del portal.state.contacts[900]
    assert "There are more" not in raj.post("/customers/search", {"q": "twin9"}).text


def test_a_hit_says_on_which_record_a_customer_is(raj: Person, portal: Portal) -> None:
    number, contact = next(
        (n, id)
        for n, record in sorted(portal.records.items(), reverse=True)
        for kind, id in portal.clients(n)
        if kind == "CONTACT" and id not in portal.user(REGULAR_USER).hidden_contacts
    )
    name = portal.state.contacts[contact].title
    key = f"CONTACT:{contact}"
    portal.requests.clear()
    page = raj.post("/customers/search", {"q": name, "record": "new"}).text
    assert f"on record #{number}" in page
    assert len(portal.requests) == 1
    page = raj.post("/customers/search", {"q": name, "record": str(number)}).text
    assert f"on record #{number}" not in page
    page = raj.post("/customers/search", {"q": name, "record": str(number), "customer": key}).text
    assert "already here" in page


@pytest.mark.parametrize("query", ["", "a", " x "])
def test_too_little_to_search_for_says_what_would_do(raj: Person, query: str) -> None:
    page = raj.post("/customers/search", {"q": query}).text
    assert "Type a name, an e-mail, or 4 digits in a row from a phone number." in page
    assert "Create" not in page


def test_a_customer_that_is_not_found_can_be_created(raj: Person) -> None:
    page = raj.post("/customers/search", {"q": "Xaverius Nobody"}).text
    assert "No customer found for “Xaverius Nobody”." in page
    assert "Create “Xaverius Nobody”" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("0079", "New customer with phone …0079"),
        ("٠٠٧٩", "New customer with phone …0079"),
        ("+49 30 2312 5777", "New customer with phone +49 30 2312 5777"),
        ("nora@example.com", "New customer with e-mail nora@example.com"),
        ("Nora 030 2312 5777", "Create “Nora 030 2312 5777”"),
    ],
)
def test_a_number_or_an_email_is_no_name_of_a_new_customer(
    raj: Person, query: str, words: str
) -> None:
    page = unescape(raj.post("/customers/search", {"q": query}).text)
    assert words in page
    assert ("Create “" in page) is words.startswith("Create")


def test_without_crm_rights_the_search_says_to_ask_the_administrator(
    raj: Person, portal: Portal
) -> None:
    portal.user(REGULAR_USER).crm_read = False
    page = raj.post("/customers/search", {"q": "anna"}).text
    assert "You have no access to contacts or companies in CRM. Ask your CRM administrator." in page
    assert 'role="option"' not in page


def test_a_search_that_fails_says_so(raj: Person, portal: Portal) -> None:
    portal.faults.add("server_error", "crm.*", count=9)
    response = raj.post("/customers/search", {"q": "anna"})
    assert response.status_code == 502
    assert 'id="problem" role="alert"' in response.text


# Those added last


def test_customers_added_last_come_first_and_those_one_may_not_see_are_left_out(
    raj: Person, portal: Portal
) -> None:
    number = next(n for n in portal.records if not portal.clients(n))
    added = [add_contact(portal, n, f"Nora Vale{n}") for n in (900, 901, 902)]
    for count in range(len(added)):
        fields = {"base": added[:count], "customer": added[: count + 1]}
        assert raj.post(f"/records/{number}/save", fields).status_code == 200
    assert hits(raj, "", "/customers/recent") == added[::-1]
    portal.requests.clear()
    hits(raj, "", "/customers/recent")
    assert portal.requests == []
    del portal.state.contacts[901]
    raj.client.application.extensions["waitlist_clients"].customers._customers.clear()
    assert hits(raj, "", "/customers/recent") == [added[2], added[0]]


def test_what_colleagues_added_is_not_mine(installed: Cast, portal: Portal) -> None:
    number = next(n for n in portal.records if not portal.clients(n))
    key = add_contact(portal, 900, "Nora Vale")
    installed.administrator.post(f"/records/{number}/save", {"customer": key})
    assert hits(installed.regular_user, "", "/customers/recent") == []
    page = installed.regular_user.post("/customers/recent").text
    assert "Type a name" in page


# The portal's own dialog


def test_what_the_portals_dialog_chose_becomes_rows_if_crm_shows_it(
    raj: Person, portal: Portal
) -> None:
    hidden = portal.user(REGULAR_USER).hidden_contacts[0]
    picked = ["C_1", "CO_5", "C_1", f"C_{hidden}", "C_99999"]
    page = raj.post("/customers/rows", {"picked": picked})
    assert ROW.findall(page.text) == ["CONTACT:1", "COMPANY:5"]
    assert "You don't have access to all the customers you chose." in unescape(page.text)
    page = raj.post("/customers/rows", {"picked": "C_1"})
    assert "all the customers you chose" not in page.text


@pytest.mark.parametrize("word", ["", "C", "C_", "L_1", "C_-1", "C_1;2", "_1", "CONTACT:1"])
def test_other_words_than_the_portals_are_refused(raj: Person, portal: Portal, word: str) -> None:
    assert raj.post("/customers/rows", {"picked": word}).status_code == 400
    assert portal.requests == []


# Contacts of a company


@pytest.fixture
def company(portal: Portal) -> int:
    """A company with three contact persons, one of them hidden from Raj."""
    for number, name in ((900, "Nora Vale"), (901, "Omar Vale"), (902, "Pia Vale")):
        add_contact(portal, number, name, companyId=7, companyIds=[7])
    for contact in portal.state.contacts.values():
        if contact.id < 900 and 7 in (contact.fields.get("companyIds") or []):
            contact.fields |= {"companyId": 0, "companyIds": []}
    portal.user(REGULAR_USER).hidden_contacts.append(902)
    return 7


def test_the_persons_of_a_company_are_offered_but_for_those_on_the_record(
    raj: Person, company: int
) -> None:
    page = raj.post("/customers/persons", {"company": f"COMPANY:{company}"}).text
    assert PERSON.findall(page) == ["CONTACT:900", "CONTACT:901"]
    assert "Nora Vale" in page
    assert "Pia" not in page
    fields = {"company": f"COMPANY:{company}", "customer": ["CONTACT:900"]}
    assert PERSON.findall(raj.post("/customers/persons", fields).text) == ["CONTACT:901"]


def test_persons_are_read_in_one_request_where_the_company_is_their_first(
    raj: Person, portal: Portal, company: int
) -> None:
    portal.user(REGULAR_USER).hidden_contacts.remove(902)
    raj.post("/customers/rows", {"picked": f"CO_{company}"})
    portal.requests.clear()
    raj.post("/customers/persons", {"company": f"COMPANY:{company}"})
    assert len(portal.requests) == 1


def test_persons_are_found_though_the_company_is_their_second(
    raj: Person, portal: Portal, company: int
) -> None:
    portal.state.contacts[901].fields |= {"companyId": 8, "companyIds": [8, company]}
    page = raj.post("/customers/persons", {"company": f"COMPANY:{company}"}).text
    assert PERSON.findall(page) == ["CONTACT:900", "CONTACT:901"]


def test_a_company_without_persons_has_nothing_to_offer(raj: Person) -> None:
    page = raj.post("/customers/persons", {"company": "COMPANY:40"}).text
    assert PERSON.findall(page) == []


# Creating a customer


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("Anna Neu", {"name": "Anna", "lastName": "Neu", "title": "Anna Neu"}),
        ("Anna Maria Neu", {"name": "Anna Maria", "lastName": "Neu"}),
        ("Anna", {"name": "Anna", "lastName": ""}),
        ("+49 (30) 23125-777", {"phone": "+49 (30) 23125-777", "name": ""}),
        ("anna@example.com", {"email": "anna@example.com", "name": "", "lastName": ""}),
    ],
)
def test_the_form_has_what_was_typed_where_it_belongs(
    raj: Person, portal: Portal, typed: str, fields: dict[str, str]
) -> None:
    page = raj.post("/customers/new", {"q": typed}).text
    shown = dict(re.findall(r'name="new_(\w+)" type="\w+" class="field" value="([^"]*)"', page))
    assert shown | fields == shown
    assert portal.requests == []


def test_a_contact_is_created_in_two_requests_and_becomes_a_row(
    raj: Person, portal: Portal
) -> None:
    fields = draft(name="Anna", lastName="Neu", phone="+49 30 23125 777", email="neu@example.com")
    page = raj.post(NEW, fields)
    number = max(portal.state.contacts)
    made = portal.state.contacts[number]
    assert ROW.findall(page.text) == [f"CONTACT:{number}"]
    assert (made.title, made.fields["createdBy"]) == ("Anna Neu", REGULAR_USER)
    assert [(one.type_id, one.value_type, one.value) for one in made.fm] == [
        ("PHONE", "WORK", "+49 30 23125 777"),
        ("EMAIL", "WORK", "neu@example.com"),
    ]
    assert [request.method for request in portal.requests] == ["batch", "crm.item.add"]


def test_a_company_is_created_with_its_own_fields_only(raj: Person, portal: Portal) -> None:
    page = raj.post(NEW, draft(kind="COMPANY", title="Neu GmbH", name="Not used"))
    number = max(portal.state.companies)
    assert ROW.findall(page.text) == [f"COMPANY:{number}"]
    assert portal.state.companies[number].title == "Neu GmbH"
    assert "name" not in portal.state.companies[number].fields


def test_a_name_is_not_taken_for_a_command(raj: Person, portal: Portal) -> None:
    raj.post(NEW, draft(name="$result[fields]", lastName="<b>&%"))
    assert portal.state.contacts[max(portal.state.contacts)].title == "$result[fields] <b>&%"


def test_customers_with_this_phone_or_email_are_shown_first(raj: Person, portal: Portal) -> None:
    same_phone = add_contact(portal, 900, "Nora Vale", "+49 30 23125 777")
    same_email = add_contact(portal, 901, "Omar Vale", "other@example.com", "neu@example.com")
    portal.state.companies[7].fm.append(Multifield(9999, "PHONE", "WORK", "+493023125777"))
    before = len(portal.state.contacts)
    fields = draft(name="Anna", phone="+49 30 23125-777", email="NEU@example.com")
    page = raj.post(NEW, fields).text
    assert set(TAKE.findall(page)) == {same_phone, same_email, "COMPANY:7"}
    assert "3 customers with this phone or e-mail are already in CRM." in page
    assert len(portal.state.contacts) == before
    assert 'value="Anna"' in page

    assert len(portal.state.contacts) == before
    raj.post(NEW, {**fields, "anyway": "1"})
    assert len(portal.state.contacts) == before + 1


def test_a_hidden_customer_with_the_same_phone_is_not_shown(raj: Person, portal: Portal) -> None:
    add_contact(portal, 900, "Nora Vale", "+49 30 23125 777")
    portal.user(REGULAR_USER).hidden_contacts.append(900)
    page = raj.post(NEW, draft(name="Anna", phone="+49 30 23125 777")).text
    assert "Nora" not in page
    assert ROW.findall(page)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"phone": "+49 30 23125 777"}, "Type a name."),
        ({"name": " "}, "Type a name."),
        ({"name": "Anna", "email": "anna@"}, "Please check this."),
        ({"name": "Anna", "email": "$result[fields]@example.com"}, "Please check this."),
        ({"name": "Anna", "phone": "call me"}, "Please check this."),
        ({"name": "Anna", "phone": "12"}, "Please check this."),
        ({"name": "A" * 51}, "This is too long for CRM."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_sent(
    raj: Person, portal: Portal, fields: dict[str, str], fault: str
) -> None:
    response = raj.post(NEW, draft(**fields))
    assert response.status_code == 422
    assert fault in response.text
    for value in fields.values():
        assert f'value="{value.strip()}"' in response.text
    assert portal.requests == []


def test_a_field_of_the_form_that_this_crm_asks_for_is_marked(raj: Person, portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["phone", "lastName"]}
    before = len(portal.state.contacts)
    page = raj.post(NEW, draft(name="Anna")).text
    assert page.count("Your CRM requires this.") == 2
    assert "Open the full form" not in page
    assert len(portal.state.contacts) == before
    assert "crm.item.add" not in methods_asked(portal)


def test_a_field_that_only_the_full_form_has_is_named(raj: Person, portal: Portal) -> None:
    portal.state.required_fields = {"contact": ["post"]}
    page = raj.post(NEW, draft(name="Anna")).text
    assert "Your CRM requires more details for a new contact: Post." in page
    assert 'data-full-form="/crm/contact/details/0/"' in page
    assert "crm.item.add" not in methods_asked(portal)


def test_a_field_that_the_portal_fills_in_by_itself_is_not_asked_for(
    raj: Person, portal: Portal
) -> None:
    portal.state.required_fields = {"contact": ["sourceId", "assignedById", "typeId"]}
    assert ROW.findall(raj.post(NEW, draft(name="Anna")).text)


def test_a_refusal_for_want_of_a_field_leads_to_the_full_form_too(
    raj: Person, portal: Portal
) -> None:
    portal.faults.add("error", "crm.item.add", code="CRM_FIELD_ERROR_REQUIRED")
    page = raj.post(NEW, draft(kind="COMPANY", title="Neu GmbH")).text
    assert "Your CRM requires more details for a new company." in page
    assert 'data-full-form="/crm/company/details/0/"' in page
    assert 'value="Neu GmbH"' in page


@pytest.mark.parametrize(("kind", "what"), [("CONTACT", "contacts"), ("COMPANY", "companies")])
def test_without_the_right_to_create_it_says_to_ask_the_administrator(
    raj: Person, portal: Portal, kind: str, what: str
) -> None:
    portal.user(REGULAR_USER).crm_add = False
    response = raj.post(NEW, draft(kind=kind, name="Anna", title="Anna"))
    assert response.status_code == 403
    said = " ".join(re.sub(r"<[^>]+>", " ", unescape(response.text)).split())
    assert f"You don't have permission to create {what}. Ask your CRM administrator." in unescape(
        said
    )
    assert 'value="Anna"' in response.text


def test_after_a_lost_answer_the_customer_is_looked_for_in_crm(raj: Person, portal: Portal) -> None:
    before = len(portal.state.contacts)
    portal.faults.add("drop_after", "crm.item.add", count=1)
    fields = draft(name="Anna", lastName="Neu", phone="+49 30 23125 777")
    page = raj.post(NEW, fields).text
    key = f"CONTACT:{max(portal.state.contacts)}"
    assert "Bitrix24 did not answer, but CRM has this customer now." in page
    assert TAKE.findall(page) == [key]
    assert len(portal.state.contacts) == before + 1
    assert methods_asked(portal).count("crm.item.add") == 1


def test_a_lost_request_is_sent_again_only_after_looking(raj: Person, portal: Portal) -> None:
    before = len(portal.state.contacts)
    portal.faults.add("drop_before", "crm.item.add", count=1)
    fields = draft(name="Anna", lastName="Neu", attempt="a-random-word-in-it")
    page = raj.post(NEW, fields).text
    assert "Bitrix24 did not answer. The customer may still appear in CRM." in unescape(page)
    assert 'name="new_attempt" value="a-random-word-in-it"' in page
    assert len(portal.state.contacts) == before
    # Meanwhile the portal has carried it out after all.
    key = add_contact(portal, 900, "Anna Neu")
    page = raj.post(NEW, fields).text
    assert TAKE.findall(page) == [key]
    assert len(portal.state.contacts) == before + 1
    raj.post(NEW, {**fields, "anyway": "1"})
    assert len(portal.state.contacts) == before + 2


def test_a_lost_request_that_never_arrived_is_sent_again(raj: Person, portal: Portal) -> None:
    before = len(portal.state.contacts)
    portal.faults.add("drop_before", "crm.item.add", count=1)
    fields = draft(name="Anna", lastName="Neu", attempt="a-random-word-in-it")
    raj.post(NEW, fields)
    let_pass(raj.client.application, HORIZON)
    page = raj.post(NEW, fields)
    assert ROW.findall(page.text) == [f"CONTACT:{max(portal.state.contacts)}"]
    assert len(portal.state.contacts) == before + 1


def test_a_customer_with_a_similar_name_is_not_taken_for_the_lost_one(
    raj: Person, portal: Portal
) -> None:
    add_contact(portal, 900, "Anna Neu", "+1 555 0101")
    portal.faults.add("drop_before", "crm.item.add", count=2)
    page = raj.post(NEW, draft(name="Anna", lastName="Neu", phone="+49 30 23125 777")).text
    assert "The customer may still appear in CRM" in unescape(page)
    page = raj.post(NEW, draft(name="Anna")).text
    assert "The customer may still appear in CRM" in unescape(page)


def test_a_portal_that_fails_before_anything_is_created_keeps_what_was_typed(
    raj: Person, portal: Portal
) -> None:
    portal.faults.add("server_error", "crm.duplicate.*", count=9)
    before = len(portal.state.contacts)
    response = raj.post(NEW, draft(name="Anna", phone="+49 30 23125 777"))
    assert response.status_code == 502
    assert 'value="Anna"' in response.text
    assert len(portal.state.contacts) == before
