"""Choosing the customers of a record, with keys counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, expect

from sandbox import Sandbox
from sandbox.core.model import CrmItem, Multifield
from sandbox.portal.portal import Portal
from tests.browser.axe import OF_COLORS, violations
from tests.browser.counting import Effort, count_effort
from tests.browser.desk import Desk, open_desk
from tests.browser.held import HeldRequests
from tests.browser.steps import delayed, lose_answer, open_record, wait_until
from tests.cast import REGULAR_USER

COMPANY = 7


@pytest.fixture
def desk(browser: Browser, desk_sandbox: Sandbox) -> Iterator[Desk]:
    """Open the desk with four named contacts in CRM, three of them at one company."""
    portal = desk_sandbox.portals[0]
    people = {900: "Nora Quill", 901: "Omar Quill", 902: "Pia Quillan", 903: "Ada Vale"}
    for contact in portal.state.contacts.values():
        contact.fields |= {"companyId": 0, "companyIds": []}
    for number, name in people.items():
        first, last = name.split()
        works = [COMPANY] if number < 903 else []
        fields = {"name": first, "lastName": last, "categoryId": 0}
        item = CrmItem(number, {**fields, "companyId": sum(works), "companyIds": works})
        item.fm.append(Multifield(number, "PHONE", "WORK", f"+49 30 23125 {number}"))
        portal.state.contacts[number] = item
    portal.state.last_id["contact"] = 903
    with open_desk(browser, desk_sandbox) as running:
        yield running


@pytest.fixture
def picker(unopened_desk: Desk) -> Locator:
    """Return the search field of an empty record that a regular user has opened."""
    unopened_desk.log_in(REGULAR_USER)
    unopened_desk.open()
    open_empty(unopened_desk)
    field = unopened_desk.app.get_by_role("combobox", name="Add a customer")
    expect(field).to_be_focused()
    return field


def open_empty(desk: Desk) -> int:
    number = next(n for n in desk.portal.records if not desk.portal.clients(n))
    open_record(desk, number)
    return number


def hits(app: FrameLocator) -> Locator:
    return app.get_by_role("listbox", name="Found customers").get_by_role("option")


def customers(app: FrameLocator) -> Locator:
    return app.get_by_role("list", name="Customers").get_by_role("listitem")


def check(desk: Desk, name: str) -> None:
    """Take screenshots and check that axe finds nothing."""
    desk.shoot_everywhere(name)
    assert violations(desk.page.frames[-1]) == []
    desk.look("dark")
    assert violations(desk.page.frames[-1], OF_COLORS) == []
    desk.look("light")


def test_four_letters_and_enter_add_a_customer(unopened_desk: Desk) -> None:
    desk = unopened_desk
    effort: Effort = count_effort(desk.page)
    desk.open()
    app = desk.app
    number = open_empty(desk)
    effort.start()
    picker = app.get_by_role("combobox", name="Add a customer")
    picker.press_sequentially("quil", delay=30)
    expect(hits(app).first).to_contain_text("Nora Quill")
    picker.press("Enter")
    expect(customers(app)).to_have_count(1)
    picker.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert effort.spent() == (0, 6)
    assert desk.portal.clients(number) == [("CONTACT", 900)]


def test_escape_closes_the_list_and_enter_then_adds_no_customer(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    picker.press_sequentially("quil")
    expect(hits(app)).to_have_count(4)
    picker.press("Escape")
    expect(hits(app)).to_have_count(0)
    expect(picker).to_have_attribute("aria-expanded", "false")
    picker.press("Enter")
    picker.press("ArrowDown")
    expect(hits(app)).to_have_count(4)
    expect(customers(app)).to_have_count(0)


@pytest.mark.parametrize("keys", [(), ("Enter",), ("Enter", "Control+Enter")])
def test_what_is_typed_before_the_script_is_ready_is_searched(
    unopened_desk: Desk, keys: tuple[str, ...]
) -> None:
    desk, app = unopened_desk, unopened_desk.app
    script = HeldRequests(desk, "**/js/picker/combobox.js")
    desk.page.goto(desk.portal.url)
    open_empty(desk)
    picker = app.get_by_role("combobox", name="Add a customer")
    expect(picker).to_be_focused()
    picker.press_sequentially("quil")
    for key in keys:
        picker.press(key)
    expect(hits(app)).to_have_count(0)
    script.release()
    if keys:
        expect(customers(app)).to_contain_text("Nora Quill")
        expect(picker).to_have_value("")
    else:
        expect(hits(app)).to_have_count(4)
    saved = app.get_by_role("status").filter(has_text="Saved")
    expect(saved).to_have_count(int("Control+Enter" in keys))


def test_enter_typed_before_the_answer_waits_for_it(desk: Desk, picker: Locator) -> None:
    picker.press_sequentially("5901")
    picker.press("Enter")
    expect(customers(desk.app)).to_contain_text("Omar Quill")
    expect(picker).to_have_value("")
    expect(picker).to_be_focused()


def test_the_keys_for_save_typed_before_the_answer_follow_the_choice(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    with desk.page.expect_response("**/customers/search"):
        picker.press_sequentially("5901")
        picker.press("Enter")
        picker.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(customers(app)).to_contain_text("Omar Quill")


def test_cached_hits_appear_before_the_portal_answers_and_stay_in_place(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    picker.press_sequentially("pia quil")
    expect(hits(app).first).to_contain_text("Pia Quillan")
    picker.fill("")
    asked = len(desk.portal.requests)
    with delayed(desk, "crm.*", count=None):
        picker.press_sequentially("quil")
        expect(hits(app)).to_have_count(1)
        expect(hits(app)).to_contain_text(["Pia Quillan"])
        assert len(desk.portal.requests) == asked
        picker.press("ArrowDown")
        expect(hits(app).first).to_have_attribute("aria-selected", "true")
    expect(hits(app)).to_have_count(4)
    selected = app.locator("[role=option][aria-selected=true][data-key^=CONTACT]")
    expect(selected).to_contain_text("Pia Quillan")
    expect(picker).to_have_attribute(
        "aria-activedescendant", selected.get_attribute("id") or "none"
    )
    expect(hits(app).first).to_contain_text("Pia Quillan")
    picker.press("Enter")
    expect(customers(app)).to_contain_text("Pia Quillan")


def test_an_answer_to_an_outdated_query_is_dropped(desk: Desk, picker: Locator) -> None:
    app = desk.app
    slow = desk.portal.faults.add("delay", "crm.*", count=1, seconds=1.5)
    with desk.page.expect_request("**/customers/search") as late:
        picker.press_sequentially("vale")
    picker.fill("quil")
    expect(hits(app)).to_have_count(4)
    late.value.response()
    desk.page.wait_for_timeout(100)
    assert slow.hits == 1
    expect(hits(app)).to_have_count(4)
    expect(hits(app).first).to_contain_text("Nora Quill")


def test_hits_say_who_is_on_this_or_another_record(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    hidden = portal.user(REGULAR_USER).hidden_contacts
    number, contact = next(
        (n, id)
        for n in sorted(portal.records, reverse=True)
        for kind, id in portal.clients(n)
        if kind == "CONTACT" and id not in hidden and is_unique(portal, id)
    )
    name = portal.state.contacts[contact].title
    picker.fill(name)
    hit = app.locator(f"#hit-CONTACT-{contact}")
    expect(hit).to_contain_text(f"on record #{number}")
    hit.click()
    picker.fill(name)
    expect(hit).to_contain_text("already here")
    expect(hit).to_have_attribute("aria-disabled", "true")
    check(desk, "picker-hits")
    rows = customers(app).count()
    picker.press("Enter")
    expect(app.get_by_role("dialog")).to_have_count(0)
    expect(customers(app)).to_have_count(rows)


def test_customers_added_last_are_offered_before_anything_is_typed(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    for name in ("nora quill", "ada vale"):
        picker.press_sequentially(name)
        picker.press("Enter")
        expect(picker).to_have_value("")
        expect(customers(app).filter(has_text=re.compile(name, re.IGNORECASE))).to_have_count(1)
    picker.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    open_empty(desk)
    expect(hits(app)).to_have_count(0)
    picker.press("ArrowDown")
    expect(app.get_by_text("Recently added")).to_be_visible()
    expect(hits(app)).to_have_text([re.compile("Nora Quill"), re.compile("Ada Vale")])
    expect(hits(app).first).to_have_attribute("aria-selected", "true")
    check(desk, "picker-recent")
    picker.press("Enter")
    expect(customers(app)).to_contain_text("Nora Quill")

    picker.click()
    expect(hits(app).last).to_contain_text("Ada Vale")
    picker.press("Enter")
    expect(customers(app)).to_have_count(1)
    picker.press("Escape")
    expect(app.get_by_role("listbox", name="Found customers")).to_be_hidden()


def test_what_to_type_is_said_only_after_the_arrow_key_and_until_the_focus_leaves(
    desk: Desk, picker: Locator
) -> None:
    hint = desk.app.locator("#hits").get_by_text("Type a name")
    with desk.page.expect_response("**/customers/recent") as answer:
        picker.click()
    answer.value.finished()
    wait_until(desk.frame, "!document.querySelector('.combo-field[data-busy]')")
    expect(hint).to_be_hidden()
    picker.press("ArrowDown")
    expect(hint).to_be_visible()
    picker.press("Tab")
    expect(hint).to_be_hidden()
    expect(desk.app.get_by_role("button", name="Choose in CRM")).to_be_focused()


def test_a_new_customer_is_created_with_the_keyboard_alone(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    picker.press_sequentially("Xenia Neumann")
    expect(hits(app)).to_have_count(1)
    check(desk, "picker-nobody")
    picker.press("Enter")
    expect(hits(app)).to_have_count(1)
    picker.press("ArrowDown")
    picker.press("Enter")
    dialog = app.get_by_role("dialog", name="New customer")
    phone = dialog.get_by_label("Phone")
    expect(phone).to_be_focused()
    expect(dialog.get_by_label("First name")).to_have_value("Xenia")
    expect(dialog.get_by_label("Company name")).to_be_hidden()
    phone.press_sequentially("+49 30 23125 777")
    check(desk, "picker-new")
    phone.press("Enter")
    expect(dialog).to_be_hidden()
    expect(customers(app)).to_contain_text("Xenia Neumann")
    expect(customers(app)).to_contain_text("new")
    expect(picker).to_be_focused()
    expect(picker).to_have_value("")
    picker.press("Control+Enter")
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    made = portal.state.contacts[max(portal.state.contacts)]
    assert (made.title, made.fields["createdBy"]) == ("Xenia Neumann", REGULAR_USER)


def test_enter_alone_never_creates_a_customer(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    before = len(portal.state.contacts)
    picker.press_sequentially("Xenia Neumann")
    picker.press("Enter")
    expect(hits(app)).to_have_count(1)
    picker.press("Enter")
    dialog = app.get_by_role("dialog", name="New customer")
    expect(dialog).to_have_count(0)
    picker.press("ArrowDown")
    picker.press("Enter")
    for label in ("Phone", "E-mail"):
        expect(dialog.get_by_label(label)).to_be_focused()
        desk.page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").filter(has_text="No phone and no e-mail")).to_be_visible()
    assert len(portal.state.contacts) == before
    desk.page.keyboard.press("Enter")
    expect(customers(app)).to_contain_text("Xenia Neumann")
    assert len(portal.state.contacts) == before
    save(desk)
    assert len(portal.state.contacts) == before + 1


@pytest.mark.parametrize("way", ["click", "double click", "space", "enter", "held enter"])
def test_a_customer_without_a_phone_is_asked_about_however_the_form_is_sent(
    desk: Desk, picker: Locator, way: str
) -> None:
    app = desk.app
    dialog = begin(app, picker, "Xenia Neumann")
    create = dialog.get_by_role("button", name="Create")
    if way == "click":
        create.click()
    elif way == "double click":
        create.dblclick()
    elif way == "held enter":
        dialog.get_by_label("E-mail").focus()
        for _ in range(3):
            desk.page.keyboard.down("Enter")
        desk.page.keyboard.up("Enter")
    else:
        create.press(way.capitalize())
    expect(dialog.get_by_role("alert").filter(has_text="No phone and no e-mail")).to_be_visible()
    expect(customers(app)).to_have_count(0)
    create.click()
    expect(dialog).to_be_hidden()
    expect(customers(app)).to_contain_text("Xenia Neumann")


def test_an_unknown_number_becomes_the_phone_of_a_new_company(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    picker.press_sequentially("+49 30 7777 123")
    # As a list: hits of fewer digits are several, and one text is compared with one element only.
    expect(hits(app)).to_have_text([re.compile("New customer with phone")])
    picker.press("ArrowDown")
    picker.press("Enter")
    dialog = app.get_by_role("dialog", name="New customer")
    expect(dialog.get_by_label("Phone")).to_have_value("+49 30 7777 123")
    expect(dialog.get_by_label("First name")).to_be_focused()
    dialog.get_by_label("Company", exact=True).check()
    dialog.get_by_label("Company name").fill("Neumann GmbH")
    dialog.get_by_role("button", name="Create").click()
    expect(customers(app)).to_contain_text("Neumann GmbH")
    save(desk)
    made = portal.state.companies[max(portal.state.companies)]
    assert [one.value for one in made.fm] == ["+49 30 7777 123"]


def test_duplicates_in_crm_are_shown_before_a_customer_is_created(
    desk: Desk, picker: Locator
) -> None:
    app, portal = desk.app, desk.portal
    before = len(portal.state.contacts)
    dialog = begin(app, picker, "Nora Kwill")
    dialog.get_by_label("Phone").fill("+49 (30) 23125-900")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text(
        "A customer with this phone or e-mail is already in CRM."
    )
    take = dialog.get_by_role("button", name="Use Nora Quill")
    expect(take).to_be_focused()
    check(desk, "picker-alike")
    take.press("Enter")
    expect(dialog).to_be_hidden()
    expect(customers(app)).to_contain_text("Nora Quill")
    assert len(portal.state.contacts) == before

    dialog = begin(app, picker, "Nora Kwill")
    dialog.get_by_label("Phone").fill("+49 (30) 23125-900")
    dialog.get_by_role("button", name="Create").click()
    dialog.get_by_role("button", name="Create anyway").click()
    expect(customers(app).filter(has_text="Nora Kwill")).to_have_count(1)
    save(desk)
    assert len(portal.state.contacts) == before + 1


def test_the_form_keeps_faulty_input_and_names_the_fault(desk: Desk, picker: Locator) -> None:
    app = desk.app
    desk.allow("422")
    desk.allow("403")
    dialog = begin(app, picker, "Nora Kwill")
    mail = dialog.get_by_label("E-mail")
    mail.fill("nora@")
    mail.press("Enter")
    expect(mail).to_have_attribute("aria-invalid", "true")
    expect(mail).to_be_focused()
    expect(mail).to_have_value("nora@")
    check(desk, "picker-fault")
    desk.portal.user(REGULAR_USER).crm_add = False
    mail.fill("nora@example.com")
    mail.press("Enter")
    expect(dialog).to_be_hidden()
    desk.save()
    refusal = "You don't have permission to create contacts. Ask your CRM administrator."
    expect(dialog.get_by_role("alert")).to_contain_text(refusal)
    expect(dialog.get_by_label("First name")).to_have_value("Nora")
    dialog.get_by_text("Details").click()
    expect(dialog.get_by_role("alert")).to_contain_text("For support:")
    desk.shoot("picker-no-right")
    mail.press("Escape")
    expect(dialog).to_be_hidden()
    expect(customers(app)).to_contain_text("Nora Kwill")
    expect(app.get_by_role("button", name="Save")).to_be_enabled()


def test_two_clicks_create_one_customer(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    before = len(portal.state.contacts)
    dialog = begin(app, picker, "Nora Kwill")
    portal.faults.add("delay", "crm.item.add", seconds=0.5)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    dialog.get_by_label("E-mail").fill("kwill@example.com")
    dialog.get_by_role("button", name="Create").dblclick()
    expect(customers(app)).to_have_count(1)
    desk.settle()
    app.get_by_role("button", name="Save").dblclick()
    expect(app.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert len([url for url in asked if url.endswith("/customers/create")]) == 1
    assert len(portal.state.contacts) == before + 1


def test_a_save_after_a_lost_answer_creates_no_second_customer(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    before = len(portal.state.contacts)
    dialog = begin(app, picker, "Nora Kwill")
    dialog.get_by_label("E-mail").fill("kwill@example.com")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    lose_answer(desk, "/customers/create")
    desk.save()
    expect(app.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    assert len(portal.state.contacts) == before + 1
    save(desk)
    expect(customers(app)).to_contain_text("Nora Kwill")
    assert len(portal.state.contacts) == before + 1


def test_fields_that_only_crm_has_are_filled_in_in_its_own_form(
    desk: Desk, picker: Locator
) -> None:
    app, portal = desk.app, desk.portal
    portal.state.required_fields = {"contact": ["post"]}
    dialog = begin(app, picker, "Nora Kwill")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("No phone and no e-mail yet.")).to_be_visible()
    dialog.get_by_role("button", name="Create").press("Enter")
    asked = "Your CRM requires more details for a new contact: Post."
    expect(dialog.get_by_role("alert").filter(has_text=asked)).to_be_visible()
    check(desk, "picker-full-form")
    dialog.get_by_role("button", name="Open the full form").click()
    form = desk.page.frame_locator("iframe.page")
    form.get_by_label("lastName").fill("Kwill")
    form.get_by_label("post").fill("Plumber")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("heading", name="Kwill")).to_be_visible()
    desk.page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(picker).to_have_value("Nora Kwill")
    picker.fill("Kwill")
    expect(hits(app).first).to_contain_text("Kwill")


def test_the_portals_own_dialog_is_a_second_way(desk: Desk, picker: Locator) -> None:
    app = desk.app
    button = app.get_by_role("button", name="Choose in CRM")
    button.click()
    dialog = desk.page.get_by_role("dialog", name="Select from CRM")
    dialog.get_by_role("button", name="Cancel").click()
    # A canceled dialog never answers, and the page keeps working.
    picker.press_sequentially("nora quill")
    picker.press("Enter")
    expect(customers(app)).to_have_count(1)

    button.click()
    desk.shoot("picker-crm-dialog")
    dialog.get_by_label("Find").fill("quill")
    dialog.get_by_label("Omar Quill").check()
    dialog.get_by_label("Pia Quillan").check()
    dialog.get_by_role("button", name="Select").click()
    expect(customers(app)).to_have_count(3)
    expect(customers(app).first).to_contain_text("Nora Quill")
    expect(customers(app).nth(1)).to_contain_text("Omar Quill")


def test_selected_contacts_of_a_company_are_added_with_it(desk: Desk, picker: Locator) -> None:
    app, portal = desk.app, desk.portal
    company = portal.state.companies[COMPANY].title
    picker.press_sequentially("nora quill")
    picker.press("Enter")
    expect(customers(app)).to_have_count(1)
    picker.press_sequentially(company)
    picker.press("Enter")
    persons = app.get_by_role("group", name=f"Contacts of {company}")
    expect(persons.get_by_role("checkbox")).to_have_count(2)
    expect(persons.locator("label")).to_have_text(
        [re.compile("23125 901"), re.compile("23125 902")]
    )
    expect(persons.locator("label[translate=no]")).to_have_count(2)
    expect(app.locator("#said")).to_contain_text("Omar Quill")
    check(desk, "picker-persons")
    picker.press("Tab")
    box = persons.get_by_label("Omar Quill")
    if not box.evaluate("box => box === document.activeElement"):
        desk.page.keyboard.press("Tab")
    expect(box).to_be_focused()
    box.press("Space")
    expect(customers(app)).to_have_count(3)
    expect(customers(app).first).to_contain_text("Nora Quill")
    expect(customers(app).last).to_contain_text(company)
    app.get_by_role("button", name="Remove Omar Quill").click()
    expect(box).not_to_be_checked()
    persons.get_by_role("button", name="Add all").click()
    expect(customers(app)).to_have_count(4)
    box.click()
    expect(customers(app)).to_have_count(3)
    app.get_by_role("button", name=f"Remove {company}").click()
    expect(persons).to_be_hidden()


def test_a_search_that_fails_says_so_in_the_list_and_keeps_what_was_typed(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    desk.allow("502")
    desk.portal.faults.add("server_error", "crm.*", count=1)
    picker.press_sequentially("quil")
    said = app.locator("#hits").get_by_role("alert")
    expect(said).to_contain_text("Bitrix24 did not answer")
    expect(picker).to_have_value("quil")
    expect(app.locator("#problem")).to_have_count(1)
    expect(app.locator("#problem")).to_be_empty()
    check(desk, "picker-failed")
    app.locator("#hits").get_by_role("button", name="Try again").click()
    expect(hits(app).first).to_contain_text("Nora Quill")
    expect(picker).to_be_focused()


def test_without_a_connection_the_list_says_so(desk: Desk, picker: Locator) -> None:
    app = desk.app
    desk.allow("ERR_INTERNET_DISCONNECTED")
    desk.page.context.set_offline(True)
    picker.press_sequentially("quil")
    expect(app.locator("#hits").get_by_role("alert")).to_contain_text("No connection.")
    desk.page.context.set_offline(False)
    picker.press("Enter")
    expect(customers(app)).to_contain_text("Nora Quill")


def test_without_crm_access_the_list_says_to_ask_the_administrator(
    desk: Desk, picker: Locator
) -> None:
    app = desk.app
    desk.portal.user(REGULAR_USER).crm_read = False
    picker.press_sequentially("quil")
    expect(app.locator("#hits")).to_contain_text(
        "You have no access to contacts or companies in CRM."
    )
    check(desk, "picker-closed")


def is_unique(portal: Portal, number: int) -> bool:
    """Return whether the name is unique and a machine with few fonts can show it."""
    name = portal.state.contacts[number].title
    names = [contact.title for contact in portal.state.contacts.values()]
    return names.count(name) == 1 and name.isascii()


def save(desk: Desk) -> None:
    desk.save()
    expect(desk.app.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def begin(app: FrameLocator, picker: Locator, text: str) -> Locator:
    """Open the form for a new customer with this name."""
    picker.press_sequentially(text)
    expect(hits(app).filter(has_text="Create")).to_have_count(1)
    picker.press("ArrowDown")
    picker.press("Enter")
    dialog = app.get_by_role("dialog", name="New customer")
    expect(dialog).to_be_visible()
    return dialog
