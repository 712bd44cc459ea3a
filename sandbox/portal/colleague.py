"""What a colleague does on the portal's own waiting-list screen, without REST."""

from sandbox.core.booking.stored_clients import add_rows
from sandbox.portal import events
from sandbox.portal.portal import Portal


def link_client(portal: Portal, record_id: int, code: str, number: int, user_id: int = 1) -> None:
    """Add a client to a record, e.g. ("CONTACT", 12), as user `user_id`.

    Raises ValueError for another code, LookupError for an unknown record or user.
    """
    if code not in ("CONTACT", "COMPANY"):
        raise ValueError(f"code: {code!r} is neither CONTACT nor COMPANY")
    with portal.lock:
        record = portal.records.get(record_id)
        if record is None:
            raise LookupError(f"there is no record {record_id}")
        user = portal.user(user_id)
        add_rows(portal.state, record, [[code, number]])
        events.announce_record_change(portal, record, user_id=user.id, kind="portal screen")
        portal.write_mirror()
