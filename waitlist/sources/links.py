"""The links of a record to deals and to what other modules of the portal keep."""

from msgspec import Struct

from bitrix24.batch import Command


class Link(Struct, frozen=True, rename="camel"):
    """A link of a record, as a portal sends it and wants it back."""

    module_id: str = ""
    entity_type_id: str = ""
    value: str = ""

    @property
    def is_deal(self) -> bool:
        return (self.module_id, self.entity_type_id) == ("crm", "DEAL")

    @property
    def text(self) -> str:
        """Return the link as one line."""
        return f"{self.module_id} {self.entity_type_id} {self.value}"


def link_list(record_id: int) -> Command[list[Link]]:
    params = {"waitListId": record_id}
    return Command("booking.v1.waitlist.externaldata.list", params, list[Link], key="externalData")


def link_to(deal_id: int) -> Link:
    return Link("crm", "DEAL", str(deal_id))
