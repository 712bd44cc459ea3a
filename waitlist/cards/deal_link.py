"""The link between a record of the waiting list and a deal.

A record that is linked to a deal and has no customers fills itself from the deal, so the link is
written after the customers. Writing links replaces all links of a record, so those that exist are
sent along. Source: Integration/Crm/DealClientSynchronizer.php and Controller/waitlist/
externaldata.php of the portal's booking module.
"""

from typing import TypeVar

from msgspec import Struct, field, to_builtins

from bitrix24.batch import NOT_CARRIED_OUT, BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotPermitted, PortalError
from bitrix24.ids import DEAL, LenientId, parse_id
from store.pending.writes import Kind
from waitlist.context import UserContext
from waitlist.errors import DealNotShown, known_errors
from waitlist.records.read import client_list, customers_in
from waitlist.records.reconcile import claim_record
from waitlist.records.write import MOST_IN_BATCH, SaveHook
from waitlist.sources.links import Link, link_list, link_to

T = TypeVar("T")
DEAL_NOT_FOUND = "NOT_FOUND"


class Deal(Struct, frozen=True, rename="camel"):
    """A deal in an answer of `crm.item.get`."""

    contact_ids: list[LenientId] = field(default_factory=list)
    company_id: LenientId = 0


class DealLink(SaveHook):
    """Links a record to a deal in the HTTP requests that save its customers.

    The record's other links stay. The questions before the save also tell whether CRM shows the
    deal to this user; if not, DealNotShown is raised.
    """

    def __init__(self, context: UserContext, deal_id: int) -> None:
        self._context = context
        self._deal_id = deal_id
        self._links: list[Link] | None = None
        self._was_there = False
        self._refused: PortalError | None = None
        self._list: Command[list[Link]] | None = None
        self._write: Command | None = None

    def read_commands(self, record_id: int) -> list[Command]:
        self._list = link_list(record_id) if record_id else None
        return [deal_command(self._deal_id), *([self._list] if self._list else [])]

    def take_read(self, answer: BatchAnswer) -> None:
        deal_in(answer, self._deal_id)
        # A record that is yet to be created has no links.
        links = answer.get(self._list) if self._list else []
        if links is not None:
            self._begin(links)

    def write_commands(self, record_id: int) -> list[Command]:
        # Only once: when the list of customers is written again, `finish` writes the link.
        if self._write or self._links is None or self._was_there or not _can_travel(self._links):
            return []
        links = [*self._links, link_to(self._deal_id)]
        self._write, self._list = _replace_links(record_id, links), link_list(record_id)
        return [self._write, self._list]

    def take_written(self, answer: BatchAnswer) -> None:
        error = answer.errors.get(self._write) if self._write else None
        unclear = isinstance(error, NoAnswer) or (error and error.code == NOT_CARRIED_OUT)
        self._refused = None if unclear else error
        links = answer.get(self._list) if self._write and self._list else None
        if links is not None:
            self._links, self._write = links, None

    def finish(self, record_id: int) -> bool:
        """Make sure that the record is linked. Return whether it was not linked before.

        Call this once the customers are saved. Costs one HTTP request if no customers had to be
        written, and none if the link has travelled with them. Raises PortalError or WaitlistError;
        the record is not linked then.
        """
        if self._refused:
            with known_errors():
                raise self._refused
        if self._links is None:
            self._begin(_read_links(self._context.client, record_id))
        elif self._write:
            # The portal may have carried it out: what the record is linked to now decides.
            self._links = _read_links(self._context.client, record_id)
        links = self._links or []
        if link_to(self._deal_id) not in links:
            _relink(self._context, record_id, links, [*links, link_to(self._deal_id)])
        return not self._was_there

    def _begin(self, links: list[Link]) -> None:
        self._links, self._was_there = links, link_to(self._deal_id) in links


def unlink(context: UserContext, record_id: int, deal_id: int) -> bool:
    """Remove the link to this deal; one or two HTTP requests.

    Returns whether `link` can bring it back: it was there, and CRM shows the deal to this user.
    Call this while the record has customers: without any, a portal would fill it from a deal that
    it is still linked to. Raises CrmClosed, OutcomeUnknown, another WaitlistError or PortalError.
    """
    deal = deal_command(deal_id)
    links, answer = _read_linked(context, record_id, deal)
    kept = [one for one in links if one != link_to(deal_id)]
    _relink(context, record_id, links, kept)
    return kept != links and answer.get(deal) is not None


