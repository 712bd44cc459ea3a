"""Lets open tabs follow what colleagues do to the records that they show."""

from flask import Response, request

from bitrix24.ids import parse_id
from waitlist.board.live import RecordNews, read_news
from waitlist.context import UserContext
from web.error_handlers import create_blueprint
from web.forms import read_customer, read_id, read_refs
from web.frame import current_frame
from web.http.headers import with_day
from web.presenters.customer_card import Count, waiting_row
from web.presenters.customer_row import name_of
from web.presenters.record_picks import pick_row
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("card_live", __name__, url_prefix="/card")


@bp.post("/news")
@only_reads
def waiting() -> Response:
    """Answer with the changed rows of a customer's tab, which shows the records `on`.

    These are records that the customer is on, or was on as far as the page shows them. Changes of
    other records bring only the new `until`, so that the portal is not asked for them again.
    """
    context, customer = current_frame().in_background().context, read_customer(request.form)
    news, shown = _read_news(context), _read_shown()
    if not news.records and not news.gone:
        return with_day(Response(status=204), context.today)
    records = [one for one in news.records if customer in one.customers or one.id in shown]
    gone = shown.intersection(news.gone)
    refs = {ref for record in records for ref in record.customers}
    names = context.customers.read({customer, *refs} if records or gone else ())
    here = {one.id for one in records if customer in one.customers}
    left = {one.id for one in records} - here
    answer = render(
        "cards/customer_live.html",
        rows=[waiting_row(one, customer, names) for one in records],
        gone=gone,
        count=Count(name_of(customer, names), len((shown | here) - left - set(news.gone))),
        until=news.until,
    )
    return with_day(answer, context.today)


@bp.post("/deal/news")
@only_reads
def picks() -> Response:
    """Answer with the changed records that a deal's tab offers. Its people are `all`.

    These are records that the page shows (`on`, or all records with `whole`), and records that
    one of the people was added to.
    """
    context, people = current_frame().in_background().context, read_refs(request.form, "all")
    news, shown, whole = _read_news(context), _read_shown(), "whole" in request.form
    if not news.records and not news.gone:
        return with_day(Response(status=204), context.today)
    records = [
        one
        for one in news.records
        if whole or one.id in shown or not set(people).isdisjoint(one.customers)
    ]
    names = context.customers.read(ref for record in records for ref in record.customers)
    answer = render(
        "cards/deal_live.html",
        picks=[pick_row(one, people, names) for one in records],
        gone=news.gone,
        until=news.until,
    )
    return with_day(answer, context.today)


def _read_news(context: UserContext) -> RecordNews:
    return read_news(context, read_id(request.form, "until"))


def _read_shown() -> set[int]:
    return set(map(parse_id, request.form.getlist("on")))
