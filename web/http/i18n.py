"""Texts in the language of the portal's user, by gettext; where no portal has spoken, in the
browser's.

A portal's language codes are its own: `la` is Spanish, `br` Brazilian Portuguese. Source: the
language list of the official JavaScript SDK.
"""

from __future__ import annotations

import gettext as gnu
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Flask, g, request

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
SOURCE_LANGUAGE = "en"
PORTAL_LANGUAGES = {
    "la": "es",
    "br": "pt_BR",
    "ua": "uk",
    "kz": "kk",
    "vn": "vi",
    "in": "hi",
    "sc": "zh_Hans",
    "tc": "zh_Hant",
}
RIGHT_TO_LEFT = frozenset({"ar"})


def locale_of(portal_language: str) -> str:
    """The locale for a portal's language code; English for what is not translated."""
    locale = PORTAL_LANGUAGES.get(portal_language, portal_language)
    return locale if locale in _catalogues(TRANSLATIONS) else SOURCE_LANGUAGE


def use_language(portal_language: str) -> None:
    """Sets the language of this request."""
    g.locale = locale_of(portal_language)


def browser_language() -> str:
    """The portal's code for the language that this request's browser likes best."""
    tags = {locale.replace("_", "-"): locale for locale in _catalogues(TRANSLATIONS)}
    tag = request.accept_languages.best_match(tags, SOURCE_LANGUAGE)
    portal_codes = {locale: code for code, locale in PORTAL_LANGUAGES.items()}
    return portal_codes.get(tags[tag], tags[tag])


def gettext(text: str) -> str:
    return _catalogue().gettext(text)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _catalogue().ngettext(singular, plural, number)


class Later:
    """A text in a table: it is translated whenever it is shown."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return _catalogue().gettext(self._text)


N_ = Later
"""The name by which pybabel knows such a text."""


def init_app(app: Flask) -> None:
    """Makes texts translatable in templates, and tells them the language and its direction."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.context_processor(
        lambda: {
            "lang": _locale().replace("_", "-"),
            "direction": "rtl" if _locale() in RIGHT_TO_LEFT else "ltr",
        }
    )


def _locale() -> str:
    if "locale" not in g:
        use_language(browser_language())
    return str(g.locale)


def _catalogue() -> gnu.NullTranslations:
    return _catalogues(TRANSLATIONS)[_locale()]


@cache
def _catalogues(directory: Path) -> Mapping[str, gnu.NullTranslations]:
    """By locale. One that was not compiled is not here, so its language is English."""
    found: dict[str, gnu.NullTranslations] = {SOURCE_LANGUAGE: gnu.NullTranslations()}
    for path in directory.glob("*/LC_MESSAGES/messages.mo"):
        with path.open("rb") as file:
            found[path.parts[-3]] = gnu.GNUTranslations(file)
    return found
