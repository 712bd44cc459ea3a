"""Rules about people at work, and about what their work costs a portal."""

import re
from dataclasses import replace

from bitrix24.limits import Limits
from checks.market.rules import Rule, require, require_none
from checks.market.scene import OPTION, Scene
from installation.manifest import read_manifest
from web.http.i18n import PORTAL_LANGUAGES
from web.services import EXTENSION, services_of

PLACES = {
    "CRM_CONTACT_DETAIL_TAB": "CONTACT",
    "CRM_COMPANY_DETAIL_TAB": "COMPANY",
    "CRM_DEAL_DETAIL_TAB": "DEAL",
}
MOST_TO_OPEN = 6
"""HTTP requests for the main page with 137 records, with the one that admits the user."""
MOST_TO_SAVE = 3
MOST_AT_ONCE = 50
"""Requests before a portal counts two a second."""


def works_for_regular_user(scene: Scene) -> str:
    count = scene.open(scene.regular_user).count(OPTION)
    require(count == len(scene.portal.records), f"{count} records")
    return f"a regular user sees all {count} records"


def speaks_each_language(scene: Scene) -> str:
    """Open the app in each language, and look for one text of its buttons."""
    texts = {}
    for language in read_manifest().title:
        page = scene.open(scene.administrator, lang=language)
        tag = PORTAL_LANGUAGES.get(language, language).replace("_", "-")
        require(f'<html lang="{tag}"' in page, f"{language} is shown in another language")
        (texts[language],) = re.findall(r'id="new-record">\s*<button[^>]*>([^<]+)<', page)
    english = [one for one, text in texts.items() if one != "en" and text == texts["en"]]
    require_none(english, "in English")
    return f"{len(texts)} languages: {', '.join(texts.values())}"


def works_without_crm(scene: Scene) -> str:
    page = scene.open(scene.without_crm)
    require(page.startswith("200 "), page[:4])
    require(page.count(OPTION) == len(scene.portal.records), "no records")
    require("Contact #" in page, "customers are not shown as numbers")
    return "without rights in CRM, customers are shown by their numbers"


def refuses_with_words(scene: Scene) -> str:
    answers = {who: scene.open(person) for who, person in scene.refused.items()}
    wrong = {
        who: page[:3]
        for who, page in answers.items()
        if not page.startswith("403 ") or "<h1>" not in page or OPTION in page
    }
    require_none(wrong, "answers")
    return f"kind words and no data for users with {' and '.join(answers)}"


def tabs_open(scene: Scene) -> str:
    state = scene.portal.state
    ids = {"CONTACT": state.contacts, "COMPANY": state.companies, "DEAL": state.deals}
    for placement, kind in PLACES.items():
        options = {"ID": str(next(iter(ids[kind])))}
        page = scene.open(scene.administrator, placement=placement, options=options)
        require(page.startswith("200 ") and "Waiting list" in page, f"{placement}: {page[:3]}")
    return f"{len(PLACES)} tabs have something to show"


def frames_by_own_portal(scene: Scene) -> str:
    person = scene.regular_user
    policy = person.post_launch(person.launch()).headers["Content-Security-Policy"]
    require(f"frame-ancestors {scene.portal.url}" in policy, policy)
    return f"frame-ancestors {scene.portal.url}"


def uses_batches(scene: Scene) -> str:
    person = scene.regular_user
    scene.portal.requests.clear()
    scene.open(person)
    opened = len(scene.portal.requests)
    require(opened <= MOST_TO_OPEN, f"{opened} HTTP requests to open the page")
    number = next(n for n in scene.portal.records if len(scene.portal.clients(n)) == 1)
    (kind, id) = scene.portal.clients(number)[0]
    fields = {"base": f"{kind}:{id}", "customer": [f"{kind}:{id}", "COMPANY:7"]}
    scene.portal.requests.clear()
    saved = person.post(f"/records/{number}/save", fields)
    sent = len(scene.portal.requests)
    require(saved.status_code == 200 and sent <= MOST_TO_SAVE, f"{sent} to save: {saved.status}")
    return f"{opened} HTTP requests to open the page, {sent} to save"


def keeps_limits(scene: Scene) -> str:
    """Open the page while the portal counts: 50 requests at once, then 2 a second."""
    person, services = scene.regular_user, services_of(scene.app)
    held_back = replace(services, limits=Limits(scene.folder / "limits"))
    scene.sandbox.switches.limits = True
    scene.portal.requests.clear()
    try:
        scene.app.extensions[EXTENSION] = held_back
        while len(scene.portal.requests) <= MOST_AT_ONCE:
            page = scene.open(person)
            require(page.count(OPTION) == len(scene.portal.records), "an incomplete page")
    finally:
        scene.app.extensions[EXTENSION] = services
        scene.sandbox.switches.limits = False
    refused = [one for one in scene.portal.requests if one.error == "QUERY_LIMIT_EXCEEDED"]
    require(not refused, f"{len(refused)} requests above the limit")
    return f"{len(scene.portal.requests)} requests in a row, none refused"


def repeats_no_refused_call(scene: Scene) -> str:
    person = scene.regular_user
    scene.open(person)
    number = next(iter(scene.portal.records))
    scene.portal.faults.add("error", "booking.v1.waitlist.get", code="ACCESS_DENIED")
    scene.portal.requests.clear()
    answer = person.post(f"/records/{number}")
    scene.portal.faults.clear()
    sent = len(scene.portal.requests)
    require(answer.status_code == 403 and sent == 1, f"{answer.status_code} after {sent} requests")
    return "a refused call is sent once, and the user is told"


def checks_before_asking(scene: Scene) -> str:
    person = scene.regular_user
    scene.open(person)
    scene.portal.requests.clear()
    wrong = {"customer": "LEAD:x"}
    answer = person.post("/records/1/save", wrong)
    sent = [name for one in scene.portal.requests for name in one.methods]
    require(answer.status_code == 400 and not sent, f"{answer.status_code}, sent {sent}")
    return "a malformed form reaches no portal"


RULES = (
    Rule("A regular user can work", works_for_regular_user),
    Rule("The app speaks each language of the card", speaks_each_language),
    Rule("A user without rights in CRM has a page", works_without_crm),
    Rule("Users who may not use the app read why", refuses_with_words),
    Rule("Every tab has something to show", tabs_open),
    Rule("Only the portal may frame its pages", frames_by_own_portal),
    Rule("Calls go in batches", uses_batches),
    Rule("Limits of REST are kept", keeps_limits),
    Rule("A refused call is not repeated", repeats_no_refused_call),
    Rule("Forms are checked before a portal is asked", checks_before_asking),
)
"""On a portal that has the app."""
