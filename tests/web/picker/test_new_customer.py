"""A new customer is checked, created with the record, and can be deleted again."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.picker.steps import NEW, add_contact, draft
from tests.web.record.steps import named
from tests.web.steps import customer_keys, let_pass, methods_asked, writes
from waitlist.pending_writes import HORIZON

CHECK, DELETE = "/customers/check", "/customers/delete"
ROW = re.compile(r'<li class="customer" data-key="([^"]+)"[^>]* data-draft="([^"]+)"')
OFFER = re.compile(r'<form id="card-offer-[^"]*".*?</form>', re.DOTALL)
NORA = draft(name="Nora", lastName="Kwill", phone="+49 30 5550 777")
WORD = "w" * 24


def checked(person: Person, fields: dict[str, str]) -> dict[str, str]:
    """Return what the row of a checked customer sends when the record is saved."""
    answer = person.post(CHECK, {**fields, "new_attempt": WORD})
    assert answer.status_code == 200
    ((key, sent),) = ROW.findall(answer.text)
    assert key.startswith(f"{fields['new_kind']}:new-")
    assert 'name="customer"' not in answer.text
    return dict(parse_qsl(unescape(sent)))


def offer(text: str) -> dict[str, str]:
    (form,) = OFFER.findall(text)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_checking_a_customer_creates_none(raj: Person, portal: Portal) -> None:
    sent = checked(raj, NORA)
    assert named(portal, "Nora Kwill") == []
    assert writes(portal) == []
    assert sent == {**NORA, "new_attempt": WORD}


def test_what_was_checked_is_created_once(raj: Person, portal: Portal) -> None:
    sent = checked(raj, NORA)
    for _ in range(2):
        answer = raj.post(NEW, sent)
        assert f'data-key="CONTACT:{max(portal.state.contacts)}"' in answer.text
    assert len(named(portal, "Nora Kwill")) == 1


@pytest.mark.parametrize("name", ["CONTACT", "COMPANY"])
def test_similar_customers_are_shown_before_anything_is_created(
    raj: Person, portal: Portal, name: str
) -> None:
    add_contact(portal, 7_001, "Nora Quill", "+49 30 5550 777")
    fields = {**NORA, "new_kind": name, "new_title": "Kwill Ltd", "new_attempt": WORD}
    answer = raj.post(CHECK, fields)
    assert "A customer with this phone or e-mail is already in CRM." in unescape(answer.text)
    assert 'name="new_despite"' in answer.text
    sent = checked(raj, {**fields, "new_despite": "1"})
    assert sent["new_despite"] == "1"
    assert 'data-key="' + name in raj.post(NEW, sent).text


def test_a_customer_who_appears_between_check_and_save_is_shown(
    raj: Person, portal: Portal
) -> None:
    sent = checked(raj, NORA)
    add_contact(portal, 7_001, "Nora Quill", "+49 30 5550 777")
    answer = raj.post(NEW, sent)
    assert "already in CRM" in answer.text
    assert f'action="{NEW}"' in answer.text
    assert 'name="anyway"' in answer.text
    assert named(portal, "Nora Kwill") == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_lost_answer_is_looked_up_although_similar_customers_were_accepted(
    app: Flask, raj: Person, portal: Portal, fault: str
) -> None:
    """To have accepted a similar customer is not to insist on a second new one."""
    add_contact(portal, 7_001, "Nora Quill", "+49 30 5550 777")
    sent = checked(raj, {**NORA, "new_despite": "1"})
    portal.faults.add(fault, "crm.item.add", count=1)
    said = unescape(raj.post(NEW, sent).text)
    if fault == "drop_after":
        assert "CRM has this customer now" in said
        assert "CRM has this customer now" in unescape(raj.post(NEW, sent).text)
    else:
        assert "The customer may still appear in CRM." in said
        let_pass(app, HORIZON)
        raj.post(NEW, sent)
    assert len(named(portal, "Nora Kwill")) == 1


@pytest.mark.parametrize("chosen", [True, False])
def test_a_contact_person_of_a_company_on_the_record(
    raj: Person, portal: Portal, chosen: bool
) -> None:
    company = next(iter(portal.state.companies))
    key = f"COMPANY:{company}"
    raj.post("/customers/rows", {"picked": f"CO_{company}"})
    page = unescape(raj.post("/customers/new", {"q": "Nora Kwill", "customer": key}).text)
    name = portal.state.companies[company].title
    assert f"Create as a contact person of {name}" in page
    assert re.search(rf'name="new_company" value="{key}" checked', page)
    answer = raj.post(
        CHECK, {**NORA, "new_attempt": WORD, **({"new_company": key} if chosen else {})}
    )
    ((_, sent),) = ROW.findall(answer.text)
    raj.post(NEW, dict(parse_qsl(unescape(sent))))
    (made,) = named(portal, "Nora Kwill")
    assert portal.state.contacts[made].fields.get("companyIds", []) == [company] * chosen


def test_a_companys_phone_leads_to_a_contact_person(raj: Person, portal: Portal) -> None:
    company = next(
        one
        for one, item in portal.state.companies.items()
        if any(field.type_id == "PHONE" for field in item.fm)
    )
    phone = next(
        field.value for field in portal.state.companies[company].fm if field.type_id == "PHONE"
    )
    fields = {**NORA, "new_phone": phone, "new_attempt": WORD}
    page = unescape(raj.post(CHECK, fields).text)
    assert f'name="new_person_of" value="COMPANY:{company}"' in page
    sent = checked(raj, {**fields, "new_person_of": f"COMPANY:{company}"})
    raj.post(NEW, sent)
    (made,) = named(portal, "Nora Kwill")
    assert portal.state.contacts[made].fields["companyIds"] == [company]


@pytest.mark.parametrize("key", ["COMPANY:999999", "COMPANY:0", "x"])
def test_a_company_that_crm_does_not_show_gets_no_contact_person(
    raj: Person, portal: Portal, key: str
) -> None:
    answer = raj.post(NEW, {**NORA, "new_attempt": WORD, "new_company": key})
    made = named(portal, "Nora Kwill")
    if key == "COMPANY:999999":
        assert portal.state.contacts[made[0]].fields.get("companyIds", []) == []
    else:
        assert (answer.status_code, made) == (400, [])


def test_a_card_that_was_just_created_is_deleted(raj: Person, portal: Portal) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    answer = raj.post(DELETE, fields)
    assert "Nora Kwill was deleted in CRM." in answer.text
    assert named(portal, "Nora Kwill") == []
    assert raj.post(DELETE, fields).status_code == 200


def test_a_card_on_a_record_is_not_deleted(raj: Person, portal: Portal, number: int) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    base = customer_keys(portal, number)
    raj.post(f"/records/{number}/save", {"base": base, "customer": [*base, fields["customer"]]})
    answer = raj.post(DELETE, fields)
    assert (answer.status_code, "on a waiting-list record" in answer.text) == (409, True)
    assert len(named(portal, "Nora Kwill")) == 1
    raj.post(f"/records/{number}/save", {"base": [*base, fields["customer"]], "customer": base})
    assert raj.post(DELETE, fields).status_code == 200
    assert named(portal, "Nora Kwill") == []


@pytest.mark.parametrize(
    "changes",
    [{"customer": "CONTACT:1"}, {"new_attempt": "v" * 24}, {"customer": "COMPANY:1"}],
)
def test_no_other_card_is_deleted(raj: Person, portal: Portal, changes: dict[str, str]) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    before = len(portal.state.contacts), len(portal.state.companies)
    assert raj.post(DELETE, {**fields, **changes}).status_code == 400
    assert (len(portal.state.contacts), len(portal.state.companies)) == before
    assert "crm.item.delete" not in methods_asked(portal)


def test_a_colleague_deletes_no_card_of_mine(olga: Person, raj: Person, portal: Portal) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    assert olga.post(DELETE, fields).status_code == 400
    assert len(named(portal, "Nora Kwill")) == 1


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_deletion_without_an_answer_is_looked_up(raj: Person, portal: Portal, fault: str) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    portal.faults.add(fault, "crm.item.delete", count=1)
    answer = raj.post(DELETE, fields)
    assert (answer.status_code == 200) == (fault == "drop_after")
    assert raj.post(DELETE, fields).status_code == 200
    assert named(portal, "Nora Kwill") == []


@pytest.mark.parametrize("code", ["QUERY_LIMIT_EXCEEDED", "expired_token", "100"])
def test_a_deletion_that_cannot_be_looked_up_may_have_been_done(
    raj: Person, portal: Portal, code: str
) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    portal.faults.add("drop_after", "crm.item.delete", count=1)
    portal.faults.add("error", "crm.item.get", code=code)
    answer = raj.post(DELETE, fields)
    assert "We can't tell whether it was done." in unescape(answer.text)
    assert named(portal, "Nora Kwill") == []


def test_a_user_without_the_right_deletes_nothing(raj: Person, portal: Portal) -> None:
    fields = offer(raj.post(NEW, checked(raj, NORA)).text)
    portal.user(REGULAR_USER).crm_read = False
    assert raj.post(DELETE, fields).status_code == 403
    assert len(named(portal, "Nora Kwill")) == 1


def test_a_row_that_waits_for_its_creation_does_not_disturb_a_search(raj: Person) -> None:
    sent = {"q": "Anna", "customer": f"CONTACT:new-{WORD}"}
    assert raj.post("/customers/search", sent).status_code == 200
