"""Events: what a portal sends to the application's handlers, and the tokens in it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sandbox.core import php
from sandbox.core.application import EventHandler
from sandbox.core.model import Record
from sandbox.core.tokens import ACCESS_SECONDS
from sandbox.net.delivery import Delivery
from sandbox.portal.portal import Portal

# The portal's loop protection: how many events in a row the token of an event may cause.
EVENT_HOPS = 7
_RECORD_EVENT = "ONBOOKINGWAITLISTITEM"


def announce_record_change(
    portal: Portal,
    record: Record,
    *,
    user_id: int,
    kind: str,
    event: str = "UPDATE",
    hops: int = EVENT_HOPS,
) -> None:
    """Write the journal, mark the CRM mirror and send the event of a write."""
    record.updated_by = user_id
    portal.add_journal_entry(record, kind, user_id)
    portal.mirror_pending.add(record.id)
    fire(portal, f"{_RECORD_EVENT}{event}", {"ID": record.id}, user_id, hops=hops)
    portal.hub.mark_changed()


def fire(
    portal: Portal,
    event: str,
    data: dict[str, Any],
    user_id: int | None,
    *,
    with_refresh: bool = False,
    hops: int = EVENT_HOPS,
) -> None:
    """Queue an event for all its handlers; none is sent before installFinish."""
    if not (portal.app.present and portal.app.installed) or hops <= 0:
        return
    for handler in handlers_for(portal, event):
        owner = handler.user_id or user_id
        queue_event(portal, handler, data, partial(_build_auth, portal, owner, with_refresh, hops))


def queue_event(
    portal: Portal,
    handler: EventHandler,
    data: dict[str, Any],
    build_auth: Callable[[], dict[str, Any]],
) -> None:
    """Queue an event for one handler; `build_auth` is called when the event is sent."""

    def build_form() -> list[tuple[str, str]]:
        fields = {
            "event": handler.event,
            "event_handler_id": handler.id,
            "data": data,
            "ts": int(portal.hub.clock.now()),
            "auth": build_auth(),
        }
        return list(php.flatten(fields))

    portal.hub.events.put(Delivery(handler.event, handler.handler, build_form))


def handlers_for(portal: Portal, event: str) -> Iterator[EventHandler]:
    return (h for h in list(portal.state.event_handlers) if h.event == event.upper())


def _build_auth(portal: Portal, owner: int | None, with_refresh: bool, hops: int) -> dict[str, Any]:
    auth: dict[str, Any] = {}
    if owner:
        grant = portal.issue_token(owner, hops - 1)
        auth = {"access_token": grant.access_token, "expires_in": ACCESS_SECONDS}
    auth |= {
        "scope": portal.hub.registration.scope,
        "domain": portal.domain,
        "server_endpoint": portal.server_endpoint,
        "status": portal.app.status,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
    }
    if owner:
        auth["user_id"] = owner
        if with_refresh:
            auth["refresh_token"] = grant.refresh_token
    auth["application_token"] = portal.app.application_token
    return auth
