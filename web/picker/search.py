"""Finds customers for the editor and the tabs."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, make_response, render_template, request

from waitlist.customers.contact_persons import persons_of
from waitlist.customers.search import Found, search, search_seen
from waitlist.models import Customer, CustomerRef, Kind, parse_id
from web.board.render import Parts, answer
from web.forms import BadForm, read_customers, read_number, read_ref
from web.frame import Frame, current_frame, wants_fragment
from web.presenters.customer_row import customer_row, name_of
from web.presenters.search_hits import hits_view
from web.problems.problem import only_reads
from web.record.answers import form_editor, say_failures
from web.services import services

bp = Blueprint("customers", __name__)
say_failures(bp)
LONGEST_QUERY = 100
"""Characters; nobody's name is longer, and a portal would search for all of it."""
RECENT = 8
MOST_PICKED = 50
PORTAL_KINDS = {"C": Kind.CONTACT, "CO": Kind.COMPANY}
"""How the portal's own dialog begins ids: `C_12`, `CO_5`. Source: b24jssdk, selectCRM."""


def typed() -> str:
    """What stands in the field *Add a customer*."""
    return request.form.get("q", "")[:LONGEST_QUERY]


@bp.post("/customers/search")
@only_reads
def find() -> Response:
    frame, query = current_frame(), typed()
    found = search(frame.context.customers, frame.context.quirks, query)
    return _hits(frame, found, query, create=True)


@bp.post("/customers/seen")
@only_reads
def glance() -> Response:
    """Hits among customers whom this user has just seen: the portal is not asked."""
    frame, query = current_frame(), typed()
    return _hits(frame, search_seen(frame.context.customers, query), query)


@bp.post("/customers/recent")
@only_reads
def recent() -> Response:
    """Who has not typed anything yet may choose from the customers they added last."""
    frame = current_frame()
    refs = frame.context.history.last_added(frame.context.user_id)[:RECENT]
    found = frame.context.customers.read(refs)
    customers = tuple(found[ref] for ref in refs if found[ref].visible)
    return _hits(frame, Found(customers), "")


@bp.post("/customers/rows")
@only_reads
def rows() -> Response:
    """Customers chosen in the portal's own dialog, as rows; only those whom CRM shows this user,
    whatever ids the browser sends."""
    frame = current_frame()
    refs = tuple(dict.fromkeys(map(_picked, request.form.getlist("picked")[:MOST_PICKED])))
    found = frame.context.customers.read(refs)
    picked = [customer_row(ref, found, (), ()) for ref in refs if found[ref].visible]
    hidden = len(picked) < len(refs)
    return make_response(render_template("picker/picked.html", picked=picked, hidden=hidden))


@bp.post("/customers/persons")
@only_reads
def persons() -> Response:
    """The contact persons of a company that has just been chosen."""
    frame, company = current_frame(), read_ref(request.form.get("company", ""))
    found = persons_of(frame.context.customers, company, read_customers(request.form))
    known = {customer.ref: customer for customer in found.customers}
    return make_response(
        render_template(
            "picker/contact_persons.html",
            company=name_of(company, frame.context.customers.read([company])),
            persons=[customer_row(ref, known, (), ()) for ref in known],
            more=found.more,
        )
    )


def _hits(frame: Frame, found: Found, query: str, *, create: bool = False) -> Response:
    record = request.form.get("record", "new")
    view = hits_view(
        found,
        read_customers(request.form),
        query,
        records=records_elsewhere(frame, found.customers),
        create=create,
    )
    editor = None if wants_fragment() else form_editor(frame)
    return answer(frame, Parts(hits=view, query=query, record=record, editor=editor))


def records_elsewhere(frame: Frame, customers: Iterable[Customer]) -> dict[CustomerRef, int]:
    """On which record, other than the open one, each of these customers was last seen."""
    newest = services().last_seen.newest_records(
        frame.portal.member_id,
        [customer.ref.key for customer in customers],
        but=request.form.get("record", 0, parse_id),
    )
    return {CustomerRef.parse(key): number for key, number in newest.items()}


def _picked(word: str) -> CustomerRef:
    prefix, _sep, number = word.partition("_")
    if prefix not in PORTAL_KINDS:
        raise BadForm("not a customer")
    return CustomerRef(PORTAL_KINDS[prefix], read_number(number))
