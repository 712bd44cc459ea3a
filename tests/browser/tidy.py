"""The main page of a file's own portal, as it was before a test looked at it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from sandbox.portal.portal import Portal
from tests.browser.desk import Desk
from tests.browser.tab import SIZE, Tab
from tests.cast import ADMINISTRATOR

SHOW_ALL = """() => {
    const search = document.querySelector('#search');
    document.querySelector('#stop-selecting')?.click();
    document.activeElement.blur();
    document.querySelector('[data-filter=""][aria-pressed=false]')?.click();
    if (search?.value) {
        search.value = '';
        search.dispatchEvent(new Event('input', { bubbles: true }));
    }
}"""
IS_TIDY = """() => {
    const records = document.querySelector('#records');
    if (!records?.querySelector('[role=option]')) return false;
    records.scrollTop = 0;
    const left = '#editor, dialog, [role=menu], [role=toolbar], [role=alert] *, mark, #in-crm *';
    const gone = '#records [role=option]:is([hidden], [aria-selected=true])';
    return !document.querySelector(gone)
        && ![...document.querySelectorAll(left)].some((one) => one.checkVisibility());
}"""
"""Tells whether all records are shown and nothing else is open."""


def tidy_up(desk: Desk) -> None:
    """Undo what the last test left on the main page, or open the page anew."""
    tab = desk.page
    assert isinstance(tab, Tab)
    is_old = tab.touched or not is_administrators(desk)
    tab.undo.close()
    tab.touched = False
    desk.portal.faults.clear()
    if tab.viewport_size != SIZE:
        tab.set_viewport_size(SIZE)
    tab.mouse.move(0, 0)
    if not is_old:
        desk.frame.evaluate(SHOW_ALL)
        desk.settle()
    if is_old or not desk.frame.evaluate(IS_TIDY):
        tab.home.clear_cookies()
        desk.open()
        expect(desk.app.locator("#in-crm")).to_be_attached()
        desk.settle()
    desk.complaints.clear()
    desk.allowed.clear()


@contextmanager
def tidied(desk: Desk) -> Iterator[Desk]:
    """Lend a page that many tests look at.

    A test that changes something in the portal fails.
    """
    tidy_up(desk)
    before = kept_data(desk.portal)
    yield desk
    assert kept_data(desk.portal) == before, "this test needs a portal of its own"
    desk.check_messages()


def kept_data(portal: Portal) -> bytes:
    state = portal.state
    return pickle.dumps((state.records, state.bookings, state.contacts, state.users))


def is_administrators(desk: Desk) -> bool:
    """Tell whether the app is open for the administrator, as it is at first."""
    shown = desk.page.get_by_label("Logged in as")
    return (
        any("|" in frame.name for frame in desk.page.frames)
        and shown.count() == 1
        and shown.input_value() == str(ADMINISTRATOR)
    )
