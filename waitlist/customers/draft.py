"""A customer that is about to be created: its fields, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from waitlist.customers.query import Typed, clean_email, email_key
from waitlist.models import Customer, Kind
from waitlist.phones import clean_phone, has_same, read_number
from waitlist.texts import clean, fold

NAMES = {Kind.CONTACT: ("name", "lastName"), Kind.COMPANY: ("title",)}
LONGEST = {"name": 50, "lastName": 50, "title": 255, "phone": 50, "email": 100}
"""Characters that CRM keeps of these fields."""
CLEAN = {"phone": clean_phone, "email": clean_email}
PHONE = re.compile(r"[\d\s+().,;#/-]+")
EMAIL = re.compile(r"[^\s@\[\]$,;<>]+@[^\s@\[\]$,;<>]+\.[^\s@\[\]$,;<>]+")
FEWEST_PHONE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A customer that is not in CRM yet. `fields` have CRM's names, as in LONGEST.

    A contact becomes a contact person of the companies with the IDs `companies`.
    """

    kind: Kind
    fields: Mapping[str, str]
    companies: tuple[int, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return all fields as one text, by which the requests of an attempt are compared."""
        names = (*NAMES[self.kind], "phone", "email")
        values = (self.fields.get(name, "") for name in names)
        return "\n".join([self.kind, *values, *map(str, self.companies)])

    @property
    def name(self) -> str:
        """Return the name as CRM will show it."""
        return " ".join(self.fields[name] for name in NAMES[self.kind] if self.has(name))

    @classmethod
    def of_fields(cls, kind: Kind, fields: Mapping[str, str]) -> Draft:
        """Return a draft with fields as a form has them, written as CRM is to keep them."""
        return cls(kind, {name: CLEAN.get(name, clean)(text) for name, text in fields.items()})

    @classmethod
    def of_text(cls, kind: Kind, text: str) -> Draft:
        """Return a draft with what was typed into a search in the fields where it belongs."""
        typed = Typed.read(text)
        names = dict(zip(NAMES[Kind.CONTACT], typed.names, strict=True))
        return cls(kind, {**names, "title": typed.name, "phone": typed.phone, "email": typed.email})

    def faults(self) -> dict[str, str]:
        """Return what is wrong, by field: `missing`, `long` or `malformed`."""
        names = NAMES[self.kind]
        faults = {
            name: "long"
            for name in (*names, "phone", "email")
            if len(self.fields.get(name, "")) > LONGEST[name]
        }
        if not any(self.fields.get(name) for name in names):
            faults[names[0]] = "missing"
        # A text that is too long is not matched: a pattern may take quadratic time.
        phone, email = (
            "" if name in faults else self.fields.get(name, "") for name in ("phone", "email")
        )
        digits = read_number(phone).written
        if phone and (not PHONE.fullmatch(phone) or len(digits) < FEWEST_PHONE_DIGITS):
            faults["phone"] = "malformed"
        if email and not (email.isascii() and EMAIL.fullmatch(email)):
            faults["email"] = "malformed"
        return faults

    def has(self, name: str) -> bool:
        return bool(self.fields.get(name))

    def item_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            name: self.fields[name] for name in NAMES[self.kind] if self.has(name)
        }
        multifields = [
            {"typeId": name.upper(), "valueType": "WORK", "value": self.fields[name]}
            for name in ("phone", "email")
            if self.has(name)
        ]
        if multifields:
            fields["fm"] = multifields
        if self.companies:
            fields["companyIds"] = list(self.companies)
        return fields

    def is_like(self, customer: Customer) -> bool:
        """Return whether this customer may have been created from the draft."""
        if fold(customer.name or "") != fold(self.name):
            return False
        phone, email = (self.fields.get(name, "") for name in ("phone", "email"))
        return (not phone or has_same([read_number(phone)], customer.phones)) and (
            not email or email_key(email) in map(email_key, customer.emails)
        )
