"""The link between a record of the waiting list and a deal.

A record that is linked to a deal and has no customers fills itself from the deal, so the link is
made after the customers are there. Linking replaces all links of a record, so those that are there
are sent along. Source: Integration/Crm/DealClientSynchronizer.php and Controller/waitlist/
externaldata.php of the portal's booking module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bitrix24.batch import NOT_CARRIED_OUT, BatchAnswer, Command, php_map
from bitrix24.client import PortalClient
from bitrix24.errors import NoAnswer, NotPermitted, PortalError
from waitlist.context import UserContext
from waitlist.errors import DealNotShown, OutcomeUnknown, WaitlistError, raise_known
from waitlist.models import parse_id
from waitlist.records.write import MOST_IN_BATCH, SaveHook

ENTITY_TYPE = 2
LIST = "booking.v1.waitlist.externaldata.list"
SET = "booking.v1.waitlist.externaldata.set"
UNSET = "booking.v1.waitlist.externaldata.unset"
Link = dict[str, str]


class DealLink(SaveHook):
    """Links a record to a deal, beside what it is linked to already, in the HTTP requests that save
    its customers. What is asked first says whether CRM shows the deal to this user: DealNotShown is
    raised where it does not."""

    def __init__(self, client: PortalClient, deal_id: int) -> None:
        self._client = client
        self._deal_id = deal_id
        self._links: list[Link] | None = None
        self._was_there = False
        self._sent = False
        self._refused: PortalError | None = None

    def read_commands(self, record_id: int) -> dict[str, Command]:
        questions = {"deal": deal_command(self._deal_id)}
        return questions | {"links": links_command(record_id)} if record_id else questions

    def take_read(self, answer: BatchAnswer) -> None:
        deal_in(answer)
        if "links" not in answer.errors:
            self._begin(links_in(answer.results.get("links")))

    def write_commands(self, record_id: int) -> dict[str, Command]:
        # Only once: who could not write at first has met somebody else who writes.
        if self._sent or self._links is None or self._was_there or not _travels(self._links):
            return {}
        self._sent = True
        return {
            "link": Command(SET, self._linked(record_id, self._links)),
            "links": links_command(record_id),
        }

    def take_written(self, answer: BatchAnswer) -> None:
        error = answer.errors.get("link")
        unclear = isinstance(error, NoAnswer) or (error and error.code == NOT_CARRIED_OUT)
        self._refused = None if unclear else error
        if "links" in answer.results:
            self._links, self._sent = links_in(answer.results["links"]), False

    def finish(self, record_id: int) -> bool:
        """Whether the record was not linked to the deal before. To be called once the customers are
        there; one HTTP request where no customers had to be written, and none where the link has
        gone with them. Raises PortalError or WaitlistError; the record is not linked then."""
        if self._refused:
            raise_known(self._refused)
            raise self._refused
        if self._links is None:
            self._begin(_links(self._client, record_id))
        elif self._sent:
            # Perhaps it was carried out. What the record is linked to now decides.
            self._links = _links(self._client, record_id)
        links = self._links or []
        if link_to(self._deal_id) not in links:
            try:
                _answer(self._client, SET, self._linked(record_id, links))
            except NoAnswer:
                if link_to(self._deal_id) not in _links(self._client, record_id):
                    raise
        return not self._was_there

    def _begin(self, links: list[Link]) -> None:
        self._links, self._was_there = links, link_to(self._deal_id) in links

    def _linked(self, record_id: int, links: list[Link]) -> dict[str, Any]:
        return {"waitListId": record_id, "externalData": [*links, link_to(self._deal_id)]}


def unlink(client: PortalClient, record_id: int, deal_id: int) -> None:
    """Takes back what `DealLink` did. To be called while the record has customers: without any, a
    portal would fill it from a deal that it is still linked to."""
    links = _links(client, record_id)
    _relink(client, record_id, links, [one for one in links if one != link_to(deal_id)])


def unlink_all(context: UserContext, record_id: int) -> None:
    """Unlink a record from every deal; its other links stay.

    Raises CrmClosed, another WaitlistError or PortalError.
    """
    client, customers = context.client, context.customers
    answer = client.batch({"links": links_command(record_id)} | customers.questions())
    customers.admit(answer)
    if error := answer.errors.get("links"):
        raise_known(error)
        raise error
    links = links_in(answer.results["links"])
    _relink(client, record_id, links, [one for one in links if not _is_deal(one)])


def require_deal(client: PortalClient, deal_id: int) -> None:
    """One HTTP request. Raises DealNotShown where CRM does not show the deal to this user."""
    deal_in(client.batch({"deal": deal_command(deal_id)}))


def _relink(client: PortalClient, record_id: int, links: list[Link], kept: list[Link]) -> None:
    """Raises OutcomeUnknown, another WaitlistError or PortalError; but for the first the links are
    as they were."""
    if kept == links:
        return
    try:
        if kept:
            _answer(client, SET, {"waitListId": record_id, "externalData": kept})
        else:
            _answer(client, UNSET, {"waitListId": record_id})
    except NoAnswer:
        # Perhaps it was carried out. What the record is linked to now decides.
        if _look(client, record_id) != kept:
            raise


def _look(client: PortalClient, record_id: int) -> list[Link]:
    try:
        return _links(client, record_id)
    except (PortalError, WaitlistError) as error:
        raise OutcomeUnknown from error


def _links(client: PortalClient, record_id: int) -> list[Link]:
    return links_in(_answer(client, LIST, {"waitListId": record_id}))


def _answer(client: PortalClient, method: str, params: Mapping[str, Any]) -> Any:
    try:
        return client.call(method, params).result
    except PortalError as error:
        raise_known(error)
        raise


def deal_command(deal_id: int) -> Command:
    """Asks CRM for a deal, under the key `deal`; `deal_in` reads the answer."""
    return Command("crm.item.get", {"entityTypeId": ENTITY_TYPE, "id": deal_id})


def links_command(record_id: int) -> Command:
    """Asks what a record is linked to; `links_in` reads the result."""
    return Command(LIST, {"waitListId": record_id})


def link_to(deal_id: int) -> Link:
    """A link to a deal, as a portal has it."""
    return {"moduleId": "crm", "entityTypeId": "DEAL", "value": str(deal_id)}


def _travels(links: list[Link]) -> bool:
    """Whether a batch carries these as they are: it would replace `$result[…]` in them by something
    else, and cut a long list off."""
    return len(links) < MOST_IN_BATCH and not any(
        "$" in text for row in links for text in row.values()
    )


def _is_deal(link: Link) -> bool:
    return link == link_to(parse_id(link["value"]))


def links_in(result: Any) -> list[Link]:
    """What a record is linked to, each as a portal wants it back."""
    rows = map(php_map, php_map(php_map(result).get("externalData")).values())
    return [{key: str(row.get(key) or "") for key in link_to(0)} for row in rows]


def deal_in(answer: BatchAnswer) -> Mapping[str, Any]:
    """The deal's fields. Raises DealNotShown or PortalError."""
    error = answer.errors.get("deal")
    if isinstance(error, NotPermitted) or (error and error.code == "NOT_FOUND"):
        raise DealNotShown from error
    return php_map(php_map(answer.result("deal")).get("item"))