def link(context: UserContext, record_id: int, deal_id: int) -> bool:
    """Link a record to a deal that CRM shows this user; one or two HTTP requests.

    Returns whether the record had no customers: a portal fills such a record from the deal.
    Raises CrmClosed, DealNotShown, OutcomeUnknown, another WaitlistError or PortalError.
    """
    deal, there = deal_command(deal_id), client_list(record_id)
    links, answer = _read_linked(context, record_id, deal, there)
    deal_in(answer, deal_id)
    empty = not customers_in(answer, record_id)
    _relink(context, record_id, links, list(dict.fromkeys([*links, link_to(deal_id)])))
    return empty


def unlink_all(context: UserContext, record_id: int) -> None:
    """Unlink a record from all deals. Raises CrmClosed, another WaitlistError or PortalError."""
    links, _ = _read_linked(context, record_id)
    kept = [one for one in links if one != link_to(parse_id(one.value))]
    _relink(context, record_id, links, kept)


def _read_linked(
    context: UserContext, record_id: int, *commands: Command
) -> tuple[list[Link], BatchAnswer]:
    """Read the links of a record, and what else is asked, if CRM is open to this user."""
    listing = link_list(record_id)
    answer = context.customers.batch_if_open([listing, *commands])
    with known_errors():
        return answer[listing], answer


def require_deal(context: UserContext, deal_id: int) -> None:
    """Check that CRM is open to this user and shows the deal; one HTTP request.

    Raises CrmClosed, DealNotShown or PortalError.
    """
    deal_in(context.customers.batch_if_open([deal_command(deal_id)]), deal_id)


def deal_command(deal_id: int) -> Command[Deal]:
    """Return the call that reads a deal; `deal_in` reads its answer."""
    params = {"entityTypeId": DEAL, "id": deal_id}
    return Command("crm.item.get", params, Deal, key="item")


def deal_in(answer: BatchAnswer, deal_id: int) -> Deal:
    """Return the deal in the answer to `deal_command`. Raises DealNotShown or PortalError."""
    command = deal_command(deal_id)
    error = answer.errors.get(command)
    if isinstance(error, NotPermitted) or (error and error.code == DEAL_NOT_FOUND):
        raise DealNotShown from error
    return answer[command]


def _replace_links(record_id: int, links: list[Link]) -> Command:
    record = {"waitListId": record_id}
    # A query string cannot say "an empty list", so clearing has a method of its own.
    if not links:
        return Command("booking.v1.waitlist.externaldata.unset", record)
    params = {**record, "externalData": to_builtins(links)}
    return Command("booking.v1.waitlist.externaldata.set", params)


def _relink(context: UserContext, record_id: int, links: list[Link], wanted: list[Link]) -> None:
    """Replace the links of a record. Raises WaitlistError or PortalError."""
    if wanted == links:
        return
    with claim_record(context, record_id) as claim:
        intent = claim.texts_intent(Kind.LINKS, _texts(links), _texts(wanted))

        def write() -> bool:
            _call(context.client, _replace_links(record_id, wanted))
            return True

        def find() -> bool | None:
            now = set(_read_links(context.client, record_id))
            return (set(wanted) <= now and not (set(links) - set(wanted)) & now) or None

        claim.send_or_find(intent, write, find)


def _texts(links: list[Link]) -> list[str]:
    return [one.text for one in links]


def _read_links(client: PortalClient, record_id: int) -> list[Link]:
    return _call(client, link_list(record_id))


def _call(client: PortalClient, command: Command[T]) -> T:
    with known_errors():
        return client.call(command)


def _can_travel(links: list[Link]) -> bool:
    """Return whether a batch can carry the links: no `$result[…]` in them, and not too many."""
    return len(links) < MOST_IN_BATCH and not any(
        "$" in text for link in links for text in (link.module_id, link.entity_type_id, link.value)
    )
