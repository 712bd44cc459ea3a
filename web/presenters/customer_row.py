"""Customers as rows, names and avatars.

The first row of an editor is always the main customer: contacts come before companies, which is
how `waitlist.models.main_customer` chooses.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass

from waitlist.models import Customer, CustomerRef, CustomerRefs, CustomersByRef, Kind
from waitlist.phones import dialable
from waitlist.texts import fold, is_east_asian
from web.http.i18n import gettext as _
from web.http.i18n import isolated

CARD_PATHS = {Kind.CONTACT: "/crm/contact/details/{}/", Kind.COMPANY: "/crm/company/details/{}/"}


@dataclass(frozen=True, slots=True)
class Avatar:
    """Initials in a shape: `round` for contacts, `square` for companies, `none` if unknown."""

    initials: str
    shape: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number as it stands in CRM, and what a `tel:` link dials, if any."""

    text: str
    dialled: str


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer of a record. `movable` says whether it can become the main customer.

    `label` is the name that buttons use: with the number in CRM where another has the same name.
    `difference` tells it from such a namesake.
    `draft` are the fields of a customer that is created when the record is saved, else "".
    """

    key: str
    name: str
    label: str
    number: str
    phones: tuple[Phone, ...]
    details: tuple[str, ...]
    difference: tuple[str, ...]
    avatar: Avatar
    visible: bool
    unread: bool
    main: bool
    new: bool
    movable: bool
    crm_path: str
    draft: str = ""


def customer_row(
    ref: CustomerRef,
    customers: CustomersByRef,
    chosen: CustomerRefs,
    base: Container[CustomerRef],
    namesakes: Container[CustomerRef] = (),
) -> CustomerRow:
    """Return one of the `chosen` customers, of a record that was loaded with `base`.

    It shows what tells it from its `namesakes`, if it is one of them.
    """
    customer = customers.get(ref, Customer(ref, None))
    details = customer.emails[:1]
    if customer.unread:
        details = (_("Bitrix24 did not answer properly about this customer."),)
    elif not customer.visible:
        details = (_("You don't have access to this customer in CRM. They stay on the record."),)
    elif not (customer.phones or customer.emails):
        details = (kind_name(ref.kind),)
    name, number = name_of(ref, customers), f"#{ref.id}"
    return CustomerRow(
        key=ref.key,
        name=name,
        label=f"{name} {number}" if ref in namesakes else name,
        number=number,
        phones=tuple(Phone(text, dialable(text)) for text in customer.phones),
        details=details,
        difference=difference(customer, customers) if ref in namesakes else (),
        avatar=avatar(ref, customers),
        visible=customer.visible,
        unread=customer.unread,
        main=ref in chosen[:1],
        new=ref not in base,
        movable=ref.kind is Kind.CONTACT or all(one.kind is Kind.COMPANY for one in chosen[:1]),
        crm_path=CARD_PATHS[ref.kind].format(ref.id),
    )


def in_order(refs: Iterable[CustomerRef]) -> CustomerRefs:
    """Sort contacts before companies, so that the main customer is first."""
    return tuple(sorted(refs, key=lambda ref: ref.kind is Kind.COMPANY))


def name_of(ref: CustomerRef, customers: CustomersByRef) -> str:
    """Return the customer's name, or `Contact #12` without access to it in CRM."""
    customer = customers.get(ref)
    if customer and customer.name is not None:
        return customer.name
    text = _("Contact #%(id)s") if ref.kind is Kind.CONTACT else _("Company #%(id)s")
    return text % {"id": ref.id}


def names_of(refs: Iterable[CustomerRef], customers: CustomersByRef) -> tuple[str, ...]:
    """Return the names of customers, with their numbers where two have the same."""
    names = {ref: name_of(ref, customers) for ref in refs}
    count = Counter(map(fold, names.values()))
    return tuple(
        f"{name} #{ref.id}" if count[fold(name)] > 1 else name for ref, name in names.items()
    )


def namesakes_among(customers: Iterable[Customer]) -> frozenset[CustomerRef]:
    """Return those of these customers that have the same name as another one."""
    names = {one.ref: fold(one.name) for one in customers if one.name is not None}
    count = Counter(names.values())
    return frozenset(ref for ref, name in names.items() if count[name] > 1)


def difference(customer: Customer, customers: CustomersByRef) -> tuple[str, ...]:
    """Return what tells a customer from another with the same name: company, number and age."""
    company = customers.get(CustomerRef(Kind.COMPANY, customer.company))
    number = isolated(f"#{customer.ref.id}")
    if customer.since:
        text = _("%(number)s, in CRM since %(date)s")
        number = text % {"number": number, "date": isolated(customer.since)}
    return tuple(filter(None, (company.name if company else "", number)))


def kind_name(kind: Kind) -> str:
    return _("Contact") if kind is Kind.CONTACT else _("Company")


def avatar(ref: CustomerRef, customers: CustomersByRef) -> Avatar:
    """Return initials: of a contact's first and last name, or of a company's name."""
    customer = customers.get(ref)
    words = re.findall(r"\w+", customer.name or "") if customer else []
    if not words:
        return Avatar("\N{EN DASH}", "none")
    if ref.kind is Kind.COMPANY:
        letters = 1 if is_east_asian(words[0]) else 2
        return Avatar(words[0][:letters].upper(), "square")
    # Characters of East Asia fill the circle: one is enough.
    several = len(words) > 1 and not is_east_asian(words[0])
    initials = words[0][0] + (words[-1][0] if several else "")
    return Avatar(initials.upper(), "round")
