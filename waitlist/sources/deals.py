"""The deals that a record is linked to, and their titles as the user may see them."""

from msgspec import Struct

from bitrix24.batch import BatchAnswer, Command
from bitrix24.ids import DEAL, LenientId, parse_id
from waitlist.models import LinkedDeal
from waitlist.sources.links import link_list

LONGEST_TITLE = 255
"""Characters that are read of a title. CRM keeps no more."""


class DealTitle(Struct, frozen=True):
    """A deal in an answer of `crm.item.get`."""

    id: LenientId = 0
    title: str = ""


FIRST_DEAL = Command(
    "crm.item.get",
    {"entityTypeId": DEAL, "id": "$result[0][externalData][0][value]"},
    DealTitle,
    key="item",
)
"""Reads what the first command of the same batch has named first. Where that names nothing, a
portal may answer with any deal, so the answer counts only if it is the linked one."""


def deal_commands(record_id: int) -> list[Command]:
    """Return the calls that have to be the first ones of a batch. `deals_in` reads the answers."""
    return [link_list(record_id), FIRST_DEAL]


def deals_in(answer: BatchAnswer, record_id: int) -> tuple[LinkedDeal, ...]:
    """Return the linked deals; none if that cannot be read.

    A deal has no title if CRM does not show it to this user, or if it is not the first one.
    """
    links = answer.get(link_list(record_id)) or []
    first = answer.get(FIRST_DEAL) or DealTitle()
    ids = dict.fromkeys(parse_id(one.value) for one in links if one.is_deal)
    return tuple(
        LinkedDeal(one, " ".join(first.title[:LONGEST_TITLE].split()) if one == first.id else "")
        for one in ids
        if one
    )
