"""What follows a change: what a portal tells the application's handlers, with whose tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.core import php
from sandbox.core.application import EventHandler
from sandbox.core.model import WaitListItem
from sandbox.core.tokens import ACCESS_SECONDS
from sandbox.net.delivery import Delivery
from sandbox.portal.portal import Portal

# The portal's own loop protection: an event's token may cause that many further events in a row.
EVENT_HOPS = 7
_RECORD_EVENT = "ONBOOKINGWAITLISTITEM"


def announce_record_change(
    portal: Portal,
    item: WaitListItem,
    *,
    user_id: int,
    kind: str,
    event: str = "UPDATE",
    hops: int = EVENT_HOPS,
) -> None:
    """Journal, mirror and event of one successful write, content changed or not."""
    item.updated_by = user_id
    portal.note_journal(item, kind, user_id)
    portal.mirror_pending.add(item.id)
    fire(portal, f"{_RECORD_EVENT}{event}", {"ID": item.id}, user_id, hops=hops)
    portal.hub.changed()


def fire(
    portal: Portal,
    event: str,
    data: dict[str, Any],
    user_id: int | None,
    *,
    with_refresh: bool = False,
    hops: int = EVENT_HOPS,
) -> None:
    """Queue an event for its handlers; nothing goes out before installFinish."""
    if not (portal.app.present and portal.app.installed) or hops <= 0:
        return
    for handler in handlers_of(portal, event):
        owner = handler.user_id or user_id

        def build_auth(owner: int | None = owner) -> dict[str, Any]:
            return _auth(portal, owner, with_refresh, hops)

        queue(portal, handler, data, build_auth)


def queue(
    portal: Portal,
    handler: EventHandler,
    data: dict[str, Any],
    build_auth: Callable[[], dict[str, Any]],
) -> None:
    """Queue an event for one handler; its time and its tokens are those of the sending."""

    def build_form() -> list[tuple[str, str]]:
        fields = {
            "event": handler.event,
            "event_handler_id": handler.id,
            "data": data,
            "ts": int(portal.hub.clock.now()),
            "auth": build_auth(),
        }
        return list(php.pairs(fields))

    portal.hub.events.put(Delivery(handler.event, handler.handler, build_form))


def handlers_of(portal: Portal, event: str) -> Iterator[EventHandler]:
    return (h for h in list(portal.state.event_handlers) if h.event == event.upper())


def _auth(portal: Portal, user_id: int | None, with_refresh: bool, hops: int) -> dict[str, Any]:
    auth: dict[str, Any] = {}
    if user_id:
        grant = portal.issue_token(user_id, hops - 1)
        auth = {"access_token": grant.access_token, "expires_in": ACCESS_SECONDS}
    auth |= {
        "scope": portal.hub.registration.scope,
        "domain": portal.domain,
        "server_endpoint": portal.hub.server_endpoint,
        "status": portal.app.status,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
    }
    if user_id:
        auth["user_id"] = user_id
        if with_refresh:
            auth["refresh_token"] = grant.refresh_token
    auth["application_token"] = portal.app.application_token
    return auth
