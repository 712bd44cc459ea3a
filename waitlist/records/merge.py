"""Merges what I changed with what others changed meanwhile. Pure functions.

`base` is the list as I loaded it, `mine` as I want it, `theirs` as the portal holds it now. The
order matters: the portal makes the first contact the main customer.
"""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.models import CustomerRef, Kind, main_customer

Customers = tuple[CustomerRef, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed the same thing; `both` is everybody together, my order first."""

    mine: Customers
    theirs: Customers
    both: Customers


def merge(base: Customers, mine: Customers, theirs: Customers) -> Customers | Clash:
    """Their list with my additions and removals, or a Clash when only a person can decide."""
    mine, theirs = unique(mine), unique(theirs)
    if not _differ(base, mine) or not _differ(mine, theirs):
        return theirs
    if not _differ(base, theirs):
        return mine
    my_choice, their_choice = _chosen_main(base, mine), _chosen_main(base, theirs)
    i_moved, they_moved = _moved(base, mine), _moved(base, theirs)
    if (
        (my_choice and their_choice and my_choice != their_choice)
        or (my_choice in base and my_choice not in theirs)
        or (their_choice in base and their_choice not in mine)
        or (i_moved and they_moved and _moved(mine, theirs))
    ):
        return Clash(mine, theirs, unique(mine + theirs))
    removed = (set(base) - set(mine)) | (set(base) - set(theirs))
    leading, following = (mine, theirs) if i_moved else (theirs, mine)
    merged = tuple(ref for ref in unique(leading + following) if ref not in removed)
    choice = my_choice or their_choice
    return unique((choice, *merged)) if choice else merged


def both_notes(theirs: str, mine: str) -> str:
    """Their note, and below it the lines that only mine has."""
    lines = theirs.split("\n") if theirs else []
    more = mine.split("\n") if mine else []
    return "\n".join([*lines, *(line for line in more if line not in lines)])


def unique(customers: Customers) -> Customers:
    """Each customer once, at their first place: the portal refuses a list that names one twice."""
    return tuple(dict.fromkeys(customers))


def _chosen_main(base: Customers, other: Customers) -> CustomerRef | None:
    """Whom this list makes the main customer by choice: somebody new in front while the old one
    is still there. A first contact after companies only is no choice, the portal does that."""
    before, after = main_customer(base), main_customer(other)
    if after == before or before is None or before not in other:
        return None
    by_itself = after is not None and after.kind is Kind.CONTACT and before.kind is Kind.COMPANY
    return None if by_itself else after


def _moved(one: Customers, other: Customers) -> bool:
    """Whether the customers that both lists hold stand in another order."""
    kept = set(one) & set(other)
    return _differ(
        tuple(ref for ref in one if ref in kept), tuple(ref for ref in other if ref in kept)
    )


def _differ(one: Customers, other: Customers) -> bool:
    """Whether these are other customers, or in another order. Whether companies stand before
    contacts or after them says nothing: pages show them after, whatever a portal does."""
    return sorted(one, key=_is_company) != sorted(other, key=_is_company)


def _is_company(ref: CustomerRef) -> bool:
    return ref.kind is Kind.COMPANY
