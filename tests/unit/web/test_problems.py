"""Users read what went wrong, whether it was saved, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response, g, get_template_attribute

from bitrix24 import errors as portal
from bitrix24.errors import PortalError, error_from
from oauth.frame_sessions import FrameSession, SessionInvalid
from waitlist import errors as waitlist
from waitlist.errors import WaitlistError, raise_known
from waitlist.models import CustomerRef, Kind
from web.http import i18n
from web.problems.phrases import PLANS
from web.problems.problem import (
    Problem,
    from_editor,
    only_reads,
    problem_of,
    save_failed,
    unknown_customers,
)

NOTHING_SAVED = "Nothing was saved. Your changes are kept on this page."
UNKNOWN = "We can't tell whether your changes were saved. They are kept on this page."
SECRET = "SELECT phone FROM b_user"
SYSTEM = [
    # The answer of a portal to any call, the app's error for it, and how the words begin.
    ("QUERY_LIMIT_EXCEEDED", "Too many requests", portal.Busy, "Bitrix24 is busy."),
    ("OPERATION_TIME_LIMIT", "Method is blocked", portal.TimeUsedUp, "Bitrix24 has paused this"),
    ("OVERLOAD_LIMIT", "", portal.Overloaded, "Bitrix24 has blocked all apps here"),
    ("INTERNAL_SERVER_ERROR", "", portal.NoAnswer, "Bitrix24 did not answer properly."),
    ("ERROR_UNEXPECTED_ANSWER", "", portal.NoAnswer, "Bitrix24 did not answer properly."),
    ("CONNECTION_ERROR", "", portal.NoAnswer, "Bitrix24 did not answer properly."),
    ("expired_token", "", portal.ExpiredToken, "The session has ended."),
    ("NO_AUTH_FOUND", "", portal.SessionEnded, "The session has ended."),
    ("invalid_token", "", portal.SessionEnded, "The session has ended."),
    ("invalid_grant", "", portal.SessionEnded, "The session has ended."),
    ("insufficient_scope", "", portal.ScopeMissing, "The app doesn't have all"),
    ("invalid_scope", "", portal.ScopeMissing, "The app doesn't have all"),
    ("user_access_error", "", portal.AppNotAllowed, "Your administrator hasn't given you"),
    ("INVALID_CREDENTIALS", "", portal.NotPermitted, "You don't have permission to do"),
    ("ACCESS_DENIED", "Access denied!", portal.NotPermitted, "You don't have permission to do"),
    ("", "Access denied.", portal.NotPermitted, "You don't have permission to do"),
    (
        "ACCESS_DENIED",
        "REST is available only on commercial plans.",
        portal.PlanWithoutApps,
        "Apps work only on commercial",
    ),
    ("WRONG_LICENSE", "", portal.PlanWithoutApps, "Apps work only on commercial"),
    ("PAYMENT_REQUIRED", "Payment required", portal.Unpaid, "The subscription for the app"),
    ("ERROR_OAUTH", "Subscription has been ended", portal.Unpaid, "The subscription for the app"),
    ("ERROR_OAUTH", "Application not installed", portal.AppNotInstalled, "The app is no longer"),
    ("APPLICATION_NOT_FOUND", "", portal.AppNotInstalled, "The app is no longer"),
    ("PORTAL_DELETED", "Portal was deleted", portal.PortalClosed, "This Bitrix24 is closed"),
    ("INVALID_REQUEST", "Https required.", portal.HttpsNeeded, "This Bitrix24 must be opened"),
    ("invalid_client", "", portal.AppMisconfigured, "The app isn't configured"),
    ("invalid_request", "", portal.AppMisconfigured, "The app isn't configured"),
    ("ERROR_METHOD_NOT_FOUND", "", portal.MethodMissing, "This Bitrix24 is too old"),
    ("NO_METHOD", "", portal.MethodMissing, "This Bitrix24 is too old"),
    ("ERROR_BATCH_LENGTH_EXCEEDED", "", portal.MalformedCall, "Something went wrong in the app."),
    (
        "ERROR_BATCH_METHOD_NOT_ALLOWED",
        "",
        portal.MalformedCall,
        "Something went wrong in the app.",
    ),
    ("100", "Could not find value for parameter {id}", portal.MalformedCall, "Something went"),
    ("100", "Invalid value {x} to match with parameter", portal.MalformedCall, "Something went"),
    (
        "422",
        "Array's element must be array",
        portal.MalformedCall,
        "Something went wrong in the app.",
    ),
    ("0", "Required fields: id, type", portal.MalformedCall, "Something went wrong in the app."),
    ("ERROR_CORE", SECRET, portal.Refused, "Bitrix24 refused this for an unknown"),
    ("0", SECRET, portal.Refused, "Bitrix24 refused this for an unknown reason."),
    ("SOMETHING_NEW", SECRET, portal.Refused, "Bitrix24 refused this for an unknown"),
    ("ERROR_MANIFEST_IS_NOT_AVAILABLE", "", portal.Refused, "Bitrix24 refused this for an"),
]
BOOKING = [
    # The same for answers of waiting-list methods.
    ("1040", "Wait list not found", waitlist.RecordGone, "This waiting-list record no longer"),
    ("1036", "wait list item not found", waitlist.RecordGone, "This waiting-list record no"),
    ("1036", SECRET, waitlist.NotRemoved, "The record could not be removed."),
    ("1034", SECRET, waitlist.NotCreated, "The record could not be created."),
    ("1025", "Client type not found", waitlist.CustomerTypeMissing, "Online Booking in this Bit"),
    ("0", "Feature is not available", waitlist.PlanMissing, "Your Bitrix24 plan does not incl"),
    ("0", "Booking tool is disabled. Please", waitlist.ToolDisabled, "Online Booking is switched"),
]


@pytest.fixture
def flask() -> Flask:
    app = Flask(__name__, template_folder=str(Path(__file__).parents[3] / "templates"))
    i18n.init_app(app)
    app.post("/save", endpoint="save")(from_editor(lambda: Response()))
    app.post("/change")(Response)
    app.post("/show", endpoint="show")(only_reads(lambda: Response()))
    return app


@pytest.fixture
def saving(flask: Flask) -> Iterator[None]:
    """A regular user has sent the editor's form."""
    with flask.test_request_context("/save", method="POST"):
        yield


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize(("code", "description", "kind", "words"), SYSTEM)
def test_a_refusal_of_any_call_has_words(
    code: str, description: str, kind: type[PortalError], words: str
) -> None:
    error = error_from({"error": code, "error_description": description}, 400)
    assert type(error) is kind
    problem = problem_of(error)
    assert problem.text.startswith(words)
    assert problem.text.endswith(NOTHING_SAVED)
    assert_plain(problem, code, description)


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize(("code", "description", "kind", "words"), BOOKING)
def test_a_refusal_of_the_waiting_list_has_words(
    code: str, description: str, kind: type[WaitlistError], words: str
) -> None:
    with pytest.raises(kind) as raised:
        raise_known(error_from({"error": code, "error_description": description}, 400))
    assert raised.type is kind
    problem = problem_of(raised.value)
    assert problem.text.startswith(words)
    assert problem.text.endswith(NOTHING_SAVED)
    assert_plain(problem, code, description)


