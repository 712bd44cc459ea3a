"""axe finds nothing on any screen, in light and dark mode and from right to left.

To add a screen, yield its name where a trip has it in sight. A trip loads the page once, where it
can, and begins with a fresh one. Trips are named in TRIPS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Frame, Locator

from sandbox.portal import events
from sandbox.portal.portal import Portal
from tests.browser.axe import OF_COLORS, OF_PLACES, violations
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.steps import (
    call_portal,
    colleague_sets,
    count_contacts,
    end_countdown,
    hold_time,
    look_again,
    record_with_three_contacts,
    wait_for_module,
)
from tests.cast import ADMINISTRATOR, REGULAR_USER
from tests.web.booking.steps import coming_booking
from tests.web.error_cases import mend


@dataclass
class Visit:
    """A user at the portal's page."""

    desk: Desk

    @property
    def portal(self) -> Portal:
        return self.desk.portal

    def find(self, selector: str) -> Locator:
        return self.desk.app.locator(selector)

    def go(self, path: str = "/", **query: str) -> None:
        self.desk.page.goto(f"{self.portal.url}{path}?{urlencode(query)}")

    def act_as(self, user: int) -> None:
        select = self.desk.page.get_by_label("Logged in as")
        if select.input_value() != str(user):
            self.desk.log_in(user)
            self.go()

    def open_list(self, user: int = ADMINISTRATOR) -> None:
        self.go()
        self.act_as(user)
        self.find("#records [role=option]").first.wait_for()

    def open_record(self, number: int) -> None:
        self.find(f"#records [value='{number}']").click()
        self.find(f"#editor[data-record='{number}']").wait_for()

    @property
    def frame(self) -> Frame:
        return next(frame for frame in self.desk.page.frames if "|" in frame.name)


Trip = Callable[[Visit], Iterator[str]]
"""Yields the name of each screen that is in sight."""


def the_list(visit: Visit) -> Iterator[str]:
    visit.open_list()
    yield "the list"
    search = visit.find("#search")
    search.fill("nobody has this name")
    visit.find("#no-match").wait_for()
    yield "no match in the list"
    search.fill("le")
    visit.find("#in-crm [role=option]").first.wait_for()
    visit.find("#records mark").first.wait_for()
    yield "a search in CRM"
    search.fill("077")
    visit.find("#in-crm .hint").wait_for()
    yield "a search that needs more digits"
    search.fill("")
    visit.find("#booked:not(.is-waiting)").click()
    visit.find("#records .next:visible").first.wait_for()
    yield "a list that tells of bookings"
    keys = visit.find("dialog#shortcuts")
    # The script of the keys is loaded when the page is there.
    while not keys.is_visible():
        visit.find("#records [role=option]").first.press("?")
    yield "the keys"
    keys.press("Escape")
    visit.find("#new-record button").click()
    visit.find("#editor[data-record=new]").wait_for()
    yield "a new record"


def open_with_a_change(visit: Visit) -> None:
    """Open a record with several customers, and remove one of them."""
    visit.open_list()
    several = (n for n in visit.portal.records if count_contacts(visit.portal.clients(n)) >= 2)
    visit.open_record(next(several))
    visit.find(".customer .remove").last.click()


def a_booking(visit: Visit) -> Iterator[str]:
    open_with_a_change(visit)
    visit.find("#make-booking button").click()
    # The first ones may pass before they are booked.
    visit.find("button.slot:visible").last.click()
    visit.find(".outside [data-messages]:not([hidden])").wait_for()
    yield "free times"
    visit.find("#book button").click()
    visit.find(".booked-when:not(:empty)").wait_for()
    yield "a booking"


def a_time_that_came_free(visit: Visit) -> Iterator[str]:
    with visit.desk.page.expect_response("**/bookings/freed"):
        visit.open_list()
    booking = coming_booking(visit.portal)
    call_portal(visit.portal, "booking.v1.booking.delete", {"id": booking.id})
    visit.open_list()
    visit.find(".freed form").first.wait_for()
    yield "a time that came free"
    visit.find(".freed [type=submit]").first.click()
    visit.find(".fits").wait_for()
    yield "records that fit"


