"""Steps on the tabs of CRM cards."""

from __future__ import annotations

import html
import re

from sandbox.core.model import ExternalRow
from sandbox.portal.portal import Portal
from tests.cast import REGULAR_USER, Person
from tests.web.steps import undo_fields

PLACES = {"CONTACT": "CRM_CONTACT_DETAIL_TAB", "COMPANY": "CRM_COMPANY_DETAIL_TAB"}


def open_card(person: Person, key: str) -> str:
    """Open the tab and forget the request that verifies the user."""
    kind, _, number = key.partition(":")
    person.portal.requests.clear()
    page = person.open(placement=PLACES[kind], options={"ID": number}).text
    assert person.portal.requests.pop(0).methods == ["profile", "crm.item.list"]
    return page


def records_of(portal: Portal, key: str) -> list[int]:
    kind, _, number = key.partition(":")
    return sorted(
        (record for record in portal.records if (kind, int(number)) in portal.clients(record)),
        reverse=True,
    )


def on_records(portal: Portal, count: int, kind: str = "CONTACT") -> str:
    """Return a customer on this many records that Raj has access to."""
    hidden = portal.user(REGULAR_USER).hidden_contacts if kind == "CONTACT" else []
    table = portal.state.contacts if kind == "CONTACT" else portal.state.companies
    return next(
        f"{kind}:{number}"
        for number in table
        if number not in hidden and len(records_of(portal, f"{kind}:{number}")) == count
    )


def name_of(portal: Portal, key: str) -> str:
    kind, _, number = key.partition(":")
    if kind == "COMPANY":
        return str(portal.state.companies[int(number)].fields["title"])
    fields = portal.state.contacts[int(number)].fields
    return " ".join(filter(None, (fields["name"], fields["lastName"])))


def text_of(page: str, id: str) -> str:
    """Return the text of a paragraph or list item with this ID."""
    ((_tag, inside),) = re.findall(rf'<(p|li) id="{id}"[^>]*>(.*?)</\1>', page, re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]+>", "", inside)).split())


def customer_undo_fields(page: str, key: str) -> dict[str, str]:
    return {"customer": key, **undo_fields(page)}


PICK = re.compile(r'id="pick-(\w+)"')


def open_deal(person: Person, number: int) -> str:
    """Open the tab and forget the request that verifies the user."""
    person.portal.requests.clear()
    page = person.open(placement="CRM_DEAL_DETAIL_TAB", options={"ID": str(number)}).text
    assert person.portal.requests.pop(0).methods == ["profile", "crm.item.list"]
    return page


def deal_customers(portal: Portal, number: int) -> list[str]:
    fields = portal.state.deals[number].fields
    contacts = [f"CONTACT:{contact}" for contact in fields["contactIds"]]
    return contacts + ([f"COMPANY:{fields['companyId']}"] if fields["companyId"] else [])


def linking(deal: int) -> dict[str, str]:
    """Return the fields of a form that links this deal."""
    return {"deal": str(deal), "link": "1"}


def linked_to(portal: Portal, number: int) -> list[int]:
    link = ExternalRow("crm", "DEAL", str(number))
    return [record for record, item in portal.records.items() if link in item.external]


def linked_deal(portal: Portal) -> int:
    """Return a deal on one record, with two contacts and a company that Raj may see."""
    user = portal.user(REGULAR_USER)
    hidden = {f"CONTACT:{contact}" for contact in user.hidden_contacts}
    return next(
        number
        for number in portal.state.deals
        if len(deal_customers(portal, number)) == 3
        and not hidden & set(deal_customers(portal, number))
        and len(linked_to(portal, number)) == 1
    )


def deal_undo_fields(page: str, deal: int) -> dict[str, str]:
    return {"deal": str(deal), **undo_fields(page)}
