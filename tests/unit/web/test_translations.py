"""Each text is translated into every language, and uses the portal's terms."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from gettext import c2py
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from flask import Flask, render_template
from jinja2 import Environment, nodes

from store.calls.log import Call, Result
from tests.cast import Cast
from waitlist.booking.freed import FreedPlace
from waitlist.booking.freed_scan import Freed
from waitlist.sources.bookings import ON, ResourceRow, Span
from web.http import i18n
from web.presenters.booking.freed import freed_rows
from web.presenters.booking.words import booking_text, messages_words
from web.presenters.calls import call_row, call_view
from web.presenters.history import Names

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = [path for path in sorted((ROOT / "web").rglob("*.py")) if path.name != "i18n.py"]
LOCALES = ("ar", "de", "es", "fr", "it", "pl", "pt_BR")
PORTAL_CODES = {
    **{"ar": "ar", "de": "de", "en": "en", "la": "es", "br": "pt_BR", "fr": "fr", "pl": "pl"},
    **{"it": "it", "tr": "en", "ua": "en", "ru": "en", "kz": "en", "id": "en", "ms": "en"},
    **{"vn": "en", "th": "en", "sc": "en", "tc": "en", "ja": "en", "in": "en"},
}
"""The language codes of Bitrix24, and the locale that each one gets."""

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
COUNT = "%(count)s"
ENDINGS = {"؟": "?", "،": ","}
FORBIDDEN = re.compile(r"\b(placements?|entity|entities|external data|waitlist|clients?)\b", re.I)

TERMS = """
waiting[ -]list; قائمة الانتظار; Warteliste; lista de espera; liste d.attente; lista d.attesa;
    li(st[aęyą]|ście) oczekujących; lista de espera
customers?; عميل|عملا; Kunde; cliente; client; client[ei]; klien(t|ci); cliente
main customer; العميل الرئيسي; Hauptkunde; cliente principal; client principal; cliente principale;
    główn(y|ego) klient; cliente principal
contacts?; جه(ة|ات) (ال)?اتصال; Kontakt; contacto; contact; contatt[oi]; kontakt; contato
compan(y|ies); شرك(ة|ات); Unternehmen; compañía; entreprise; aziend[ae]; firm; empresa
deals?; صفق; Auftr[aä]g; negociaci; transaction; affar[ei]; deal; negócio
records?; سجل; Eintr[aä]g; registro; entrée; voc[ei]; wpis; registro
notes?; ملاحظ; Notiz; nota; note; not[ae]; notat; nota
tabs?; علام(ة|ات) (ال)?تبويب; Registerkarte; pestaña; onglet; sched[ae]; zakładk; aba
(?-i:Online Booking|Open Booking); الحجز عبر الإنترنت; „Buchung“; Reserva; Réservation en ligne;
    Prenotazione online; Rezerwacj[aęi] online; Agendamento on-line
