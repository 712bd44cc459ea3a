"""Lets open pages follow what colleagues do: to the rows of the list, and to the open record."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, make_response, render_template, request

from waitlist.board.live import RecordNews, read_news
from waitlist.models import CustomersByRef, Record, parse_id, same_customers
from waitlist.records.edit import Edit, rebase
from waitlist.records.read import open_record
from web.board.render import Parts, answer
from web.forms import read_customer, read_edit, read_refs
from web.frame import Frame, current_frame
from web.presenters.customer_card import count_text, waiting_row
from web.presenters.record_choice import pick_row
from web.presenters.record_row import record_row
from web.problems.problem import only_reads
from web.record.answers import edited, say_failures

bp = Blueprint("news", __name__)
say_failures(bp)


@bp.post("/records/news")
@only_reads
def rows() -> Response:
    """The rows that look otherwise since `until`, and a notice for the open record where it does
    not hold any more what the form was loaded with. It gives way to people, as nobody waits for
    it: while the portal has much to do it answers 503 and when to come back."""
    frame, edit = current_frame().in_background(), read_edit(request.form).edit
    news = _news(frame)
    if not news.records and not news.gone:
        return Response(status=204)
    names = _names(frame, news.records)
    opened = parse_id(request.form.get("record", ""))
    body = render_template(
        "board/live.html",
        rows=[record_row(record, names) for record in news.records],
        gone=news.gone,
        until=news.until,
        opened=opened,
        notice=_notice(news, opened, edit),
        reading="reading" in request.form,
    )
    return make_response(body)


@bp.post("/card/news")
@only_reads
def waiting() -> Response:
    """The same for a customer's tab: the rows of records that they are on or were on, as far as
    the page shows those (`on`). What concerns other customers only brings the new `until`, so that
    the portal is not asked for it again."""
    frame, customer = current_frame().in_background(), read_customer(request.form)
    news, shown = _news(frame), _shown()
    if not news.records and not news.gone:
        return Response(status=204)
    records = [one for one in news.records if customer in one.customers or one.id in shown]
    names = _names(frame, records)
    here = {one.id for one in records if customer in one.customers}
    left = {one.id for one in records} - here
    body = render_template(
        "cards/customer_live.html",
        rows=[waiting_row(one, customer, names) for one in records],
        gone=shown.intersection(news.gone),
        count=count_text(len((shown | here) - left - set(news.gone))),
        until=news.until,
    )
    return make_response(body)


@bp.post("/card/deal/news")
@only_reads
def picks() -> Response:
    """The same for the tab of a deal with these people (`all`): the records to choose from, as far
    as the page shows those (`on`, or all of them for `whole`), and any that has got one of the
    people."""
    frame, people = current_frame().in_background(), read_refs(request.form, "all")
    news, shown, whole = _news(frame), _shown(), "whole" in request.form
    if not news.records and not news.gone:
        return Response(status=204)
    records = [
        one
        for one in news.records
        if whole or one.id in shown or not set(people).isdisjoint(one.customers)
    ]
    names = _names(frame, records)
    body = render_template(
        "cards/deal_live.html",
        picks=[pick_row(one, people, names) for one in records],
        gone=news.gone,
        until=news.until,
    )
    return make_response(body)


@bp.post("/records/<int:record_id>/changes")
@only_reads
def changes(record_id: int) -> Response:
    """The editor with what colleagues have saved meanwhile, and on top of it what it held that is
    not saved yet."""
    frame, edit = current_frame(), read_edit(request.form).edit
    theirs = open_record(frame.context, record_id)
    names = frame.context.customers.read(theirs.customers)
    return answer(
        frame,
        Parts(
            editor=edited(frame, theirs, rebase(edit, theirs)),
            row=record_row(theirs, names),
        ),
    )


def _news(frame: Frame) -> RecordNews:
    """What has happened since the page was shown."""
    return read_news(frame.context, parse_id(request.form.get("until", "")))


def _shown() -> set[int]:
    return set(map(parse_id, request.form.getlist("on")))


def _names(frame: Frame, records: Iterable[Record]) -> CustomersByRef:
    """Who the people on these records are: the portal is asked for nobody else."""
    return frame.context.customers.read(ref for record in records for ref in record.customers)


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
    same = same_customers(record.customers, edit.base) and record.note == edit.base_note
    return same and not record.foreign
