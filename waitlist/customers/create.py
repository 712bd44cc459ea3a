"""Creates a customer once, after asking CRM for the same phone or e-mail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from msgspec import Struct

from bitrix24.batch import BatchAnswer, Command
from bitrix24.errors import (
    Busy,
    NoAnswer,
    NotPermitted,
    NotSent,
    PortalError,
    Refused,
    unreadable_answer,
)
from waitlist.customers.draft import NAMES, Draft
from waitlist.customers.duplicates import DuplicateSearch
from waitlist.customers.items import Item, customer_from
from waitlist.customers.reader import ENTITY_TYPES, CustomerReader, item_list
from waitlist.customers.search import read_offered
from waitlist.errors import WrongAttempt
from waitlist.idempotency import Attempt, Attempts
from waitlist.models import Customer, CustomerRef
from waitlist.pending_writes import FIRST_CHECK

REQUIRED_MISSING = "CRM_FIELD_ERROR_REQUIRED"
FILLED_BY_PORTAL = {"assignedById", "categoryId", "opened", "sourceId", "typeId"}
"""Fields that a portal fills in by itself, whether its CRM requires them or not."""


class FieldInfo(Struct, frozen=True, rename="camel"):
    """A field of contacts or companies, as `crm.item.fields` describes it."""

    title: str = ""
    is_required: bool = False
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Alike:
    """Nothing was created: these customers with the same phone or e-mail are in CRM already.

    `perhaps_ours` says that one of them may be what a call has just created whose answer was lost.
    `ours` says that the same form has created this one, and asks for another one now.
    """

    customers: tuple[Customer, ...]
    perhaps_ours: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Nothing was created: CRM requires more, `faults` by draft field and `others` by title."""

    faults: Mapping[str, str]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The portal did not answer. The customer is not in CRM, but may still appear."""

    retry_after: float


Question = Alike | Incomplete | Unanswered


class Creator:
    def __init__(self, reader: CustomerReader, attempts: Attempts) -> None:
        self._client = reader.client
        self._reader = reader
        self._attempts = attempts

    def check(self, draft: Draft) -> Alike | Incomplete | None:
        """Return what stands against creating a customer from a draft without faults.

        Costs one HTTP request, or two if a similar customer is found. Raises PortalError.
        """
        same = DuplicateSearch(draft, self._reader.country)
        answer = self._client.batch([_fields_command(draft), *same.commands])
        if incomplete := _incomplete(answer, draft, FILLED_BY_PORTAL):
            return incomplete
        alike = read_offered(self._reader, same.found_in(answer))
        return Alike(tuple(alike[ref] for ref in sorted(alike))) if alike else None

    def create(
        self, key: str, draft: Draft, *, despite: bool = False, anyway: bool = False
    ) -> Customer | Question:
        """Create a customer from a draft without faults, for the attempt with this key.

        Costs two HTTP requests, or three if a similar customer is found. `despite` says that the
        user has seen similar customers, `anyway` also that the user does not wait for an earlier
        request without an answer. A customer that the attempt has created already is not created
        again; if the outcome of an earlier request is unknown, CRM is searched first.
        Raises InProgress, or PortalError: nothing was created then.
        """
        with self._attempts.begin(key, draft.fingerprint) as attempt:
            if attempt.made and (there := self._find_made(attempt)):
                return there if attempt.same else Alike((there,), ours=True)
            return self._create(attempt, draft, despite=despite or anyway, anyway=anyway)

    def _find_made(self, attempt: Attempt) -> Customer | None:
        """Return what an earlier request has created, unless it has been deleted since."""
        try:
            ref = CustomerRef.parse(attempt.made)
        except ValueError:
            raise WrongAttempt from None
        customer = self._reader.read([ref])[ref]
        if customer.visible:
            return customer
        attempt.mark_nothing_made()
        return None

    def _create(
        self, attempt: Attempt, draft: Draft, *, despite: bool, anyway: bool
    ) -> Customer | Question:
        if attempt.uncertain and not anyway:
            try:
                found = self._find_like(draft)
            except (Busy, NoAnswer, Refused):
                return Unanswered(FIRST_CHECK)
            if found:
                return Alike(found, perhaps_ours=True)
        if attempt.may_arrive and not anyway:
            return Unanswered(attempt.seconds_to_next_check)
        if not despite and (question := self.check(draft)):
            return question
        attempt.mark_sent()
        return self._add(attempt, draft)

    def _add(self, attempt: Attempt, draft: Draft) -> Customer | Question:
        # Not in a batch: a portal would replace `$result[…]` in a name by something else.
        params = {"entityTypeId": ENTITY_TYPES[draft.kind], "fields": draft.item_fields()}
        try:
            item = self._client.call(Command("crm.item.add", params, Item, key="item"))
        except NotSent:
            raise
        except NoAnswer:
            return self._after_no_answer(draft)
        except Refused as refusal:
            if refusal.code != REQUIRED_MISSING:
                raise
            attempt.mark_nothing_made()
            # Now even the fields that a portal usually fills in count.
            answer = self._client.batch([_fields_command(draft)])
            return _incomplete(answer, draft) or Incomplete({}, ())
        if not item.id:
            return self._after_no_answer(draft)
        customer = customer_from(draft.kind, item)
        attempt.mark_made(customer.ref.key)
        self._reader.remember([customer])
        return customer

    def _after_no_answer(self, draft: Draft) -> Question:
        try:
            found = self._find_like(draft)
        except PortalError:
            found = ()
        return Alike(found, perhaps_ours=True) if found else Unanswered(FIRST_CHECK)

    def _find_like(self, draft: Draft) -> tuple[Customer, ...]:
        """Return the newest customers in CRM that look exactly as this draft would."""
        names = {f"={name}": draft.fields[name] for name in NAMES[draft.kind] if draft.has(name)}
        # Not in a batch either: a name may contain `$result[…]`.
        items = self._client.call(item_list(draft.kind, names, order={"id": "DESC"}))
        found = [customer_from(draft.kind, item) for item in items if item.id]
        self._reader.remember(found)
        alike = tuple(customer for customer in found if draft.is_like(customer))
        if items.unreadable and not alike:
            raise unreadable_answer()  # One of those may be it.
        return alike


def _fields_command(draft: Draft) -> Command[dict[str, FieldInfo]]:
    params = {"entityTypeId": ENTITY_TYPES[draft.kind]}
    return Command("crm.item.fields", params, dict[str, FieldInfo], key="fields")


def _incomplete(
    answer: BatchAnswer, draft: Draft, filled: Collection[str] = ()
) -> Incomplete | None:
    """Return what this CRM requires beyond the draft and `filled` fields, if known."""
    command = _fields_command(draft)
    if isinstance(answer.errors.get(command), NotPermitted):
        return None
    required = {
        name: field.title or name
        for name, field in answer[command].items()
        if field.is_required and not field.is_read_only and not draft.has(name)
    }
    offered = (*NAMES[draft.kind], "phone", "email")
    faults = {name: "required" for name in offered if name in required}
    others = tuple(required[name] for name in required if name not in {*offered, "fm", *filled})
    return Incomplete(faults, others) if faults or others else None
