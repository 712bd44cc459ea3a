"""Contacts, companies and deals of a seeded portal."""

from typing import Any

from sandbox.core.model import CrmItem, Multifield, PortalState
from sandbox.seed.words import COMPANIES, DEAL_TITLES, NAMESAKES, PEOPLE


def phone(number: int) -> str:
    """Return the number-th fictional phone number, from ranges reserved for fiction."""
    kind, rest = number % 5, number // 5
    if kind == 0:
        area = (212, 305, 415, 617, 702, 808)[rest // 100 % 6]
        return f"+1 {area} 555 0{100 + rest % 100}"
    if kind == 1:
        return f"+44 20 7946 0{rest % 1000:03d}"
    if kind == 2:
        return f"+49 30 23125 {rest % 1000:03d}"
    if kind == 3:
        return f"+33 1 99 00 {rest // 100 % 100:02d} {rest % 100:02d}"
    return f"+44 7700 900{rest % 1000:03d}"


def mail(number: int, kind: str = "contact") -> str:
    domain = ("example.com", "example.org", "example.net")[number % 3]
    return f"{kind}{number}@{domain}"


def person(number: int) -> tuple[str, str]:
    if number % 40 == 0:
        return NAMESAKES[number // 40 % len(NAMESAKES)]
    given, family = PEOPLE[number * 7 % len(PEOPLE)]
    return given[number * 3 % len(given)], family[number * 5 // 3 % len(family)]


def add_crm_items(
    state: PortalState, contacts: int, companies: int, deals: int, created: str
) -> None:
    """Add so many contacts, companies and deals, with ids from 1."""
    for number in range(1, companies + 1):
        state.companies[number] = _company(state, number, created)
    for number in range(1, contacts + 1):
        state.contacts[number] = _contact(state, number, companies, created)
    for number in range(1, deals + 1):
        state.deals[number] = _deal(number, contacts, companies, created)
    state.last_id |= {"contact": contacts, "company": companies, "deal": deals}


def _common(created: str) -> dict[str, Any]:
    return {
        "createdTime": created,
        "updatedTime": created,
        "createdBy": 1,
        "updatedBy": 1,
        "assignedById": 1,
        "opened": "Y",
        "comments": "",
    }


def _company(state: PortalState, number: int, created: str) -> CrmItem:
    title = COMPANIES[(number - 1) % len(COMPANIES)]
    if number > len(COMPANIES):
        title = f"{title} {number // len(COMPANIES) + 1}"
    # One own company and one contractor: real lists contain them unless they are filtered out.
    fields = {
        "title": title,
        "typeId": "CUSTOMER",
        "industry": "OTHER",
        "isMyCompany": "Y" if number == 40 else "N",
        "categoryId": 1 if number == 39 else 0,
    }
    item = CrmItem(number, fields | _common(created))
    add_field(state, item, "PHONE", "WORK", phone(4000 + number))
    if number % 3:
        add_field(state, item, "EMAIL", "WORK", mail(number, "office"))
    return item


def _contact(state: PortalState, number: int, companies: int, created: str) -> CrmItem:
    name, last_name = person(number)
    company = number % companies + 1 if companies and number % 4 == 1 else 0
    fields = {
        "name": name,
        "secondName": "",
        "lastName": last_name,
        "post": "",
        "honorific": "",
        "birthdate": "",
        "typeId": "CLIENT",
        "sourceId": "CALL",
        "categoryId": 1 if number % 133 == 0 else 0,
        "companyId": company,
        "companyIds": [company] if company else [],
    }
    item = CrmItem(number, fields | _common(created))
    if number % 9:
        add_field(state, item, "PHONE", "MOBILE", phone(number))
    if number % 17 == 0:
        add_field(state, item, "PHONE", "WORK", phone(2000 + number))
    if number % 5:
        add_field(state, item, "EMAIL", "HOME", mail(number))
    return item


def _deal(number: int, contacts: int, companies: int, created: str) -> CrmItem:
    linked = [(number * 11 + step * 5) % contacts + 1 for step in range(number % 3)]
    company = number % companies + 1 if companies and number % 2 else 0
    fields = {
        "title": f"{DEAL_TITLES[number % len(DEAL_TITLES)]} {number}",
        "stageId": ("NEW", "PREPARATION", "EXECUTING", "WON")[number % 4],
        "categoryId": 0,
        "opportunity": 50.0 * number,
        "currencyId": "EUR",
        "closed": "Y" if number % 4 == 3 else "N",
        "companyId": company,
        "contactId": linked[0] if linked else 0,
        "contactIds": linked,
    }
    return CrmItem(number, fields | _common(created))


def add_field(state: PortalState, item: CrmItem, type_id: str, value_type: str, value: str) -> None:
    item.fm.append(Multifield(state.next_id("fm"), type_id, value_type, value))
