"""One search for a whole call: on the list and why, else in CRM, else a new customer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from sandbox import Sandbox
from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.colleague import link_client
from sandbox.portal.portal import Portal
from tests.browser.counting import count_effort
from tests.browser.desk import ON_A_PHONE, Desk, open_desk
from tests.browser.held import HeldRequests
from tests.browser.steps import colleague_sets, hold_start, look_again, record_row, records_of
from tests.cast import NO_CRM_RIGHTS

WAITING = {
    910: ("Carla Rossi", "+39 06 555 8142"),
    911: ("Zoe Quillfeather", "+49 30 555 8177"),
    912: ("Helix Lamp", "030 5558199"),
    913: ("Zora Quillhalm", "+7 912 345 67 89"),
}
NOT_WAITING = {920: ("Mara Quillon", "+1 555 8177 20"), 921: ("Nils Quillon", "+1 555 8166")}
TOGETHER, ALONE, NOTED = "together", "alone", "noted"


def add_contact(portal: Portal, number: int, name: str, *phones: str) -> None:
    first, last = name.split()
    item = CrmItem(number, {"name": first, "lastName": last, "categoryId": 0, "companyId": 0})
    item.fields["companyIds"] = []
    for at, phone in enumerate(phones):
        item.fm.append(Multifield(number * 10 + at, "PHONE", "WORK", phone))
    portal.state.contacts[number] = item
    portal.state.last_id["contact"] = max(portal.state.last_id["contact"], number)


@pytest.fixture
def places(desk_sandbox: Sandbox) -> dict[str, int]:
    """Put four people on two records, and a note on a third; return their numbers."""
    portal = desk_sandbox.portals[0]
    if min(WAITING) not in portal.state.contacts:
        prepare(portal)
    (alone,) = records_of(portal, "CONTACT", 913)
    (together,) = records_of(portal, "CONTACT", 911)
    noted = next(number for number, one in portal.records.items() if "Quillish" in (one.note or ""))
    return {TOGETHER: together, ALONE: alone, NOTED: noted}


def prepare(portal: Portal) -> None:
    for number, (name, phone) in (WAITING | NOT_WAITING).items():
        add_contact(portal, number, name, "+1 555 0100", phone)
    empty = [number for number in portal.records if not portal.clients(number)]
    together, alone, noted = sorted(empty)[:3]
    for contact in (910, 911, 912):
        link_client(portal, together, "CONTACT", contact)
    link_client(portal, alone, "CONTACT", 913)
    portal.records[together].note = "Family slot"
    portal.records[noted].note = f"{'Some words before. ' * 5}Speaks Quillish, comes by tram"


@pytest.fixture
def board(places: dict[str, int], installed_desk: Desk) -> Desk:
    """Open the list that `places` has prepared."""
    assert places
    # It follows the last row in the stream.
    expect(installed_desk.app.locator("#in-crm")).to_be_attached()
    installed_desk.settle()
    return installed_desk


def search(desk: Desk) -> Locator:
    return desk.app.get_by_role("searchbox", name="Search the waiting list")


def rows(desk: Desk) -> Locator:
    return desk.app.get_by_role("listbox", name="Records").get_by_role("option")


def in_crm(desk: Desk) -> Locator:
    return desk.app.get_by_role("listbox", name="In CRM").get_by_role("option")


def expect_new_record(desk: Desk, *names: str) -> None:
    expect(desk.app.locator("#editor[data-record='new']")).to_be_visible()
    customers = desk.app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(len(names))
    for customer, name in zip(customers.all(), names, strict=True):
        expect(customer).to_contain_text(name)


WHY = {
    "the number of the second customer": (
        "8177",
        TOGETHER,
        "Zoe Quillfeather · +49 30 555 8177",
        "8177",
    ),
    "a number as dialed at home": (
        "030 5558177",
        TOGETHER,
        "Zoe Quillfeather · +49 30 555 8177",
        "30 555 8177",
    ),
    "a number from abroad": ("0049 30 5558199", TOGETHER, "Helix Lamp · 030 5558199", "30 5558199"),
    "a number in Arabic digits": ("٨١٧٧", TOGETHER, "Zoe Quillfeather · +49 30 555 8177", "8177"),
    "the number of the main customer": ("8142", TOGETHER, "+39 06 555 8142", "8142"),
    "an 8 for +7": ("8 912 345-67-89", ALONE, "+7 912 345 67 89", "912 345 67 89"),
    "the name of the third customer": ("lamp", TOGETHER, "Helix Lamp", "Lamp"),
    "the name of the main customer": ("halm", ALONE, "Zora Quillhalm", "halm"),
    "first and last name": ("halm zora", ALONE, "Zora Quillhalm", "Zora"),
    "a word of the note": ("quillish", NOTED, "Speaks Quillish, comes by tram", "Quillish"),
}


@pytest.mark.looks
def test_a_record_says_why_it_was_found(board: Desk, places: dict[str, int]) -> None:
    for typed, place, said, marked in WHY.values():
        search(board).fill(typed)
        row = record_row(board, places[place])
        expect(row).to_contain_text(said)
        expect(row.locator("mark").first).to_have_text(marked)
    search(board).fill("")
    row = record_row(board, places[TOGETHER])
    expect(row.locator("mark")).to_have_count(0)
    expect(row).to_contain_text("Family slot")
    expect(row).not_to_contain_text("Zoe Quillfeather · ")


@pytest.mark.looks
def test_matches_of_the_main_customer_come_first_and_are_counted(
    board: Desk, places: dict[str, int]
) -> None:
    search(board).fill("quill")
    expect(rows(board)).to_have_count(3)
    for place, number in enumerate((places[ALONE], places[TOGETHER], places[NOTED])):
        expect(rows(board).nth(place)).to_have_attribute("value", str(number))
    heading = board.app.locator("#group-results")
    expect(heading).to_have_attribute("data-count", "3")
    expect(board.app.get_by_role("button", name="All")).to_contain_text("3")
    expect(board.app.get_by_role("button", name="With company")).to_contain_text("0")


def test_records_go_back_to_their_places(board: Desk) -> None:
    def order() -> list[str]:
        found = board.frame.evaluate(
            "[...document.querySelectorAll('#records [role=option]')].map((row) => row.id)"
        )
        return list(found)

    for longest in (False, True):
        if longest:
            board.app.get_by_role("button", name="Order").click()
            board.app.get_by_role("menuitemradio", name="Longest first").click()
        before = order()
        search(board).press_sequentially("qui")
        expect(board.app.locator("#group-results [role=option]:visible").first).to_be_visible()
        search(board).fill("an")
        search(board).fill("")
        expect(board.app.locator("#group-results [role=option]")).to_have_count(0)
        assert order() == before


def test_a_customer_in_crm_is_put_on_the_list(board: Desk) -> None:
    before = len(board.portal.records)
    search(board).fill("quillon")
    expect(in_crm(board)).to_have_count(3)
    expect(in_crm(board).first).to_contain_text("Put on the list")
    expect(rows(board)).to_have_count(0)
    in_crm(board).filter(has_text="Mara Quillon").click()
    expect_new_record(board, "Mara Quillon")
    assert len(board.portal.records) == before
    board.app.get_by_role("button", name="Save").click()
    expect(board.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert board.portal.clients(max(board.portal.records)) == [("CONTACT", 920)]
    # She waits now.
    expect(rows(board)).to_have_count(1)
    expect(in_crm(board)).to_have_count(2)
    expect(in_crm(board).filter(has_text="Mara")).to_have_count(0)


@pytest.mark.looks
def test_who_waits_is_not_offered_once_more(board: Desk) -> None:
    search(board).fill("8177")
    expect(in_crm(board)).to_have_count(2)
    expect(in_crm(board).first).to_contain_text("Mara Quillon")
    expect(in_crm(board).first.locator("mark")).to_have_text("8177")
    expect(in_crm(board).last).to_contain_text("New customer with phone …8177")
    expect(rows(board)).to_have_count(1)


def test_who_waits_is_found_by_what_only_crm_knows(board: Desk, places: dict[str, int]) -> None:
    board.portal.state.contacts[912].fields["secondName"] = "Xanthippe"
    search(board).fill("xanthippe")
    row = record_row(board, places[TOGETHER])
    expect(row).to_be_visible()
    expect(row).to_contain_text("Helix Lamp · Family slot")
    expect(in_crm(board)).to_have_count(1)


@pytest.mark.looks
def test_arrow_keys_go_through_everything_as_one_list(board: Desk) -> None:
    search(board).fill("quill")
    expect(in_crm(board).filter(has_text="Nils")).to_be_visible()
    everything = [*rows(board).all(), *in_crm(board).all()]
    assert len(everything) == 6
    board.shoot("one-search")
    for option in everything:
        board.page.keyboard.press("ArrowDown")
        expect(option).to_be_focused()
    board.page.keyboard.press("ArrowDown")
    expect(everything[-1]).to_be_focused()
    board.page.keyboard.press("Home")
    expect(everything[0]).to_be_focused()
    board.page.keyboard.press("End")
    board.page.keyboard.press("ArrowUp")
    board.page.keyboard.press("ArrowUp")
    expect(everything[3]).to_be_focused()
    board.page.keyboard.press("Enter")
    expect_new_record(board, everything[3].locator(".name").inner_text())


@pytest.mark.looks
@pytest.mark.parametrize("late", [False, True], ids=["after the answer", "before the answer"])
def test_enter_takes_the_first_hit_in_crm_when_no_record_matches(board: Desk, late: bool) -> None:
    held = HeldRequests(board, "**/records/search") if late else None
    search(board).press_sequentially("nils quillon")
    if held is not None:
        search(board).press("Enter")
        held.release()
    else:
        expect(in_crm(board)).to_have_count(2)
        search(board).press("Enter")
    expect_new_record(board, "Nils Quillon")


@pytest.mark.looks
def test_enter_alone_never_begins_a_new_customer(board: Desk) -> None:
    search(board).press_sequentially("Zzyzx")
    search(board).press("Enter")
    expect(in_crm(board)).to_have_count(1)
    expect(in_crm(board).first).to_be_focused()
    expect(board.app.get_by_text("No matching records.")).to_be_visible()
    expect(board.app.get_by_text("No customer found for “Zzyzx”.")).to_be_visible()
    expect(board.app.locator("#editor")).to_have_count(0)


@pytest.mark.looks
@pytest.mark.parametrize("answers", [(0, 1), (1, 0)], ids=["in order", "overtaken"])
def test_only_the_answer_to_the_last_query_is_shown(board: Desk, answers: tuple[int, int]) -> None:
    held = HeldRequests(board, "**/records/search")
    queries = []
    for at, typed in enumerate(("mara quillon", "nils quillon")):
        search(board).fill(typed)
        queries.append(held[at])
    for at in answers:
        queries[at].continue_()
    expect(in_crm(board).first).to_contain_text("Nils Quillon")
    board.page.wait_for_timeout(200)
    expect(in_crm(board)).to_have_count(2)
    expect(in_crm(board).first).to_contain_text("Nils Quillon")


def asked_about(board: Desk, typed: str) -> list[str]:
    """Return the requests about what was typed. What the page asks for late may come among them."""
    return [one.method for one in board.portal.requests if typed in str(one.params)]


AT_ONCE = """(field, text) => {
    for (const letter of text) {
        field.value += letter;
        field.dispatchEvent(new Event('input', { bubbles: true }));
    }
}"""
"""Keys of Playwright may take longer than the pause that the search waits for."""


@pytest.mark.looks
def test_letters_typed_at_once_cost_one_request(board: Desk) -> None:
    asked: list[str] = []
    board.page.on("request", lambda request: asked.append(request.url))
    board.portal.requests.clear()
    search(board).evaluate(AT_ONCE, "nils quillon")
    expect(in_crm(board)).to_have_count(2)
    assert len([url for url in asked if url.endswith("/records/search")]) == 1
    assert asked_about(board, "quillon") == ["batch"]


@pytest.mark.looks
def test_hits_of_an_older_query_go_at_once(board: Desk) -> None:
    search(board).fill("mara quillon")
    expect(in_crm(board)).to_have_count(2)
    HeldRequests(board, "**/records/search")
    search(board).press_sequentially("x")
    expect(in_crm(board)).to_have_count(0)


@pytest.mark.looks
def test_three_digits_ask_for_one_more(board: Desk) -> None:
    board.portal.requests.clear()
    search(board).fill("077")
    expect(board.app.get_by_text("Type one more digit.")).to_be_visible()
    expect(in_crm(board)).to_have_count(0)
    assert asked_about(board, "077") == []


@pytest.mark.looks
def test_a_portal_that_does_not_answer_is_asked_again(board: Desk) -> None:
    board.allow("502")
    board.portal.faults.add("server_error", "crm.*", count=9)
    search(board).fill("nils quillon")
    again = board.app.locator("#in-crm").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    board.portal.faults.clear()
    again.click()
    expect(in_crm(board).first).to_contain_text("Nils Quillon")


@pytest.mark.looks
def test_a_user_without_crm_is_told_so(board: Desk) -> None:
    board.log_in(NO_CRM_RIGHTS)
    board.page.goto(board.portal.url)
    rows(board).first.wait_for()
    search(board).fill("quillon")
    told = board.app.locator("#in-crm").get_by_text("Ask your CRM administrator.")
    expect(told).to_be_visible()
    expect(in_crm(board)).to_have_count(0)


@pytest.mark.looks
def test_what_was_typed_before_the_scripts_came_is_searched(board: Desk) -> None:
    scripts = [HeldRequests(board, f"**/board/search/{name}.js") for name in ("results", "in-crm")]
    board.page.reload()
    rows(board).first.wait_for()
    search(board).press_sequentially("nils quillon")
    expect(rows(board)).to_have_count(0)
    for script in scripts:
        script.release()
    expect(in_crm(board).first).to_contain_text("Nils Quillon")


def test_a_row_that_changes_while_it_is_found_stays_found(
    board: Desk, places: dict[str, int]
) -> None:
    search(board).fill("quillfeather")
    expect(rows(board)).to_have_count(1)
    colleague_sets(board.portal, places[TOGETHER], [911, 910])
    look_again(board)
    expect(rows(board).locator(".name mark")).to_have_text("Quillfeather")
    search(board).fill("")
    expect(board.app.locator(f"#group-results #record-{places[TOGETHER]}")).to_have_count(0)
    expect(record_row(board, places[TOGETHER])).to_be_visible()


def test_digits_open_add_save_take_one_click_and_eleven_keys(
    board: Desk, places: dict[str, int]
) -> None:
    board.page.get_by_role("link", name="Contacts").click()
    board.page.wait_for_url("**/crm/contact/list/")
    hold_start(board)
    effort = count_effort(board.page)
    board.page.reload()
    effort.start()
    board.page.get_by_role("link", name="Waiting list", exact=True).click()
    expect(search(board)).to_be_focused()
    for key in "8142":
        board.page.keyboard.press(key)
    board.page.keyboard.press("Enter")
    expect(board.app.get_by_role("combobox", name="Add a customer")).to_be_focused()
    for key in "8166":
        board.page.keyboard.press(key)
    expect(board.app.locator("#found [role=option]").first).to_contain_text("Nils Quillon")
    board.page.keyboard.press("Enter")
    customers = board.app.get_by_role("list", name="Customers").get_by_role("listitem")
    expect(customers).to_have_count(4)
    board.page.keyboard.press("Control+Enter")
    expect(board.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert effort.spent() == (1, 11)
    assert ("CONTACT", 921) in board.portal.clients(places[TOGETHER])


def test_the_name_of_a_new_customer_is_typed_once(board: Desk) -> None:
    before = len(board.portal.records)
    contacts = len(board.portal.state.contacts)
    name, phone = "Zzyzx Unheard", "+1 555 0123"
    search(board).press_sequentially(name)
    search(board).press("Enter")
    expect(in_crm(board).last).to_be_focused()
    board.page.keyboard.press("Enter")
    dialog = board.app.get_by_role("dialog", name="New customer")
    expect(dialog.get_by_label("First name")).to_have_value("Zzyzx")
    expect(dialog.get_by_label("Last name")).to_have_value("Unheard")
    expect(board.app.locator("#editor[data-record='new']")).to_be_visible()
    assert (len(board.portal.records), len(board.portal.state.contacts)) == (before, contacts)
    dialog.get_by_label("Phone").press_sequentially(phone)
    board.page.keyboard.press("Enter")
    expect_new_record(board, name)
    board.page.keyboard.press("Control+Enter")
    expect(board.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    made = max(board.portal.state.contacts)
    assert board.portal.state.contacts[made].title == name
    assert board.portal.clients(max(board.portal.records)) == [("CONTACT", made)]


@pytest.mark.looks
def test_digits_become_the_phone_of_a_new_customer(board: Desk) -> None:
    search(board).fill("98765432")
    in_crm(board).filter(has_text="New customer").click()
    dialog = board.app.get_by_role("dialog", name="New customer")
    expect(dialog.get_by_label("Phone")).to_have_value("98765432")


@pytest.fixture
def phone(browser: Browser, board: Desk) -> Iterator[Desk]:
    with open_desk(browser, board.sandbox, **ON_A_PHONE) as desk:
        desk.open()
        desk.settle()
        yield desk


def test_the_search_in_crm_works_by_touch(phone: Desk) -> None:
    search(phone).tap()
    search(phone).press_sequentially("quillon")
    expect(in_crm(phone)).to_have_count(3)
    assert all(phone.box(option)["height"] >= 44 for option in in_crm(phone).all())
    in_crm(phone).filter(has_text="Mara Quillon").tap()
    expect_new_record(phone, "Mara Quillon")
    expect(search(phone)).to_be_hidden()
    expect(phone.app.get_by_role("region", name="Record")).to_contain_text(re.compile("Save"))
