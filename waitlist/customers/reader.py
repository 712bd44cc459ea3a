"""Reads customers from CRM: names, phones and e-mails, as the current user may see them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bitrix24.answers import Rows
from bitrix24.batch import BatchAnswer, Command
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotPermitted, Unwritable
from bitrix24.ids import COMPANY, CONTACT
from bitrix24.lists import PAGE_SIZE, ListCommand, Listings
from waitlist.customers.cache import CustomerCache
from waitlist.customers.items import Item, customer_from
from waitlist.errors import CrmClosed
from waitlist.models import Customer, CustomerRef, Kind

ENTITY_TYPES = {Kind.CONTACT: CONTACT, Kind.COMPANY: COMPANY}


class CustomerReader:
    """Reads customers as one user. Customers that CRM does not show come back without a name."""

    def __init__(
        self,
        client: PortalClient,
        cache: CustomerCache,
        installation: str,
        user_id: int,
        *,
        country: str = "",
    ) -> None:
        """`country` is where the user dials numbers without a country code, "" if unknown."""
        self.client = client
        self.country = country
        self._cache = cache
        self._user = (installation, user_id)
        self.former_names: dict[CustomerRef, str] = {}
        """Names that CRM has shown this user some minutes ago and does not show any more."""

    def read(self, refs: Iterable[CustomerRef]) -> dict[CustomerRef, Customer]:
        """Return all `refs`, from the cache or in a request per 2,500. Raises PortalError."""
        wanted = set(refs)
        found = {ref: customer for ref in wanted if (customer := self._cache.get(*self._user, ref))}
        missing = wanted - found.keys()
        if missing:
            found |= self.take(missing, self.client.read(customer_commands(missing)))
        return found

    def uncached(self, refs: Iterable[CustomerRef]) -> set[CustomerRef]:
        """Return the customers that `read` would have to ask the portal for."""
        return {ref for ref in refs if not self._cache.get(*self._user, ref)}

    def cached(self) -> list[Customer]:
        """Return the customers that CRM has shown this user in the last minutes."""
        return [customer for customer in self._cache.all_of(*self._user) if customer.visible]

    def remember(self, customers: Iterable[Customer]) -> None:
        """Put customers that CRM has just shown this user into the cache."""
        self._cache.put(*self._user, customers)

    def take(self, refs: Iterable[CustomerRef], answer: BatchAnswer) -> dict[CustomerRef, Customer]:
        """Read the answers to `customer_commands(refs)` in a batch. Raises PortalError.

        Costs further requests only where one row spoils an answer.
        """
        found: dict[CustomerRef, Customer] = {}
        for kind, ids, command in _pages(set(refs)):
            asked = [CustomerRef(kind, number) for number in ids]
            found |= self._take_page(asked, command, answer)
            self._note_access(answer, command, kind)
        for ref, customer in found.items():
            before = None if customer.visible else self._cache.get(*self._user, ref)
            if before and before.name is not None:
                self.former_names[ref] = before.name
        self._cache.put(*self._user, found.values())
        return found

    def _take_page(
        self, asked: list[CustomerRef], command: Command[Rows[Item]], answer: BatchAnswer
    ) -> dict[CustomerRef, Customer]:
        if isinstance(answer.errors.get(command), Unwritable):
            return self._read_halves(asked)
        known = {one.ref: one for one in customers_in(answer, command, asked[0].kind)}
        # A row that does not tell which customer it is about may be about any of them.
        rows = answer.get(command)
        unread = rows is not None and (rows.unreadable > 0 or not all(item.id for item in rows))
        return {ref: known.get(ref, Customer(ref, None, unread=unread)) for ref in asked}

    def _read_halves(self, asked: list[CustomerRef]) -> dict[CustomerRef, Customer]:
        """Read customers of which one spoils the answer; that one stays unread."""
        if len(asked) == 1:
            return {asked[0]: Customer(asked[0], None, unread=True)}
        middle = len(asked) // 2
        halves = [set(asked[:middle]), set(asked[middle:])]
        answer = self.client.read(command for half in halves for command in customer_commands(half))
        return self.take(halves[0], answer) | self.take(halves[1], answer)

    @property
    def closed(self) -> bool:
        """Return whether CRM refuses this user both contacts and companies.

        Empty lists prove nothing.
        """
        return self._cache.closed(*self._user) is True

    def access_commands(self) -> list[Command]:
        """Return what tells in a batch whether CRM is closed, or nothing when it is open."""
        return list(_ACCESS_COMMANDS.values()) if self.access_lists() else []

    def note_access(self, answer: BatchAnswer) -> None:
        """Read the answers to `access_commands`."""
        for kind, command in _ACCESS_COMMANDS.items():
            self._note_access(answer, command, kind)

    def access_lists(self) -> list[ListCommand[Item]]:
        """Return lists that tell whether CRM is closed; none when it is open."""
        return [] if self._cache.closed(*self._user) is False else list(_ACCESS_LISTS.values())

    def note_access_lists(self, listings: Listings) -> None:
        """Read what has come of `access_lists`."""
        for kind, wanted in _ACCESS_LISTS.items():
            listing = listings.get(wanted)
            if listing and (listing.complete or isinstance(listing.error, NotPermitted)):
                self._cache.put_closed(*self._user, kind, not listing.complete)

    def batch_if_open(self, commands: Iterable[Command]) -> BatchAnswer:
        """Carry out commands, and what tells whether CRM is open, in a batch.

        It is asked each time, as a right may have been taken away a moment ago; without commands,
        only if it is not known. Raises CrmClosed when CRM is closed to this user, or PortalError.
        """
        wanted = list(commands)
        access = _ACCESS_COMMANDS.values() if wanted else self.access_commands()
        answer = self.client.batch([*wanted, *access])
        self.note_access(answer)
        if self.closed:
            raise CrmClosed
        return answer

    def require_open(self) -> None:
        """Raise CrmClosed or PortalError unless CRM shows this user contacts or companies.

        Costs an HTTP request unless that is known. Changes that are refused write nothing.
        """
        if not self.access_commands():
            return
        answer = self.batch_if_open([])
        if self._cache.closed(*self._user) is None:
            raise next(iter(answer.errors.values()), NoAnswer("NoAccess"))

    def _note_access(self, answer: BatchAnswer, command: Command, kind: Kind) -> None:
        closed = isinstance(answer.errors.get(command), NotPermitted)
        if closed or command in answer.results:
            self._cache.put_closed(*self._user, kind, closed)


def customer_commands(refs: Collection[CustomerRef]) -> list[Command]:
    """Return the calls that read these customers. `CustomerReader.take` reads the answers."""
    return [command for _, _, command in _pages(refs)]


def _pages(refs: Collection[CustomerRef]) -> Iterator[tuple[Kind, list[int], Command[Rows[Item]]]]:
    for kind in Kind:
        ids = sorted(ref.id for ref in refs if ref.kind is kind)
        for start in range(0, len(ids), PAGE_SIZE):
            page = ids[start : start + PAGE_SIZE]
            yield kind, page, item_list(kind, {"@id": page})


def item_list(kind: Kind, criteria: Mapping[str, Any], **params: object) -> Command[Rows[Item]]:
    """Return a call that lists the first 50 customers that match the criteria.

    Only select `*` brings all phones and e-mails (`fm`). Source: controller/item.php of the
    portal's crm module.
    """
    default = {"entityTypeId": ENTITY_TYPES[kind], "select": ["*"], "order": {"id": "ASC"}}
    wanted = {**default, "filter": criteria, **params}
    return Command("crm.item.list", wanted, Rows[Item], key="items")


# Lists that are always empty. A portal refuses them when CRM is closed to the user.
_ACCESS_LISTS = {
    kind: ListCommand(
        "crm.item.list",
        "items",
        {"entityTypeId": ENTITY_TYPES[kind], "select": ["id"], "filter": {"@id": [0]}},
        row=Item,
        optional=True,
    )
    for kind in Kind
}
_ACCESS_COMMANDS = {kind: wanted.page(0) for kind, wanted in _ACCESS_LISTS.items()}


def customers_in(
    answer: BatchAnswer, command: Command[Rows[Item]], kind: Kind
) -> Iterator[Customer]:
    """Yield the customers in an answer to `item_list`. None when the user may not read any.

    Raises PortalError for anything else that went wrong: a name that could not be read must not
    look like one that is hidden.
    """
    if isinstance(answer.errors.get(command), NotPermitted):
        return
    for item in answer[command]:
        if item.id:
            yield customer_from(kind, item)