def assert_plain(problem: Problem, code: str, description: str) -> None:
    """There is one next step, none of the portal's own words, and details for support."""
    said = f"{problem.text} {problem.step}"
    assert problem.step.endswith(".")
    assert len(code) < 2 or code not in said
    assert not description or description not in said
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", problem.time)
    assert 400 <= problem.status < 600


@pytest.mark.usefixtures("saving")
def test_a_plan_without_new_records_still_allows_changes() -> None:
    error = error_from({"error": "0", "error_description": "Feature is not available"}, 400)
    with pytest.raises(waitlist.NewRecordsNotInPlan) as raised:
        raise_known(error, adding=True)
    assert "still change the customers of existing records" in problem_of(raised.value).text


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize(
    ("error", "again"),
    [
        (portal.NoAnswer("INTERNAL_SERVER_ERROR"), True),
        (portal.Busy("QUERY_LIMIT_EXCEEDED"), True),
        (portal.Refused("SOMETHING_NEW"), True),
        (portal.SessionEnded("NO_AUTH_FOUND"), True),
        (waitlist.ToolDisabled(), True),
        (waitlist.CustomerTypeMissing(), True),
        (waitlist.SaveFailed(), True),
        (waitlist.PerhapsCreated(), True),
        (waitlist.InProgress(), True),
        (portal.MalformedCall("100"), False),
        (portal.Overloaded("OVERLOAD_LIMIT"), False),
        (portal.Unpaid("PAYMENT_REQUIRED"), False),
        (portal.NotPermitted("ACCESS_DENIED"), False),
        (portal.ScopeMissing("insufficient_scope"), False),
        (waitlist.RecordGone(), False),
        (waitlist.PlanMissing(), False),
    ],
)
def test_try_again_is_offered_only_if_it_may_help(error: Exception, again: bool) -> None:
    assert problem_of(error).retry is again