"""
"""A term in English texts, and how each language has to say it, in the order of LOCALES."""

GLOSSARY = {
    english: dict(zip(LOCALES, wanted, strict=True))
    for english, *wanted in (
        [cell.strip() for cell in line.split(";")]
        for line in TERMS.replace("\n    ", " ").strip().splitlines()
    )
}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts in code and templates, as `make translations` finds them."""
    pot = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = ["pybabel", "--quiet", "extract", "--mapping-file", "babel.cfg"]
    options = ["--add-location", "file", "--sort-by-file", "--output-file", str(pot)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(  # type: ignore[no-untyped-call]
            [*command, *options, "web", "templates"]
        )
    with pot.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All catalogs, compiled into a folder of their own."""
    folder = tmp_path_factory.mktemp("translations")
    for locale in LOCALES:
        target = folder / locale / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_mo(file, catalog(locale))
    return folder


@pytest.fixture
def translated(compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "TRANSLATIONS", compiled)


@cache
def catalog(locale: str) -> Catalog:
    with (ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def messages(texts: Catalog) -> list[Message]:
    """All messages without the header."""
    return [message for message in texts if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """All forms of a text: one, or one for each plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def pairs(locale: str) -> Iterator[tuple[str, str]]:
    """Each English text with its translation; a plural with each of its forms."""
    for message in messages(catalog(locale)):
        for form in forms(message.string or ""):
            yield forms(message.id)[-1], form


def test_these_are_the_languages() -> None:
    assert tuple(sorted(path.name for path in (ROOT / "translations").iterdir())) == LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_missing_left_over_or_guessed(locale: str, extracted: Catalog) -> None:
    texts = catalog(locale)
    wanted = {forms(message.id) for message in messages(extracted)}
    held = {forms(message.id) for message in messages(texts)}
    assert wanted - held == set(), "run `make translations` and translate these"
    assert held - wanted == set(), "run `make translations`"
    places = [(message.id, message.locations) for message in messages(texts)]
    found = [(message.id, message.locations) for message in messages(extracted)]
    assert places == found, "run `make translations`: others would find your changes in theirs"
    assert not texts.obsolete
    untranslated = [
        message.id for message in messages(texts) if not all(forms(message.string or ""))
    ]
    assert untranslated == []
    assert [message.id for message in messages(texts) if message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plural_has_all_the_forms_of_its_language(locale: str) -> None:
    texts = catalog(locale)
    rule = get_plural(locale)
    assert texts.plural_forms == rule.plural_forms
    plurals = [message for message in messages(texts) if message.pluralizable]
    assert plurals
    for message in plurals:
        assert len(message.string or "") == rule.num_plurals, message.id


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_survive(locale: str) -> None:
    for english, text in pairs(locale):
        assert not set("%{}") & set(PLACEHOLDER.sub("", text)), text
        missing = Counter(PLACEHOLDER.findall(english))
        missing.subtract(PLACEHOLDER.findall(text))
        assert not any(missing.values()) or text in uncounted(locale, english, missing), text


def uncounted(locale: str, english: str, missing: Counter[str]) -> list[str]:
    """Return the forms that may leave out the number: those for one number, or for one and none.

    Arabic has a form for two, which says "two customers" in one word.
    """
    if +missing != Counter({COUNT: 1}) or -missing:
        return []
    form_of = c2py(get_plural(locale).plural_expr)
    numbers = [form_of(number) for number in range(200)]
    return [
        form
        for message in messages(catalog(locale))
        if forms(message.id)[-1] == english
        for index, form in enumerate(forms(message.string or ""))
        if numbers.count(index) == 1 or index == numbers[0] == numbers[1]
    ]


@pytest.mark.parametrize("message", [m for m in messages(catalog("ar")) if m.pluralizable])
def test_arabic_counts_eleven_in_the_accusative_and_a_hundred_in_the_genitive(
    message: Message,
) -> None:
    """Numbers from 11 to 99 want a noun with tanwin such as يومًا, 100 one without."""
    form_of = c2py(get_plural("ar").plural_expr)
    eleven, hundred = (
        form.partition(COUNT)[2].split() if COUNT in form else []
        for form in (forms(message.string or "")[form_of(number)] for number in (11, 100))
    )
    noun = next(iter(hundred), "").rstrip(".،")
    assert not noun.endswith("ًا"), message.string
    if noun and noun[-1] not in "ة)" and noun != "آخر":
        assert eleven[0].rstrip(".،") == f"{noun}ًا", message.string


def test_french_punctuation_stays_with_its_word() -> None:
    for _english, text in pairs("fr"):
        assert not re.search(r" [:;!?»]|« |\S[:;!?»](?!\S)|«\S", text), text
        assert "#" not in text, text


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_are_safe_in_html_and_end_as_the_english_ones(locale: str) -> None:
    """Templates put translations into HTML without escaping, in attributes, too."""
    for english, text in pairs(locale):
        assert not set('<>&"') & set(text), text
        assert text == text.strip(), text
        for end in ".…?:":
            assert (ENDINGS.get(text[-1], text[-1]) == end) == (english[-1] == end), text


@pytest.mark.parametrize("term", GLOSSARY)
@pytest.mark.parametrize("locale", LOCALES)
def test_translations_keep_to_the_glossary(locale: str, term: str) -> None:
    english, wanted = (re.compile(rf"\b{term}\b", re.I), re.compile(GLOSSARY[term][locale], re.I))
    for source, text in pairs(locale):
        if english.search(source):
            assert wanted.search(text), (source, text)


def test_english_texts_keep_to_the_portals_words(extracted: Catalog) -> None:
    for message in messages(extracted):
        for text in forms(message.id):
            assert not FORBIDDEN.search(text), text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_tabs_in_the_portal_are_named_in_the_language(locale: str) -> None:
    codes = [code for code, known in PORTAL_CODES.items() if known == locale]
    manifest = json.loads((ROOT / "install.json").read_bytes())
    named = [manifest, *manifest["placements"]]
    texts = catalog(locale)
    for code in codes:
        for place in named:
            message = texts.get(place["title"]["en"])
            assert message
            assert place["title"][code] == message.string


@pytest.mark.parametrize(("code", "locale"), PORTAL_CODES.items())
@pytest.mark.usefixtures("translated")
def test_every_code_of_the_portal_has_its_locale(code: str, locale: str) -> None:
    assert i18n.locale_of(code) == locale


@pytest.mark.parametrize("code", ["xx", "", "..", "../web", "/", "de/LC_MESSAGES", "german"])
@pytest.mark.usefixtures("translated")
def test_anything_else_is_english(code: str) -> None:
    assert i18n.locale_of(code) == "en"


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("pt-BR", "pt_BR"), ("pt_PT", "pt_BR"), ("DE", "de"), ("de-AT", "de"), ("es-MX", "es")],
)
@pytest.mark.usefixtures("translated")
def test_a_tag_of_a_browser_has_the_locale_of_its_language(tag: str, locale: str) -> None:
    assert i18n.locale_of(tag) == locale


