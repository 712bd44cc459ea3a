"""Keys: input methods, keyboards of other scripts, and letters that are switched off."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk
from tests.browser.steps import open_record, record_with_three_contacts

COMPOSED = {
    "macOS, Safari: after the composition": {"key": "Enter", "keyCode": 229},
    "Chromium on Linux": {"key": "Enter", "keyCode": 13, "isComposing": True},
    "Windows": {"key": "Process", "keyCode": 229, "isComposing": True},
    "GBoard": {"key": "Unidentified", "keyCode": 229},
}
# The vowel signs of Hindi are no letters.
Z_KEYS = [("я", "KeyZ"), ("ז", "KeyZ"), ("ζ", "KeyZ"), ("z", "KeyY"), ("ئ", "KeyZ"), ("ॆ", "KeyZ")]
# A key of a Thai keyboard is a mark above a letter; one of an Arabic keyboard is two letters.
N_KEYS = ["т", "ื", "لا"]
OTHER_KEYS = {
    "y of a German keyboard": {"key": "y", "code": "KeyZ", "ctrlKey": True},
    "AltGr": {"key": "ż", "code": "KeyZ", "ctrlKey": True, "altKey": True},
    "Shift": {"key": "Z", "code": "KeyZ", "ctrlKey": True, "shiftKey": True},
}


def press(place: Locator, init: dict[str, object]) -> None:
    """Send a key as a browser does with an input method."""
    place.evaluate(
        """(place, init) => place.dispatchEvent(
            new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }))""",
        init,
    )


def test_a_key_of_a_composition_takes_no_hit(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    field = desk.app.get_by_role("combobox", name="Add a customer")
    field.press_sequentially("Anna")
    desk.app.locator("#found [role=option]").first.wait_for()
    before = desk.app.locator("#customers > li").count()
    for keyboard, key in COMPOSED.items():
        press(field, key)
        expect(desk.app.locator("#hits"), keyboard).to_be_visible()
        expect(desk.app.locator("#customers > li"), keyboard).to_have_count(before)
    field.press("Enter")
    expect(desk.app.locator("#customers > li")).to_have_count(before + 1)


def test_escape_of_a_composition_leaves_the_focus_in_the_note(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    note = desk.app.get_by_role("textbox", name="Note")
    note.focus()
    press(note, {"key": "Escape", "keyCode": 229, "isComposing": True})
    expect(note).to_be_focused()
    note.press("Escape")
    expect(note).not_to_be_focused()


def test_enter_of_a_composition_opens_no_record_of_the_list(installed_desk: Desk) -> None:
    desk = installed_desk
    search = desk.app.get_by_role("searchbox")
    search.fill("a")
    press(search, {"key": "Enter", "keyCode": 229})
    expect(desk.app.locator("#record[data-record]")).to_have_count(0)
    search.press("Enter")
    expect(desk.app.locator("#editor")).to_be_visible()


def remove_and_save(desk: Desk) -> None:
    desk.app.locator(".customer .remove").last.click()
    desk.save()
    expect(desk.app.get_by_role("button", name="Undo")).to_be_visible()


def test_ctrl_z_undoes_on_every_keyboard(installed_desk: Desk) -> None:
    desk = installed_desk
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    undone = desk.app.get_by_role("status").filter(has_text="Undone")
    for key, code in Z_KEYS:
        remove_and_save(desk)
        assert len(desk.portal.clients(number)) == len(people) - 1
        press(desk.app.locator("body"), {"key": key, "code": code, "ctrlKey": True})
        expect(undone, f"{key} on {code}").to_be_visible()
        assert len(desk.portal.clients(number)) == len(people)


def test_other_keys_undo_nothing(installed_desk: Desk) -> None:
    desk = installed_desk
    number, people = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    remove_and_save(desk)
    for keyboard, init in OTHER_KEYS.items():
        press(desk.app.locator("body"), init)
        expect(desk.app.get_by_role("button", name="Undo"), keyboard).to_be_visible()
        assert len(desk.portal.clients(number)) == len(people) - 1, keyboard


def test_single_letters_can_be_switched_off_for_good(installed_desk: Desk) -> None:
    desk = installed_desk
    number, _ = record_with_three_contacts(desk.portal)
    open_record(desk, number)
    title = desk.app.locator("#record-title")
    title.focus()
    desk.app.get_by_role("button", name="More", exact=True).click()
    desk.app.get_by_role("menuitem", name="Keyboard shortcuts").click()
    desk.app.get_by_label("Single letters are shortcuts").uncheck()
    desk.page.keyboard.press("Escape")
    for _ in range(2):
        title = desk.app.locator("#record-title")
        title.focus()
        press(title, {"key": "n", "code": "KeyN"})
        press(title, {"key": "т", "code": "KeyN"})
        expect(desk.app.locator(f"#editor[data-record='{number}']")).to_be_visible()
        desk.page.context.clear_cookies()
        desk.page.reload()
        open_record(desk, number)
        expect(desk.app.locator("#letters")).not_to_be_checked()
    desk.app.locator("#letters").evaluate("(box) => box.click()")
    for key in N_KEYS:
        open_record(desk, number)
        title = desk.app.locator("#record-title")
        title.focus()
        press(title, {"key": key, "code": "KeyN"})
        expect(desk.app.get_by_role("region", name="Record"), key).to_contain_text("New record")
