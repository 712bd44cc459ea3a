"""axe finds nothing on any screen, in light and dark mode and from right to left.

To add a screen, write a function that opens it, and name it in SCREENS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Frame, Locator

from sandbox.portal import events
from sandbox.portal.portal import Portal
from tests.browser.axe import OF_COLORS, violations
from tests.browser.desk import Desk, open_desk, sandbox_with_app
from tests.browser.pages.error_cases import mend
from tests.browser.steps import (
    call_portal,
    colleague_sets,
    count_contacts,
    look_again,
    record_with_three_contacts,
    wait_for_module,
)
from tests.cast import ADMINISTRATOR, REGULAR_USER
from tests.web.booking.steps import coming_booking


@dataclass
class Visit:
    """A user at the portal's page, with the portal in this language."""

    desk: Desk
    lang: str

    @property
    def portal(self) -> Portal:
        return self.desk.portal

    def find(self, selector: str) -> Locator:
        """Find elements without their names, which differ by language."""
        return self.desk.app.locator(selector)

    def go(self, path: str = "/", **query: str) -> None:
        words = "&".join(f"{key}={value}" for key, value in {"lang": self.lang, **query}.items())
        self.desk.page.goto(f"{self.portal.url}{path}?{words}")

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


def the_list(visit: Visit) -> None:
    visit.open_list()


def no_match_in_the_list(visit: Visit) -> None:
    visit.open_list()
    visit.find("#search").fill("nobody has this name")
    visit.find("#no-match").wait_for()


def free_times(visit: Visit) -> None:
    an_editor(visit)
    visit.find("#make-booking button").click()
    visit.find("button.slot").nth(1).click()
    visit.find(".outside [data-messages]:not([hidden])").wait_for()


def a_booking(visit: Visit) -> None:
    free_times(visit)
    visit.find("#book button").click()
    visit.find(".booked-when:not(:empty)").wait_for()


def a_list_that_tells_of_bookings(visit: Visit) -> None:
    visit.open_list()
    visit.find("#booked:not(.is-waiting)").click()
    visit.find("#records .next:visible").first.wait_for()


def a_time_that_came_free(visit: Visit) -> None:
    with visit.desk.page.expect_response("**/bookings/freed"):
        visit.open_list()
    booking = coming_booking(visit.portal)
    call_portal(visit.portal, "booking.v1.booking.delete", {"id": booking.id})
    visit.open_list()
    visit.find(".freed form").first.wait_for()


def records_that_fit(visit: Visit) -> None:
    a_time_that_came_free(visit)
    visit.find(".freed [type=submit]").first.click()
    visit.find(".fits").wait_for()


def a_search_in_crm(visit: Visit) -> None:
    visit.open_list()
    visit.find("#search").fill("le")
    visit.find("#in-crm [role=option]").first.wait_for()
    visit.find("#records mark").first.wait_for()


def a_search_that_needs_more_digits(visit: Visit) -> None:
    visit.open_list()
    visit.find("#search").fill("077")
    visit.find("#in-crm .hint").wait_for()


def an_editor(visit: Visit) -> None:
    visit.open_list()
    several = (n for n in visit.portal.records if count_contacts(visit.portal.clients(n)) >= 2)
    visit.open_record(next(several))
    visit.find(".customer .remove").last.click()


def an_empty_record(visit: Visit) -> None:
    visit.open_list()
    visit.open_record(next(n for n in visit.portal.records if not visit.portal.clients(n)))


def the_results_of_a_call(visit: Visit) -> None:
    an_empty_record(visit)
    visit.find("#call summary").click()
    visit.find("#call [name=to_do]").wait_for()


def a_call_back_that_is_due(visit: Visit) -> None:
    the_results_of_a_call(visit)
    now = datetime.now(visit.portal.zone)
    visit.find("#call [name=at]").fill(f"{now:%H:%M}")
    visit.find("#call .call-back button").click()
    visit.find(".call-state .is-due").wait_for()


def a_new_record(visit: Visit) -> None:
    visit.open_list()
    visit.find("#new-record button").click()
    visit.find("#editor[data-record=new]").wait_for()


def hits(visit: Visit) -> None:
    an_empty_record(visit)
    visit.find("#add-customer").press_sequentially("Oliver")
    visit.find("#hits [role=option]").first.wait_for()
    visit.find("#add-customer").press("ArrowDown")


def no_hit(visit: Visit) -> None:
    an_empty_record(visit)
    visit.find("#add-customer").press_sequentially("Qqqqq")
    visit.find("#hits").wait_for()


def a_new_customer(visit: Visit) -> None:
    no_hit(visit)
    visit.find("#hit-new").click()
    visit.find("dialog#draft").wait_for()


def the_address_of_a_record(visit: Visit) -> None:
    an_empty_record(visit)
    visit.frame.evaluate("document.execCommand = () => false")
    visit.find(".menu summary").click()
    visit.find(".menu-items form[action$=link] button").click()
    visit.find("dialog#link").wait_for()