def a_save(visit: Visit) -> Iterator[str]:
    open_with_a_change(visit)
    yield "an editor"
    visit.find("#records [role=option]").last.click()
    visit.find("dialog#leave").wait_for()
    yield "a question before leaving"
    visit.find("dialog#leave [value=stay]").click()
    faults = visit.portal.faults
    faults.add("feature_off")
    visit.find("#save").click()
    visit.find("#problem summary").click()
    yield "a problem"
    faults.clear()
    faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.get")
    visit.find("#save").click()
    visit.find(".countdown").wait_for()
    yield "a countdown"
    faults.clear()
    visit.find("#save").click()
    visit.find("#status button").wait_for()
    yield "something saved"
    visit.find(".editor-head form[action$=history] button").click()
    visit.find("dialog#history").wait_for()
    yield "the history"


def open_an_empty_record(visit: Visit) -> None:
    visit.open_list()
    visit.open_record(next(n for n in visit.portal.records if not visit.portal.clients(n)))


def adding_a_customer(visit: Visit) -> Iterator[str]:
    open_an_empty_record(visit)
    yield "an empty record"
    field = visit.find("#add-customer")
    field.press_sequentially("Oliver")
    visit.find("#hits [role=option]").first.wait_for()
    field.press("ArrowDown")
    yield "hits"
    field.fill("")
    field.press_sequentially("Qqqqq")
    visit.find("#hit-new").wait_for()
    yield "no hit"
    visit.find("#hit-new").click()
    visit.find("dialog#draft").wait_for()
    yield "a new customer"


def the_menu_of_a_record(visit: Visit) -> Iterator[str]:
    open_an_empty_record(visit)
    visit.find(".menu summary").click()
    visit.find("#removal button").wait_for()
    yield "a record and its menu"
    # A browser that refuses to copy the address shows it.
    visit.frame.evaluate("document.execCommand = () => false")
    visit.find(".menu-items form[action$=link] button").click()
    visit.find("dialog#link").wait_for()
    yield "the address of a record"
    visit.find("dialog#link form button").click()
    visit.find(".menu summary").click()
    visit.find("#removal button").click()
    visit.find(".toast").wait_for()
    yield "a record that is about to go"


def a_call(visit: Visit) -> Iterator[str]:
    open_an_empty_record(visit)
    visit.find("#call summary").click()
    visit.find("#call [name=to_do]").wait_for()
    yield "the results of a call"
    now = datetime.now(visit.portal.zone)
    visit.find("#call [name=at]").fill(f"{now:%H:%M}")
    visit.find("#call .call-back button").click()
    visit.find(".call-state .is-due").wait_for()
    yield "a call-back that is due"


def a_customer_who_may_not_be_seen(visit: Visit) -> Iterator[str]:
    visit.open_list(REGULAR_USER)
    hidden = visit.portal.user(REGULAR_USER).hidden_contacts
    visit.open_record(
        next(
            number
            for number in visit.portal.records
            if {id for kind, id in visit.portal.clients(number) if kind == "CONTACT"} & set(hidden)
        )
    )
    visit.find("[data-unseen]").first.wait_for()
    yield "a customer who may not be seen"
    visit.find("[data-unseen] .remove").first.click()
    visit.find("dialog#remove-unseen").wait_for()
    yield "a question before removing"


def a_conflict(visit: Visit) -> Iterator[str]:
    visit.open_list()
    number, (first, second, third) = record_with_three_contacts(visit.portal)
    visit.open_record(number)
    colleague_sets(visit.portal, number, [third, first, second])
    visit.find(".customer .make-main:visible").first.click()
    visit.find("#save").click()
    visit.find("dialog#conflict").wait_for()
    yield "a conflict"


