"""Lets open pages follow what colleagues do: to the rows of the list, and to the open record."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, make_response, render_template, request

from bitrix24.client import PortalClient
from waitlist.customers import CustomerReader
from waitlist.models import Record, parse_id, same_customers
from waitlist.news import RecordNews, on_top_of, read_news
from waitlist.records import open_record
from waitlist.save import Edit
from web.editing import edited, say_failures
from web.edits import read_customer, read_edit
from web.frame import Frame, current_frame
from web.i18n import gettext as _
from web.i18n import ngettext
from web.render import Parts, answer
from web.services import services
from web.views.board import record_row
from web.views.card import count_text, waiting_row
from web.views.customers import Customers

bp = Blueprint("news", __name__)
say_failures(bp)


@bp.post("/records/news")
def rows() -> Response:
    """The rows that look otherwise since `until`, and a notice for the open record where it does
    not hold any more what the form was loaded with. It gives way to people, as nobody waits for
    it: while the portal has much to do it answers 503 and when to come back."""
    frame, edit = current_frame(), read_edit(request.form).edit
    client = _client(frame)
    news = _news(client, frame)
    if not news.records and not news.gone:
        return Response(status=204)
    names = _names(client, frame, news.records)
    opened = parse_id(request.form.get("record", ""))
    body = render_template(
        "news.html",
        rows=[record_row(record, names, _, ngettext) for record in news.records],
        gone=news.gone,
        until=news.until,
        opened=opened,
        notice=_notice(news, opened, edit),
    )
    return make_response(body)


@bp.post("/card/news")
def waiting() -> Response:
    """The same for a customer's tab: the rows of records that they are on or were on, as far as
    the page shows those (`on`). What concerns other customers only brings the new `until`, so that
    the portal is not asked for it again."""
    frame, customer = current_frame(), read_customer(request.form)
    shown = set(map(parse_id, request.form.getlist("on")))
    client = _client(frame)
    news = _news(client, frame)
    if not news.records and not news.gone:
        return Response(status=204)
    records = [one for one in news.records if customer in one.customers or one.id in shown]
    names = _names(client, frame, records)
    here = {one.id for one in records if customer in one.customers}
    left = {one.id for one in records} - here
    body = render_template(
        "card_news.html",
        rows=[waiting_row(one, customer, names, _, ngettext) for one in records],
        gone=shown.intersection(news.gone),
        count=count_text(len((shown | here) - left - set(news.gone)), _, ngettext),
        until=news.until,
    )
    return make_response(body)


@bp.post("/records/<int:record_id>/changes")
def changes(record_id: int) -> Response:
    """The editor with what colleagues have saved meanwhile, and on top of it what it held that is
    not saved yet."""
    frame, edit = current_frame(), read_edit(request.form).edit
    theirs = open_record(frame.client, record_id, frame.today)
    names = frame.reader.read(theirs.customers)
    return answer(
        frame,
        Parts(
            editor=edited(frame, theirs, on_top_of(theirs, edit)),
            row=record_row(theirs, names, _, ngettext),
        ),
    )


def _client(frame: Frame) -> PortalClient:
    return services().client(frame.portal, frame.session.user_id, background=True)


def _news(client: PortalClient, frame: Frame) -> RecordNews:
    """What has happened since the page was shown."""
    return read_news(client, frame.tracker, parse_id(request.form.get("until", "")))


def _names(client: PortalClient, frame: Frame, records: Iterable[Record]) -> Customers:
    """Who the people on these records are: the portal is asked for nobody else."""
    member_id, user_id = frame.portal.member_id, frame.session.user_id
    reader = CustomerReader(client, services().customers, member_id, user_id)
    return reader.read(ref for record in records for ref in record.customers)


def _notice(news: RecordNews, opened: int, edit: Edit) -> str | None:
    """What to say of the open record: nothing new is said with an empty notice."""
    if opened in news.gone:
        return "gone"
    for record in news.records:
        if record.id == opened:
            return "" if _is(record, edit) else "changed"
    return None


def _is(record: Record, edit: Edit) -> bool:
    """Whether the editor was loaded with just that."""
    return same_customers(record.customers, edit.base) and record.note == edit.base_note