def a_customer_who_may_not_be_seen(visit: Visit) -> None:
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


def a_question_before_removing(visit: Visit) -> None:
    a_customer_who_may_not_be_seen(visit)
    visit.find("[data-unseen] .remove").first.click()
    visit.find("dialog#remove-unseen").wait_for()


def a_question_before_leaving(visit: Visit) -> None:
    an_editor(visit)
    visit.find("#records [role=option]").last.click()
    visit.find("dialog#leave").wait_for()


def something_saved(visit: Visit) -> None:
    an_editor(visit)
    visit.find("#save").click()
    visit.find("#status button").wait_for()


def a_conflict(visit: Visit) -> None:
    visit.open_list()
    number, (first, second, third) = record_with_three_contacts(visit.portal)
    visit.open_record(number)
    colleague_sets(visit.portal, number, [third, first, second])
    visit.find(".customer .make-main:visible").first.click()
    visit.find("#save").click()
    visit.find("dialog#conflict").wait_for()


def the_history(visit: Visit) -> None:
    something_saved(visit)
    visit.find(".editor-head form[action$=history] button").click()
    visit.find("dialog#history").wait_for()


def the_keys(visit: Visit) -> None:
    visit.open_list()
    keys = visit.find("dialog#keys")
    # The script of the keys is loaded when the page is there.
    while not keys.is_visible():
        visit.find("#records [role=option]").first.press("?")


def a_colleagues_change(visit: Visit) -> None:
    visit.open_list()
    number, _people = a_record_of_three(visit)
    visit.open_record(number)
    visit.find("#note").fill("Typed meanwhile")
    colleague_sets(visit.portal, number, list(visit.portal.state.contacts)[1:3])
    look_again(visit.desk)
    visit.find("#notice button").wait_for()


def a_record_that_a_colleague_removed(visit: Visit) -> None:
    visit.open_list()
    number, _people = a_record_of_three(visit)
    visit.open_record(number)
    visit.portal.records[number].deleted = True
    events.fire(visit.portal, "ONBOOKINGWAITLISTITEMDELETE", {"ID": number}, ADMINISTRATOR)
    look_again(visit.desk)
    visit.find("#notice [form=editor]").wait_for()


def a_countdown(visit: Visit) -> None:
    an_editor(visit)
    visit.portal.faults.add("OPERATION_TIME_LIMIT", "booking.v1.waitlist.get")
    visit.find("#save").click()
    visit.find(".countdown").wait_for()


def a_record_and_its_menu(visit: Visit) -> None:
    an_empty_record(visit)
    visit.find(".menu summary").click()
    visit.find("#removal button").wait_for()


def a_record_that_is_about_to_go(visit: Visit) -> None:
    a_record_and_its_menu(visit)
    visit.find("#removal button").click()
    visit.find(".leaving").wait_for()


def a_record_of_three(visit: Visit) -> tuple[int, list[int]]:
    """Create a record with three customers. These screens remove customers from others."""
    number, people = next(iter(visit.portal.records)), list(visit.portal.state.contacts)[:3]
    colleague_sets(visit.portal, number, people)
    return number, people


def several_selected(visit: Visit) -> None:
    visit.open_list()
    wait_for_module(visit.desk, "bulk/doors.js")
    visit.find("#more").click()
    visit.find("[data-several]").click()
    visit.find("#records [role=option]").nth(1).click()
    visit.find("#records [aria-selected=true]").wait_for()


def what_will_happen(visit: Visit) -> None:
    several_selected(visit)
    visit.find("#remove-selected").click()
    visit.find("#fates-foot .leaving").wait_for()


def a_question_before_a_record_goes(visit: Visit) -> None:
    number, people = a_record_of_three(visit)
    visit.open_list()
    visit.open_record(number)
    visit.find(".menu summary").click()
    visit.find("#removal button").click()
    colleague_sets(visit.portal, number, people[:2])
    visit.find("dialog#removal-question").wait_for()


def a_record_that_was_removed(visit: Visit) -> None:
    a_question_before_a_record_goes(visit)
    visit.find("dialog#removal-question .is-primary").click()
    visit.find(".after-removal").wait_for()


def customer_removed_outside(visit: Visit) -> None:
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


def a_history_with_changes_outside(visit: Visit) -> None:
    customer_removed_outside(visit)
    visit.find(".editor-head form[action$=history] button").click()
    visit.find("dialog#history .is-outside").first.wait_for()


def a_problem(visit: Visit) -> None:
    an_editor(visit)
    visit.portal.faults.add("feature_off")
    visit.find("#save").click()
    visit.find("#problem summary").click()


def a_list_that_cannot_be_read(visit: Visit) -> None:
    visit.open_list()
    visit.portal.faults.add("server_error", "booking.v1.waitlist.list")
    # A launch that cannot read the list shows no page of the app at all.
    visit.frame.evaluate("document.getElementById('board').submit()")
    visit.find(".failed[role=alert]").wait_for()