def a_record_of_three(visit: Visit) -> tuple[int, list[int]]:
    """Create a record with three customers. These trips remove customers from others."""
    number, people = next(iter(visit.portal.records)), list(visit.portal.state.contacts)[:3]
    colleague_sets(visit.portal, number, people)
    return number, people


def what_a_colleague_does(visit: Visit) -> Iterator[str]:
    visit.open_list()
    number, _people = a_record_of_three(visit)
    visit.open_record(number)
    visit.find("#note").fill("Typed meanwhile")
    colleague_sets(visit.portal, number, list(visit.portal.state.contacts)[1:3])
    look_again(visit.desk)
    visit.find("#notice button").wait_for()
    yield "a colleague's change"
    visit.portal.records[number].deleted = True
    events.fire(visit.portal, "ONBOOKINGWAITLISTITEMDELETE", {"ID": number}, ADMINISTRATOR)
    look_again(visit.desk)
    visit.find("#notice [form=editor]").wait_for()
    # Another row becomes reachable a little later than the removed one goes.
    visit.find("#records [tabindex='0']").wait_for()
    yield "a record that a colleague removed"


def several_records(visit: Visit) -> Iterator[str]:
    visit.open_list()
    wait_for_module(visit.desk, "bulk/gestures.js")
    visit.find("#more").click()
    visit.find("[data-select-several]").click()
    visit.find("#records [role=option]").nth(1).click()
    visit.find("#records [aria-selected=true]").wait_for()
    yield "several selected"
    visit.find("#remove-selected").click()
    visit.find("#outcomes-foot .toast").wait_for()
    yield "what will happen"


def a_question_before_a_record_goes(visit: Visit) -> Iterator[str]:
    number, people = a_record_of_three(visit)
    visit.open_list()
    visit.open_record(number)
    hold_time(visit.desk)
    visit.find(".menu summary").click()
    visit.find("#removal button").click()
    colleague_sets(visit.portal, number, people[:2])
    end_countdown(visit.desk)
    visit.find("dialog#removal-question").wait_for()
    yield "a question before a record goes"
    visit.find("dialog#removal-question .is-primary").click()
    visit.find(".after-removal").wait_for()
    yield "a record that was removed"


def customer_removed_outside(visit: Visit) -> Iterator[str]:
    number, people = a_record_of_three(visit)
    visit.open_list()
    visit.open_record(number)
    visit.find(".customer .remove").last.click()
    visit.find("#save").click()
    visit.find("#status button").wait_for()
    colleague_sets(visit.portal, number, people[:1])
    visit.open_list()
    visit.open_record(number)
    visit.find(".repair").wait_for()
    yield "a customer removed outside"
    visit.find(".editor-head form[action$=history] button").click()
    visit.find("dialog#history .is-outside").first.wait_for()
    yield "a history with changes outside"


def a_list_that_cannot_be_read(visit: Visit) -> Iterator[str]:
    visit.open_list()
    visit.portal.faults.add("server_error", "booking.v1.waitlist.list")
    # A launch that cannot read the list shows no page of the app at all.
    visit.frame.evaluate("document.getElementById('board').submit()")
    visit.find(".failed[role=alert]").wait_for()
    yield "a list that cannot be read"


def an_empty_list(visit: Visit) -> Iterator[str]:
    for record in visit.portal.state.records.values():
        record.deleted = True
    visit.go()
    visit.find(".list > .when-empty").wait_for()
    yield "an empty list"


def the_tab_of_a_contact(visit: Visit) -> Iterator[str]:
    portal = visit.portal
    contact = next(
        id for n in portal.records for kind, id in portal.clients(n) if kind == "CONTACT"
    )
    visit.go(f"/crm/contact/details/{contact}/")
    visit.desk.page.get_by_role("tab").last.click()
    visit.find("#waiting li").first.wait_for()
    yield "the tab of a contact"
    visit.find("button[formaction$='/card/records']").click()
    visit.find("#panel [role=option]").first.wait_for()
    yield "a record for the contact"


