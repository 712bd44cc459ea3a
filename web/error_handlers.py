"""Blueprints that describe errors to users, in a part of the page where that fits."""

from dataclasses import replace

from flask import Blueprint, Response, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError

from bitrix24.errors import PortalError
from waitlist.context import UserContext
from waitlist.errors import SaveFailed, UnknownCustomers, WaitlistError
from waitlist.models import CustomerRef, CustomerRefs, CustomersByRef, keys_of
from web.frame import Frame, wants_fragment
from web.http.i18n import listed
from web.presenters.customer_row import name_of, names_of
from web.problems.pages import error_page, problem_page, problem_part
from web.problems.problem import Problem, internal_error, problem_of, save_failed, unknown_customers


def create_blueprint(name: str, module: str, url_prefix: str | None = None) -> Blueprint:
    """Return a blueprint that answers errors with a part of the page."""
    made = Blueprint(name, module, url_prefix=url_prefix)
    for kind in (PortalError, WaitlistError, SQLAlchemyError):
        made.register_error_handler(kind, _answer_failure)
    made.register_error_handler(InternalServerError, _answer_internal_error)
    return made


def describe_error(context: UserContext, error: Exception) -> Problem:
    """Return the words for an error, with the names of the customers it is about."""
    if isinstance(error, UnknownCustomers):
        refs = error.gone or error.customers
        names = listed(_name_refused(context, ref) for ref in refs)
        problem = unknown_customers(names, gone=bool(error.gone))
        return replace(problem, refused=keys_of(refs))
    if isinstance(error, SaveFailed) and error.changed:
        return save_failed(listed(names_of(error.now, read_names(context, error.now))))
    return problem_of(error)


def _name_refused(context: UserContext, ref: CustomerRef) -> str:
    """Name a customer that CRM does not show, by the name that the page still shows."""
    number, name = name_of(ref, {}), context.customers.former_names.get(ref)
    return f"{name} ({number})" if name else number


def describe_half_done(context: UserContext, error: Exception, text: str) -> Problem:
    """Return the words for an error of the second step. `text` says that the first is done."""
    problem = describe_error(context, error)
    return Problem(text, problem.step, problem.status)


def read_names(context: UserContext, refs: CustomerRefs) -> CustomersByRef:
    """Read customers, or return none if the portal does not answer.

    For answers that tell something more urgent than names.
    """
    try:
        return context.customers.read(refs)
    except PortalError:
        return {}


def _answer_internal_error(_error: InternalServerError) -> Response:
    return problem_part(internal_error()) if wants_fragment() else error_page(500)


def _answer_failure(error: Exception) -> Response:
    frame: Frame | None = g.get("frame")
    if frame is None:
        return problem_part(problem_of(error)) if wants_fragment() else problem_page(error)
    return problem_part(describe_error(frame.context, error))
