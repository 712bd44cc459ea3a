"""Older CRM methods that list the links between items."""

from typing import Any

from sandbox.core.model import COMPANY, CONTACT, DEAL, CrmItem
from sandbox.rest.call import Call, method
from sandbox.rest.crm.legacy import find_item


def _find_owner(call: Call, entity_type_id: int) -> CrmItem:
    """Return the item whose links are asked for."""
    invalid = "The parameter ownerEntityID is invalid or not defined."
    return find_item(call, entity_type_id, invalid, "Not found.")


def _link_rows(key: str, links: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Return rows of ids with their place among the links of one item, from 1 on.

    A contact's first company is its primary one, so a company may be that of several contacts.
    Source: crm/lib/binding/contactcompany.php.
    """
    return [
        {key: number, "SORT": 10 * place, "ROLE_ID": 0, "IS_PRIMARY": "Y" if place == 1 else "N"}
        for place, number in sorted(links)
    ]


@method("crm.deal.contact.items.get")
def deal_contacts(call: Call) -> list[dict[str, Any]]:
    contacts = _find_owner(call, DEAL).fields.get("contactIds") or []
    return _link_rows("CONTACT_ID", list(enumerate(contacts, start=1)))


@method("crm.company.contact.items.get")
def company_contacts(call: Call) -> list[dict[str, Any]]:
    company = _find_owner(call, COMPANY).id
    companies = {
        contact.id: contact.fields.get("companyIds") or []
        for contact in call.portal.state.contacts.values()
    }
    links = [(ids.index(company) + 1, one) for one, ids in companies.items() if company in ids]
    return _link_rows("CONTACT_ID", links)


@method("crm.contact.company.items.get")
def contact_companies(call: Call) -> list[dict[str, Any]]:
    companies = _find_owner(call, CONTACT).fields.get("companyIds") or []
    return _link_rows("COMPANY_ID", list(enumerate(companies, start=1)))
