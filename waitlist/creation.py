"""Makes a new contact or company in CRM: who is there already is asked first, and neither a call
whose answer was lost nor a form that comes again is simply carried out once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotPermitted, PortalError, Refused
from waitlist.attempts import Attempts, Turn
from waitlist.customers import ENTITY_TYPES, CustomerReader, customer_from
from waitlist.models import Customer, CustomerRef, Kind
from waitlist.search import Query, digits_of, refs_in, same_comm

REQUIRED_MISSING = "CRM_FIELD_ERROR_REQUIRED"
NAMES = {Kind.CONTACT: ("name", "lastName"), Kind.COMPANY: ("title",)}
LONGEST = {"name": 50, "lastName": 50, "title": 255, "phone": 50, "email": 100}
"""Characters that CRM keeps of these fields."""
PHONE = re.compile(r"[\d\s+().,;/-]+")
EMAIL = re.compile(r"[^\s@\[\]$,;<>]+@[^\s@\[\]$,;<>]+\.[^\s@\[\]$,;<>]+")
FEWEST_DIGITS = 3
# A portal fills these in by itself, whether its CRM demands them or not.
WITH_DEFAULT = {"assignedById", "categoryId", "opened", "sourceId", "typeId"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A customer who is not in CRM yet. `fields` are named as CRM names them: `name`, `lastName`,
    `title`, `phone`, `email`; what is empty is left out."""

    kind: Kind
    fields: Mapping[str, str]

    @property
    def wish(self) -> str:
        """What is asked for, as one text to be compared."""
        names = (*NAMES[self.kind], "phone", "email")
        return "\n".join([self.kind, *(self.fields.get(name, "") for name in names)])

    @classmethod
    def of_text(cls, kind: Kind, text: str) -> Draft:
        """What somebody typed into the search, in the fields where it belongs."""
        text = " ".join(text.split())
        query = Query.parse(text)
        if query.digits:
            return cls(kind, {"phone": text})
        if query.email:
            return cls(kind, {"email": text})
        first, _, last = text.rpartition(" ")
        names = {"name": first, "lastName": last} if first else {"name": last}
        return cls(kind, {"title": text, **names})

    def faults(self) -> dict[str, str]:
        """What is wrong with it, by field: `missing`, `long` or `malformed`."""
        names = NAMES[self.kind]
        faults = {
            name: "long"
            for name in (*names, "phone", "email")
            if len(self.fields.get(name, "")) > LONGEST[name]
        }
        if not any(self.fields.get(name) for name in names):
            faults[names[0]] = "missing"
        phone, email = self.fields.get("phone", ""), self.fields.get("email", "")
        if phone and (not PHONE.fullmatch(phone) or len(digits_of(phone)) < FEWEST_DIGITS):
            faults["phone"] = "malformed"
        if email and not EMAIL.fullmatch(email):
            faults["email"] = "malformed"
        return faults


@dataclass(frozen=True, slots=True)
class Created:
    """The customer is in CRM now."""

    customer: Customer


