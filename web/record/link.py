"""Addresses in the portal that lead to a record, for chats, tasks and mails.

A portal opens `/marketplace/view/CODE/?params[record]=12` by launching the app as REST_APP_URI,
with the parameters as options. CODE is the app's code on that portal, which `app.info` returns.
"""

from typing import Annotated
from urllib.parse import quote

from flask import Response
from msgspec import Meta, Struct

from bitrix24.batch import Command
from bitrix24.ids import parse_id
from oauth.launch import Launch
from web.error_handlers import create_blueprint
from web.frame import current_frame
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("link", __name__)
PLACEMENT = "REST_APP_URI"


class AppInfo(Struct, frozen=True, rename="upper"):
    """What `app.info` tells of this app."""

    code: Annotated[str, Meta(min_length=1)]


APP_INFO = Command("app.info", {}, AppInfo)


def linked_record(launch: Launch, name: str = "record") -> int:
    """Return the record that this launch names, by another name if it is to be booked.

    Returns 0 without one.
    """
    # A card's tab opens a record in a panel of the portal, which names itself in the options.
    in_panel = launch.placement == "DEFAULT" and launch.options.get("IFRAME") == "Y"
    if launch.placement != PLACEMENT and not in_panel:
        return 0
    return parse_id(launch.options.get(name, ""))


@bp.post("/records/<int:record_id>/link")
@only_reads
def show(record_id: int) -> Response:
    """Show the address of a record, to be copied. One HTTP request: the app's code."""
    frame = current_frame()
    code = frame.context.client.call(APP_INFO).code
    path = f"/marketplace/view/{quote(code, safe='')}/?params[record]={record_id}"
    address = frame.portal.origin + path
    return render("record/link.html", address=address)
