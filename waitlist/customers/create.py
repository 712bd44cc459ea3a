"""Makes a new contact or company in CRM: who is there already is asked first, and neither a call
whose answer was lost nor a form that comes again is simply carried out once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bitrix24.batch import BatchAnswer, Command, php_map
from bitrix24.errors import NoAnswer, NotPermitted, PortalError, Refused
from waitlist.customers.draft import NAMES, Draft
from waitlist.customers.reader import ENTITY_TYPES, CustomerReader, customer_from
from waitlist.customers.search import refs_in, same_comm
from waitlist.idempotency import Attempt, Attempts
from waitlist.models import Customer, CustomerRef, Kind

REQUIRED_MISSING = "CRM_FIELD_ERROR_REQUIRED"
# A portal fills these in by itself, whether its CRM demands them or not.
WITH_DEFAULT = {"assignedById", "categoryId", "opened", "sourceId", "typeId"}


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

    def __init__(self, reader: CustomerReader, attempts: Attempts) -> None:
        self._client = reader.client
        self._reader = reader
        self._attempts = attempts

    def create(self, word: str, draft: Draft, *, anyway: bool = False) -> Created | Question:
        """Two HTTP requests, three where somebody like this is found. `anyway` leaves the
        question for customers alike out. Whom the attempt has created already is not created
        again; where nobody knows, they are looked for first. Raises UnderWay, or PortalError:
        nothing was created then. The draft has no faults."""
        with self._attempts.begin(word, draft.wish) as attempt:
            if attempt.made and (there := self._made(attempt)):
                return Created(there) if attempt.same else Alike((there,), ours=True)
            return self._create(attempt, draft, anyway)

    def _made(self, attempt: Attempt) -> Customer | None:
        """Whom an earlier request has created, unless somebody has deleted them since."""
        ref = CustomerRef.parse(attempt.made)
        customer = self._reader.read([ref])[ref]
        if customer.visible:
            return customer
        attempt.mark_nothing_made()
        return None

    def _create(self, attempt: Attempt, draft: Draft, anyway: bool) -> Created | Question:
        if attempt.uncertain and not anyway and (found := self._look(draft)):
            return Alike(found, perhaps_ours=True)
        if not anyway:
            answer = self._client.batch(_questions(draft))
            if wanting := _wanting(draft, _required(answer)):
                return wanting
            if alike := self._visible(_alike(answer)):
                return Alike(alike)
        attempt.mark_sent()
        return self._add(attempt, draft)

    def _add(self, attempt: Attempt, draft: Draft) -> Created | Question:
        # Not in a batch: a portal would replace `$result[…]` in a name by something else.
        params = {"entityTypeId": ENTITY_TYPES[draft.kind], "fields": draft.item_fields()}
        try:
            result = self._client.call("crm.item.add", params).result
        except NoAnswer:
            return self._after_no_answer(draft)
        except Refused as refusal:
            if refusal.code != REQUIRED_MISSING:
                raise
            attempt.mark_nothing_made()
            return self._incomplete(draft)
        item = php_map(result).get("item")
        if not isinstance(item, dict) or not isinstance(item.get("id"), int):
            return self._after_no_answer(draft)
        customer = customer_from(draft.kind, item)
        attempt.mark_made(customer.ref.key)
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
        names = {f"={name}": draft.fields[name] for name in NAMES[draft.kind] if draft.has(name)}
        params = {
            "entityTypeId": ENTITY_TYPES[draft.kind],
            "select": ["*"],
            "filter": names,
            "order": {"id": "DESC"},
        }
        items = php_map(self._client.call("crm.item.list", params).result).get("items")
        found = [customer_from(draft.kind, item) for item in php_map(items).values()]
        self._reader.keep(found)
        return tuple(customer for customer in found if draft.is_like(customer))

    def _incomplete(self, draft: Draft) -> Incomplete:
        """The portal has refused for want of a field, so those with a default count too."""
        answer = self._client.batch({"fields": _fields_command(draft)})
        required = _required(answer)
        return _wanting(draft, required, ()) or Incomplete({}, ())

    def _visible(self, refs: Iterable[CustomerRef]) -> tuple[Customer, ...]:
        # findbycomm also tells of customers that this user may not see, and of suppliers.
        found = sorted(self._reader.read(refs).items())
        return tuple(one for _, one in found if one.visible and one.offered)


def _questions(draft: Draft) -> dict[str, Command]:
    questions = {"fields": _fields_command(draft)}
    for name in ("phone", "email"):
        if draft.has(name):
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
    faults = {name: "required" for name in offered if name in required and not draft.has(name)}
    others = tuple(
        title
        for name, title in required.items()
        if name not in offered and name != "fm" and name not in given_by_portal
    )
    return Incomplete(faults, others) if faults or others else None