def the_tab_of_a_deal(visit: Visit) -> Iterator[str]:
    deals = visit.portal.state.deals.values()
    number = next(deal.id for deal in deals if deal.fields.get("contactIds"))
    visit.go(f"/crm/deal/details/{number}/")
    visit.desk.page.get_by_role("tab").last.click()
    visit.find("#put").wait_for()
    yield "the tab of a deal"


def the_installer(visit: Visit) -> Iterator[str]:
    visit.portal.faults.add("error", "placement.get", code="ERROR_CORE")
    visit.portal.installed = False
    visit.go()
    visit.find(".steps .is-failed").wait_for()
    yield "the installer"


def an_app_that_cannot_be_opened(visit: Visit) -> Iterator[str]:
    visit.portal.faults.add("server_error", "profile")
    visit.go()
    visit.find(".message [role=alert]").wait_for()
    yield "an app that cannot be opened"


def an_old_page(visit: Visit) -> Iterator[str]:
    visit.go(mute="refreshAuth")
    visit.find("#records").wait_for()
    visit.desk.sandbox.expire_access_tokens()
    visit.frame.evaluate("location.reload()")
    visit.find("#renewing").wait_for()
    yield "an old page"


def pages_by_themselves(visit: Visit) -> Iterator[str]:
    address = visit.desk.sandbox.hub.registration.url
    visit.desk.page.goto(f"{address}/")
    yield "the address by itself"
    for name in ("license", "privacy"):
        visit.desk.page.goto(f"{address}/legal/{name}")
        yield name


TRIPS: list[Trip] = [
    the_list,
    a_booking,
    a_time_that_came_free,
    a_save,
    adding_a_customer,
    the_menu_of_a_record,
    a_call,
    a_customer_who_may_not_be_seen,
    a_conflict,
    what_a_colleague_does,
    several_records,
    a_question_before_a_record_goes,
    customer_removed_outside,
    a_list_that_cannot_be_read,
    an_empty_list,
    the_tab_of_a_contact,
    the_tab_of_a_deal,
    the_installer,
    an_app_that_cannot_be_opened,
    an_old_page,
    pages_by_themselves,
]


@pytest.fixture(scope="module")
def shared_desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("accessible")
    with (
        sandbox_with_app(folder, records=24, installed=True) as sandbox,
        open_desk(browser, sandbox) as desk,
    ):
        desk.allow("Failed to load resource")
        desk.open()
        yield desk


@pytest.fixture
def visit(shared_desk: Desk) -> Iterator[Visit]:
    yield Visit(shared_desk)
    shared_desk.page.emulate_media(color_scheme="light")
    shared_desk.portal.installed = True
    for number in shared_desk.portal.state.records:
        mend(shared_desk.portal, number)


TURN = "(direction) => { document.documentElement.dir = direction; }"
"""Shows a page as in a language that is written in this direction."""


@pytest.mark.parametrize("trip", TRIPS, ids=lambda trip: trip.__name__)
def test_axe_finds_no_violation(visit: Visit, trip: Trip) -> None:
    page = visit.desk.page
    found: list[str] = []
    for screen in trip(visit):
        shown = page.main_frame if trip is pages_by_themselves else visit.frame
        found += [f"{screen}, light: {line}" for line in violations(shown)]
        visit.desk.look("dark", shown)
        found += [f"{screen}, dark: {line}" for line in violations(shown, OF_COLORS)]
        visit.desk.shoot(f"axe-{screen.replace(' ', '-')}")
        visit.desk.look("light", shown)
        shown.evaluate(TURN, "rtl")
        found += [f"{screen}, right to left: {line}" for line in violations(shown, OF_PLACES)]
        shown.evaluate(TURN, "ltr")
    assert found == []
