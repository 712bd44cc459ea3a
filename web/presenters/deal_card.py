"""The tab in a deal: its customers, and the record to put them on."""

from dataclasses import dataclass

from waitlist.cards.deal import DealCard
from web.presenters.customer_row import CustomerRow, customer_row, namesakes_among
from web.presenters.record_picks import PickRow, pick_row


@dataclass(frozen=True, slots=True)
class DealView:
    """The tab. `picks` are the records of the deal, the newest of them first.

    So many others could not be read.
    """

    id: int
    people: tuple[CustomerRow, ...]
    picks: tuple[PickRow, ...]
    unread: int

    @property
    def chosen(self) -> PickRow | None:
        """Return the record that is chosen at first, None for a new one."""
        return self.picks[0] if self.picks else None

    @property
    def done(self) -> bool:
        """Return whether all customers that can be put on the record are on it."""
        keys = {person.key for person in self.people if person.visible}
        return not keys or bool(self.chosen and keys <= set(self.chosen.keys))


def deal_view(deal: DealCard) -> DealView:
    namesakes = namesakes_among(deal.customers[ref] for ref in deal.people)
    known = frozenset(deal.people)
    people = tuple(
        customer_row(ref, deal.customers, deal.people, known, namesakes) for ref in deal.people
    )
    seen = [ref for ref in deal.people if deal.customers[ref].visible]
    picks = tuple(pick_row(record, seen, deal.customers) for record in deal.records)
    return DealView(deal.id, people, picks, deal.unread)