@pytest.mark.usefixtures("saving")
def test_faults_of_the_app_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    problem_of(portal.MalformedCall("100", SECRET, 400))
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "MalformedCall 100" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("error", "user_step", "administrator_step", "page"),
    [
        (waitlist.PlanMissing(), "Ask your administrator.", "Choose a plan", PLANS),
        (portal.PlanWithoutApps("WRONG_LICENSE"), "Ask your administrator.", "Choose a", PLANS),
        (waitlist.ToolDisabled(), "Ask your administrator to", "Switch it on: Settings", ""),
        (portal.Overloaded("OVERLOAD_LIMIT"), "Ask your administrator to", "Write to Bitri", ""),
        (portal.Unpaid("PAYMENT_REQUIRED"), "Ask your administrator.", "Renew it", ""),
        (portal.ScopeMissing("insufficient_scope"), "Ask your administrator", "Update the app", ""),
        (portal.BookingMissing("NO_METHOD"), "Ask your administrator", "Update it: Online", ""),
        (portal.AppNotInstalled("NOT_INSTALLED"), "Ask your administrator", "Install it again", ""),
    ],
)
def test_administrators_are_told_what_to_do_and_users_to_ask_them(
    flask: Flask, error: Exception, user_step: str, administrator_step: str, page: str
) -> None:
    problems = []
    for administrator in (False, True):
        with flask.test_request_context("/save", method="POST"):
            g.frame = SimpleNamespace(session=FrameSession("a", 1, "en", administrator))
            problems.append(problem_of(error))
    user, admin = problems
    assert user.step.startswith(user_step)
    assert admin.step.startswith(administrator_step)
    assert (user.page, admin.page) == ("", page)
    assert user.text == admin.text


def test_only_changing_routes_say_whether_changes_were_saved(flask: Flask) -> None:
    lost, refused = waitlist.OutcomeUnknown(), waitlist.ToolDisabled()
    with flask.test_request_context("/show", method="POST"):
        assert problem_of(lost).text == "Bitrix24 did not answer properly."
        assert problem_of(refused).text == "Online Booking is switched off in this Bitrix24."
    with flask.test_request_context("/change", method="POST"):
        assert problem_of(lost).text.endswith("We can't tell whether it was done.")
        assert problem_of(refused).text.endswith("Nothing was changed.")


@pytest.mark.usefixtures("saving")
def test_a_saved_note_is_not_reported_as_lost() -> None:
    for cause, fate in (
        (waitlist.CustomerTypeMissing(), "The note was saved, but the customers were not."),
        (waitlist.OutcomeUnknown(), "We can't tell whether the customers were saved."),
    ):
        error = waitlist.OnlyNoteSaved()
        error.__cause__ = cause
        problem = problem_of(error)
        assert problem.text.endswith(fate)
        assert "Nothing was saved" not in problem.text
        assert problem.step == problem_of(cause).step


@pytest.mark.usefixtures("saving")
def test_a_save_without_an_answer_differs_from_a_save_that_failed() -> None:
    assert problem_of(waitlist.OutcomeUnknown()).text.endswith(UNKNOWN)
    problem = problem_of(portal.NotSent("TIMEOUT"))
    assert problem.text == f"Bitrix24 did not answer properly. {NOTHING_SAVED}"


@pytest.mark.usefixtures("saving")
def test_customers_are_called_by_name() -> None:
    assert (
        "You don't have access to Contact #7 in CRM."
        in unknown_customers("Contact #7", gone=False).text
    )
    assert "Contact #7: no longer in CRM." in unknown_customers("Contact #7", gone=True).text
    assert save_failed("Ann, Ben").text.endswith("Now on the record: Ann, Ben.")
    error = waitlist.UnknownCustomers([CustomerRef(Kind.CONTACT, 7)])
    assert error.customers == (CustomerRef(Kind.CONTACT, 7),)


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize(
    ("seconds", "step"),
    [(0.2, "in 1 second."), (60, "in 60 seconds."), (61, "in 2 minutes."), (600, "in 10 minutes.")],
)
def test_a_busy_portal_says_when_to_come_back(seconds: float, step: str) -> None:
    busy = portal.TimeUsedUp("OPERATION_TIME_LIMIT", retry_after=seconds)
    problem = problem_of(busy)
    assert problem.step == f"Try again {step}"
    assert problem.retry_after >= seconds


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize("seconds", [1, 60, 61, 600, 3600])
def test_the_page_counts_down_what_is_left(seconds: int) -> None:
    problem = problem_of(portal.Busy("QUERY_LIMIT_EXCEEDED", retry_after=seconds))
    assert problem.retries_itself
    counter = str(get_template_attribute("problems/macros.html", "countdown")(problem))
    assert f'data-countdown="{seconds}"' in counter
    for unit in ("second", "minute"):
        assert f'<data value="1">Trying again in {{count}} {unit}.</data>' in counter
        assert f'<data value="2">Trying again in {{count}} {unit}s.</data>' in counter


@pytest.mark.usefixtures("saving")
@pytest.mark.parametrize(
    "error",
    [
        portal.Busy("QUERY_LIMIT_EXCEEDED"),
        portal.TimeUsedUp("OPERATION_TIME_LIMIT", retry_after=9999),
        portal.NoAnswer("server_error"),
    ],
)
def test_there_is_no_countdown_without_a_known_time(error: Exception) -> None:
    assert not problem_of(error).retries_itself


@pytest.mark.usefixtures("saving")
def test_an_ended_session_keeps_what_was_typed() -> None:
    problem = problem_of(SessionInvalid())
    assert problem.text == f"The session has ended. {NOTHING_SAVED}"
    assert problem.retry
