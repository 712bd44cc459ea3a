"""The tab in a deal: its people, and the record they are to wait on."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.cards.deal import Deal
from web.presenters.customer_row import CustomerRow, customer_row
from web.presenters.record_choice import PickRow, pick_row


@dataclass(frozen=True, slots=True)
class DealView:
    """`picks` are the records of the deal, the newest of them chosen; without any, a new one."""

    id: int
    people: tuple[CustomerRow, ...]
    picks: tuple[PickRow, ...]

    @property
    def chosen(self) -> PickRow | None:
        return self.picks[0] if self.picks else None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do: everybody who can be put on it is there already."""
        keys = {person.key for person in self.people if person.visible}
        return not keys or bool(self.chosen and keys <= set(self.chosen.keys))


def deal_view(deal: Deal) -> DealView:
    people = tuple(customer_row(ref, deal.names, deal.people, deal.people) for ref in deal.people)
    seen = [ref for ref in deal.people if deal.names[ref].visible]
    picks = tuple(pick_row(record, seen, deal.names) for record in deal.records)
    return DealView(deal.id, people, picks)
