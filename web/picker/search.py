"""Finds customers for the editor."""

from dataclasses import replace

from flask import Response, request

from waitlist.customers.contact_persons import read_persons
from waitlist.customers.search import Found, search, search_cached
from waitlist.models import CustomerRef, Kind
from web.error_handlers import create_blueprint
from web.forms import BadForm, PickerForm, read_number, read_picker, read_ref
from web.frame import Frame, current_frame
from web.presenters.customer_row import customer_row, name_of, namesakes_among
from web.presenters.search_hits import hits_view
from web.problems.pages import render
from web.problems.problem import only_reads

bp = create_blueprint("search", __name__)
RECENT = 8
MOST_PICKED = 50
PORTAL_KINDS = {"C": Kind.CONTACT, "CO": Kind.COMPANY}
"""How the portal's own dialog begins IDs: `C_12`, `CO_5`. Source: b24jssdk, selectCRM."""


@bp.post("/customers/search")
@only_reads
def find() -> Response:
    frame, form = current_frame(), read_picker(request.form)
    customers, quirks = frame.context.customers, frame.context.quirks
    found = search(customers, quirks, form.query, chosen=form.chosen)
    return _answer_hits(frame, form, found, create=True)


@bp.post("/customers/seen")
@only_reads
def find_seen() -> Response:
    """Find customers among those the user has just seen, without asking the portal."""
    frame, form = current_frame(), read_picker(request.form)
    found = search_cached(frame.context.customers, form.query, form.chosen)
    return _answer_hits(frame, form, found)


@bp.post("/customers/recent")
@only_reads
def recent() -> Response:
    """Offer the customers that this user added last, before anything is typed."""
    frame, form = current_frame(), read_picker(request.form)
    refs = frame.context.history.last_added(frame.context.user_id)[:RECENT]
    found = frame.context.customers.read(refs)
    customers = tuple(found[ref] for ref in refs if found[ref].visible)
    return _answer_hits(frame, replace(form, query=""), Found(customers))


@bp.post("/customers/rows")
@only_reads
def rows() -> Response:
    """Return rows for customers chosen in the portal's own dialog.

    Only those that this user may see in CRM, whatever IDs the browser sends.
    """
    frame = current_frame()
    refs = tuple(dict.fromkeys(map(_read_picked, request.form.getlist("picked")[:MOST_PICKED])))
    found = frame.context.customers.read(refs)
    namesakes = namesakes_among(found.values())
    picked = [customer_row(ref, found, (), (), namesakes) for ref in refs if found[ref].visible]
    hidden = len(picked) < len(refs)
    return render("picker/picked.html", picked=picked, hidden=hidden)


@bp.post("/customers/persons")
@only_reads
def persons() -> Response:
    """Offer the contact persons of a company that has just been chosen."""
    frame, company = current_frame(), read_ref(request.form.get("company", ""))
    found = read_persons(frame.context.customers, company, read_picker(request.form).chosen)
    known = {customer.ref: customer for customer in found.customers}
    namesakes = namesakes_among(found.customers)
    return render(
        "picker/contact_persons.html",
        company=name_of(company, frame.context.customers.read([company])),
        persons=[customer_row(ref, known, (), (), namesakes) for ref in known],
        more=found.more,
    )


def _answer_hits(frame: Frame, form: PickerForm, found: Found, *, create: bool = False) -> Response:
    refs = [customer.ref for customer in found.customers]
    view = hits_view(
        found,
        form.chosen,
        form.query,
        records=frame.context.tracker.other_records(refs, form.record_id),
        known=frame.context.customers.cached(),
        create=create,
    )
    return render("picker/hits.html", hits=view)


def _read_picked(word: str) -> CustomerRef:
    prefix, _sep, number = word.partition("_")
    if prefix not in PORTAL_KINDS:
        raise BadForm("not a customer")
    return CustomerRef(PORTAL_KINDS[prefix], read_number(number))
