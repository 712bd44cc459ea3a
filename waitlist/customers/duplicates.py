"""Finds the customers in CRM with the phone or the e-mail of a draft."""

from bitrix24.answers import Rows
from bitrix24.batch import BatchAnswer, Command
from bitrix24.errors import MalformedCall, NotPermitted, Refused
from waitlist.customers.draft import Draft
from waitlist.customers.items import Item
from waitlist.customers.reader import customers_in, item_list
from waitlist.customers.search import CUSTOMERS_ONLY, CommMatches, containing, find_by_comm, refs_in
from waitlist.models import CustomerRef, Kind
from waitlist.phones import FEWEST_SAME, has_same, parts_to_search, readings, whole_to_search


class DuplicateSearch:
    """The calls that find these customers in a batch, and what their answers say.

    A portal finds a number only as it keeps it, which depends on how it was typed. So CRM's search
    text is asked for its digits, too, and the numbers are compared here.
    """

    def __init__(self, draft: Draft, country: str) -> None:
        phone, email = (draft.fields.get(name, "") for name in ("phone", "email"))
        values = {"PHONE": whole_to_search(phone, country), "EMAIL": (email,) if email else ()}
        self._exact: dict[Command[CommMatches], Kind] = {
            find_by_comm(type_, texts, kind): kind
            for type_, texts in values.items()
            if texts
            for kind in Kind
        }
        self._numbers = readings(phone, country)
        parts = [part for part in parts_to_search(phone, country) if len(part) >= FEWEST_SAME]
        self._lists: dict[Command[Rows[Item]], Kind] = {
            item_list(kind, {**containing(parts), **CUSTOMERS_ONLY[kind]}): kind
            for kind in Kind
            if parts
        }

    @property
    def commands(self) -> list[Command]:
        return [*self._exact, *self._lists]

    def found_in(self, answer: BatchAnswer) -> set[CustomerRef]:
        """Return the customers that the answers name; this user may not see all of them."""
        found = {
            ref
            for command, kind in self._exact.items()
            if not isinstance(answer.errors.get(command), NotPermitted)
            for ref in refs_in(answer[command], kind)
        }
        for command, kind in self._lists.items():
            if isinstance(answer.errors.get(command), Refused | MalformedCall):
                continue  # This portal does not filter lists by its search text.
            listed = customers_in(answer, command, kind)
            found |= {one.ref for one in listed if has_same(self._numbers, one.phones)}
        return found