@dataclass(frozen=True, slots=True)
class Alike:
    """Nothing was created: these are in CRM already with this phone or e-mail. `perhaps_ours`
    says that one of them may be what a call has just created whose answer was lost; `ours` that
    the same form has created this one, and asks for something else now."""

    customers: tuple[Customer, ...]
    perhaps_ours: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Nothing was created: this portal's CRM asks for more. `faults` are fields of the draft,
    `others` the titles of fields that a draft does not have."""

    faults: Mapping[str, str]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """The portal did not answer. The customer is not in CRM as far as one can see."""


Question = Alike | Incomplete | Lost


class Creator:
    """Creates customers as one user."""

    def __init__(self, client: PortalClient, reader: CustomerReader, attempts: Attempts) -> None:
        self._client = client
        self._reader = reader
        self._attempts = attempts

    def create(self, attempt: str, draft: Draft, *, anyway: bool = False) -> Created | Question:
        """Two HTTP requests, three where somebody like this is found. `anyway` leaves the
        question for customers alike out. Whom the attempt has created already is not created
        again; where nobody knows, they are looked for first. Raises UnderWay, or PortalError:
        nothing was created then. The draft has no faults."""
        with self._attempts.turn(attempt, draft.wish) as turn:
            if turn.made and (there := self._made(turn)):
                return Created(there) if turn.same else Alike((there,), ours=True)
            return self._create(turn, draft, anyway)

    def _made(self, turn: Turn) -> Customer | None:
        """Whom an earlier request has created, unless somebody has deleted them since."""
        ref = CustomerRef.parse(turn.made)
        customer = self._reader.read([ref])[ref]
        if customer.visible:
            return customer
        turn.nothing()
        return None

    def _create(self, turn: Turn, draft: Draft, anyway: bool) -> Created | Question:
        if turn.lost and not anyway and (found := self._look(draft)):
            return Alike(found, perhaps_ours=True)
        if not anyway:
            answer = self._client.batch(_questions(draft))
            if wanting := _wanting(draft, _required(answer)):
                return wanting
            if alike := self._visible(_alike(answer)):
                return Alike(alike)
        turn.ask()
        return self._add(turn, draft)

    def _add(self, turn: Turn, draft: Draft) -> Created | Question:
        # Not in a batch: a portal would replace `$result[…]` in a name by something else.
        params = {"entityTypeId": ENTITY_TYPES[draft.kind], "fields": _item_fields(draft)}
        try:
            result = self._client.call("crm.item.add", params).result
        except NoAnswer:
            return self._after_no_answer(draft)
        except Refused as refusal:
            if refusal.code != REQUIRED_MISSING:
                raise
            turn.nothing()
            return self._incomplete(draft)
        item = php_map(result).get("item")
        if not isinstance(item, dict) or not isinstance(item.get("id"), int):
            return self._after_no_answer(draft)
        customer = customer_from(draft.kind, item)
        turn.keep(customer.ref.key)
        self._reader.keep([customer])
        return Created(customer)

    def _after_no_answer(self, draft: Draft) -> Created | Question:
        try:
            found = self._look(draft)
        except PortalError:
            found = ()
        return Alike(found, perhaps_ours=True) if found else Lost()

    def _look(self, draft: Draft) -> tuple[Customer, ...]:
        """The newest customers in CRM who look exactly as this draft would."""
        names = {f"={name}": draft.fields[name] for name in NAMES[draft.kind] if _has(draft, name)}
        params = {
            "entityTypeId": ENTITY_TYPES[draft.kind],
            "select": ["*"],
            "filter": names,
            "order": {"id": "DESC"},
        }
        items = php_map(self._client.call("crm.item.list", params).result).get("items")
        found = [customer_from(draft.kind, item) for item in php_map(items).values()]
        self._reader.keep(found)
        return tuple(customer for customer in found if _is_like(customer, draft))

    def _incomplete(self, draft: Draft) -> Incomplete:
        """The portal has refused for want of a field, so those with a default count too."""
        answer = self._client.batch({"fields": _fields_command(draft)})
        required = _required(answer)
        return _wanting(draft, required, ()) or Incomplete({}, ())

    def _visible(self, refs: Iterable[CustomerRef]) -> tuple[Customer, ...]:
        # findbycomm also tells of customers that this user may not see.
        return tuple(one for _, one in sorted(self._reader.read(refs).items()) if one.visible)


def _questions(draft: Draft) -> dict[str, Command]:
    questions = {"fields": _fields_command(draft)}
    for name in ("phone", "email"):
        if _has(draft, name):
            for kind in Kind:
                questions[f"{name}_{kind}"] = same_comm(name.upper(), [draft.fields[name]], kind)
    return questions


def _fields_command(draft: Draft) -> Command:
    return Command("crm.item.fields", {"entityTypeId": ENTITY_TYPES[draft.kind]})


def _alike(answer: BatchAnswer) -> set[CustomerRef]:
    refs: set[CustomerRef] = set()
    for name in ("phone", "email"):
        for kind in Kind:
            key = f"{name}_{kind}"
            if isinstance(answer.errors.get(key), NotPermitted):
                continue
            if key in answer.results or key in answer.errors:
                refs |= set(refs_in(answer.result(key), kind))
    return refs


def _required(answer: BatchAnswer) -> dict[str, str]:
    """The fields that this CRM demands, with their titles; none where it does not say."""
    if isinstance(answer.errors.get("fields"), NotPermitted):
        return {}
    fields = php_map(php_map(answer.result("fields")).get("fields"))
    return {
        name: str(field.get("title") or name)
        for name, field in fields.items()
        if isinstance(field, dict) and field.get("isRequired") and not field.get("isReadOnly")
    }


def _wanting(
    draft: Draft, required: Mapping[str, str], given_by_portal: Iterable[str] = WITH_DEFAULT
) -> Incomplete | None:
    offered = (*NAMES[draft.kind], "phone", "email")
    faults = {name: "required" for name in offered if name in required and not _has(draft, name)}
    others = tuple(
        title
        for name, title in required.items()
        if name not in offered and name != "fm" and name not in given_by_portal
    )
    return Incomplete(faults, others) if faults or others else None


def _item_fields(draft: Draft) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: draft.fields[name] for name in NAMES[draft.kind] if _has(draft, name)
    }
    multifields = [
        {"typeId": name.upper(), "valueType": "WORK", "value": draft.fields[name]}
        for name in ("phone", "email")
        if _has(draft, name)
    ]
    return {**fields, "fm": multifields} if multifields else fields


def _is_like(customer: Customer, draft: Draft) -> bool:
    name = " ".join(draft.fields[name] for name in NAMES[draft.kind] if _has(draft, name))
    if (customer.name or "").casefold() != name.casefold():
        return False
    phone, email = draft.fields.get("phone", ""), draft.fields.get("email", "").casefold()
    return (not phone or digits_of(phone) in map(digits_of, customer.phones)) and (
        not email or email in (one.casefold() for one in customer.emails)
    )


def _has(draft: Draft, name: str) -> bool:
    return bool(draft.fields.get(name))