@pytest.mark.parametrize(
    ("code", "tag", "direction"),
    [
        ("en", "en", "ltr"),
        ("de", "de", "ltr"),
        ("la", "es", "ltr"),
        ("br", "pt-BR", "ltr"),
        ("ar", "ar", "rtl"),
        ("ja", "en", "ltr"),
    ],
)
@pytest.mark.usefixtures("translated")
def test_a_page_says_its_language_and_direction(
    app: Flask, code: str, tag: str, direction: str
) -> None:
    page = app.test_client().get(f"/legal/privacy?lang={code}").text
    assert f'<html lang="{tag}" dir="{direction}">' in page


@pytest.mark.usefixtures("translated")
def test_the_main_page_is_german_for_a_german_user(installed: Cast) -> None:
    user = installed.regular_user
    page = user.open(lang="de").text
    assert '<html lang="de" dir="ltr">' in page
    # The second is streamed after the first, when the portal has answered.
    assert '<h1 class="unseen">Warteliste</h1>' in page
    assert "Mit Unternehmen" in page
    assert "Neuer Eintrag" in user.post("/records/new").text


@pytest.mark.usefixtures("translated")
def test_numbers_choose_the_form(app: Flask) -> None:
    with app.test_request_context():
        i18n.use_language("pl")
        said = [
            i18n.ngettext("%(count)s customer found.", "%(count)s customers found.", number)
            for number in (1, 2, 5)
        ]
    assert said[0].endswith("klienta.")
    assert said[1].endswith("klientów.")
    assert said[2].endswith("klientów.")


@pytest.mark.parametrize("name", ["Boris", "12 Room", "(2nd floor) Room"])
@pytest.mark.usefixtures("translated")
def test_names_keep_their_own_direction_in_arabic_sentences(app: Flask, name: str) -> None:
    """Else a sentence with a Latin name in front would read from left to right."""
    user, place = Names({}, {2: name}, me=7), FreedPlace(1, 5, Span(0, 3600))
    call, resource = Call(1, 3, 2, Result.CALLING, 0, 0), ResourceRow(5, name, ON, ON)
    with app.test_request_context():
        i18n.use_language("ar")
        view = call_view(call, user, UTC, now=0)
        said = [
            *(view.text, view.sentence, call_row(call, user, UTC).call),
            *(messages_words(resource), booking_text(0, UTC, [resource, resource])),
            freed_rows(Freed((place,), {5: name}, UTC, mark=""))[0].text,
        ]
    for text in said:
        assert f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" in text
        assert text.count(name) == text.count("\N{FIRST STRONG ISOLATE}")
        assert ", " not in text


def test_a_catalog_that_was_not_compiled_means_english(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "de" / "LC_MESSAGES" / "messages.po").touch()
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    with app.test_request_context():
        i18n.use_language("de")
        page = render_template(
            "pages/message.html", title="", text=i18n.gettext("Saved."), step="", problem=None
        )
    assert '<html lang="en" dir="ltr">' in page
    assert "Saved." in page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_text_of_their_own(path: Path, app: Flask) -> None:
    page = PlainText()
    page.feed(markup(app.jinja_env, path.read_text()))
    assert page.found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_translate_only_what_can_be_extracted(path: Path, app: Flask) -> None:
    for call in app.jinja_env.parse(path.read_text()).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
            assert isinstance(call.args[0], nodes.Const), call.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_translates_only_what_can_be_extracted(path: Path) -> None:
    for call in calls(path):
        if call.func.id in ("_", "N_", "gettext", "ngettext"):  # type: ignore[attr-defined]
            assert isinstance(call.args[0], ast.Constant), call.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_says_nothing_that_is_not_translated(path: Path) -> None:
    for call in calls(path):
        if call.func.id in ("Problem", "Words", "message_page", "SavedView", "Filter"):  # type: ignore[attr-defined]
            plain = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            assert not [text for text in plain if isinstance(text, str) and text], call.lineno


def calls(path: Path) -> list[ast.Call]:
    """Return the calls of functions by their plain names."""
    tree = ast.walk(ast.parse(path.read_text()))
    return [node for node in tree if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]


def markup(env: Environment, source: str) -> str:
    """Return what a template holds besides its expressions."""
    return "".join(text for _line, kind, text in env.lex(source) if kind == "data")


class PlainText(HTMLParser):
    """Find words between tags and in attributes that users see or hear.

    Names of keys on a keyboard do not count.
    """

    SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-title", "data-said")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.SPOKEN:
                self._note(value or "")
        if tag in ("kbd", "style", "script"):
            self.set_cdata_mode(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self._note(data)

    def _note(self, text: str) -> None:
        if re.search(r"[^\W\d_]", text):
            self.found.append(text.strip())
