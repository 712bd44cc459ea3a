"""Addresses in the portal that lead straight to a record, for chats, tasks and mails.

A portal opens `/marketplace/view/CODE/?params[record]=12` by launching the app as REST_APP_URI,
with the parameters as options. CODE is the app's code on that portal, which `app.info` tells.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template
from msgspec import Meta, Struct

from bitrix24.batch import Command
from oauth.launch import Launch
from waitlist.models import parse_id
from web.frame import current_frame, wants_fragment
from web.http.i18n import gettext as _
from web.problems.pages import message_page
from web.problems.problem import only_reads
from web.record.answers import say_failures

bp = Blueprint("links", __name__)
say_failures(bp)
PLACEMENT = "REST_APP_URI"


class AppInfo(Struct, frozen=True, rename="upper"):
    """What `app.info` tells of this app."""

    code: Annotated[str, Meta(min_length=1)]


APP_INFO = Command("app.info", None, AppInfo)


def linked_record(launch: Launch) -> int:
    """The record that the address of this launch names; 0 where it names none."""
    if launch.placement != PLACEMENT:
        return 0
    return parse_id(launch.options.get("record", ""))


@bp.post("/records/<int:record_id>/link")
@only_reads
def link(record_id: int) -> Response:
    """Asks the portal for the app's code: one request. A browser lets no frame of another site
    write to the clipboard, so the address is shown to be copied by hand."""
    frame = current_frame()
    code = frame.context.client.call(APP_INFO).code
    path = f"/marketplace/view/{quote(code, safe='')}/?params[record]={record_id}"
    address = frame.portal.origin + path
    if not wants_fragment():
        return message_page(_("Link to this record"), address)
    return make_response(render_template("record/link.html", address=address))