def an_empty_list(visit: Visit) -> None:
    for record in visit.portal.state.records.values():
        record.deleted = True
    visit.go()
    visit.find(".list > .when-empty").wait_for()


def the_tab_of_a_contact(visit: Visit) -> None:
    portal = visit.portal
    contact = next(
        id for n in portal.records for kind, id in portal.clients(n) if kind == "CONTACT"
    )
    visit.go(f"/crm/contact/details/{contact}/")
    visit.desk.page.get_by_role("tab").last.click()
    visit.find("#waiting li").first.wait_for()


def a_record_for_the_contact(visit: Visit) -> None:
    the_tab_of_a_contact(visit)
    visit.find("button[formaction$='/card/records']").click()
    visit.find("#panel [role=option]").first.wait_for()


def the_tab_of_a_deal(visit: Visit) -> None:
    deals = visit.portal.state.deals.values()
    number = next(deal.id for deal in deals if deal.fields.get("contactIds"))
    visit.go(f"/crm/deal/details/{number}/")
    visit.desk.page.get_by_role("tab").last.click()
    visit.find("#put").wait_for()


def the_installer(visit: Visit) -> None:
    visit.portal.faults.add("error", "placement.get", code="ERROR_CORE")
    visit.portal.installed = False
    visit.go()
    visit.find(".steps .is-failed").wait_for()


def an_app_that_cannot_be_opened(visit: Visit) -> None:
    visit.portal.faults.add("server_error", "profile")
    visit.go()
    visit.find(".message [role=alert]").wait_for()


def an_old_page(visit: Visit) -> None:
    visit.go(mute="refreshAuth")
    visit.find("#records").wait_for()
    visit.desk.sandbox.expire_access_tokens()
    visit.frame.evaluate("location.reload()")
    visit.find("#renewing").wait_for()


def the_address_by_itself(visit: Visit) -> None:
    visit.desk.page.goto(f"{visit.desk.sandbox.hub.registration.url}/")


def the_license(visit: Visit) -> None:
    address = f"{visit.desk.sandbox.hub.registration.url}/legal/license"
    visit.desk.page.goto(f"{address}?lang={visit.lang}")


def the_privacy_policy(visit: Visit) -> None:
    address = f"{visit.desk.sandbox.hub.registration.url}/legal/privacy"
    visit.desk.page.goto(f"{address}?lang={visit.lang}")


IN_THE_FRAME: list[Callable[[Visit], None]] = [
    free_times,
    a_booking,
    a_time_that_came_free,
    records_that_fit,
    the_list,
    a_list_that_tells_of_bookings,
    no_match_in_the_list,
    a_search_in_crm,
    a_search_that_needs_more_digits,
    an_editor,
    an_empty_record,
    the_results_of_a_call,
    a_call_back_that_is_due,
    a_new_record,
    hits,
    no_hit,
    a_new_customer,
    the_address_of_a_record,
    a_customer_who_may_not_be_seen,
    a_question_before_removing,
    a_question_before_leaving,
    something_saved,
    a_conflict,
    the_history,
    the_keys,
    a_colleagues_change,
    a_record_that_a_colleague_removed,
    a_countdown,
    a_record_and_its_menu,
    a_record_that_is_about_to_go,
    several_selected,
    what_will_happen,
    a_question_before_a_record_goes,
    a_record_that_was_removed,
    customer_removed_outside,
    a_history_with_changes_outside,
    a_problem,
    a_list_that_cannot_be_read,
    an_empty_list,
    the_tab_of_a_contact,
    a_record_for_the_contact,
    the_tab_of_a_deal,
    the_installer,
    an_app_that_cannot_be_opened,
    an_old_page,
]
BY_THEMSELVES: list[Callable[[Visit], None]] = [
    the_address_by_itself,
    the_license,
    the_privacy_policy,
]
SCREENS = IN_THE_FRAME + BY_THEMSELVES


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


@pytest.fixture(params=["en", "ar"])
def visit(shared_desk: Desk, request: pytest.FixtureRequest) -> Iterator[Visit]:
    yield Visit(shared_desk, request.param)
    shared_desk.page.emulate_media(color_scheme="light")
    shared_desk.portal.installed = True
    for number in shared_desk.portal.state.records:
        mend(shared_desk.portal, number)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_axe_finds_no_violation(visit: Visit, screen: Callable[[Visit], None]) -> None:
    screen(visit)
    page = visit.frame if screen in IN_THE_FRAME else visit.desk.page.main_frame
    found = [f"light: {line}" for line in violations(page)]
    visit.desk.page.emulate_media(color_scheme="dark")
    found += [f"dark: {line}" for line in violations(page, OF_COLORS)]
    visit.desk.shoot(f"axe-{screen.__name__}-{visit.lang}")
    assert found == []
