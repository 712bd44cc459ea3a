"""The numbers by which a portal names records, customers, deals and users."""

from typing import Annotated

from msgspec import Meta

LARGEST_ID = 2**31 - 1
"""The largest number that a portal gives, and that the columns of our tables hold."""
DEAL, CONTACT, COMPANY = 2, 3, 4
"""The types of CRM items, as `crm.item.*` and the activities number them."""
LENIENT = {"lenient": True}
"""The mark of LenientId, for bitrix24/php.py."""

Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
"""For a field of an answer: a number or its digits; anything else makes the answer a NoAnswer."""
LenientId = Annotated[int, Meta(ge=0, le=LARGEST_ID, extra=LENIENT)]
"""For a field of an answer: as `parse_id`, so anything but an id is 0 and the answer is read on."""


def parse_id(value: object) -> int:
    """Return the id that a number or its digits stand for; 0 for anything else."""
    whole = isinstance(value, float) and value.is_integer()
    text = f"{value:.0f}" if whole else str(value).strip(" ")
    sound = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    number = int(text) if sound else 0
    return number if number <= LARGEST_ID else 0
