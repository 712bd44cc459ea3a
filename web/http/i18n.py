"""Translates texts into the language of the portal's user, or else of the browser.

A portal has its own language codes: `la` is Spanish, `br` is Brazilian Portuguese. Source: the
language list of the official JavaScript SDK. docs/decisions/0007-translations.md says why this is
not Flask-Babel.
"""

import gettext as gnu
from collections.abc import Iterable, Mapping
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


def locale_of(language: str) -> str:
    """Return the locale for a portal's code or a tag like `pt-BR`, or English."""
    primary = _primary(language)
    locale = PORTAL_LANGUAGES.get(primary, primary)
    return locale if locale in _catalogs(TRANSLATIONS) else _locales().get(primary, SOURCE_LANGUAGE)


def use_language(language: str) -> None:
    """Set the language of this request, by a code of the portal or a tag."""
    g.locale = locale_of(language)


def browser_language() -> str:
    """Return the portal's code for the language that the browser prefers."""
    known, portal_codes = _locales(), {locale: code for code, locale in PORTAL_LANGUAGES.items()}
    # Werkzeug's best_match prefers `en;q=0.5` to `es-MX`, where there is only `es`.
    wanted = [_primary(tag) for tag, quality in request.accept_languages if quality > 0]
    locale = next((known[one] for one in wanted if one in known), SOURCE_LANGUAGE)
    return portal_codes.get(locale, locale)


def gettext(text: str) -> str:
    return _catalog().gettext(text)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _catalog().ngettext(singular, plural, number)


def isolated(text: str) -> str:
    """Return a name, as a part of a sentence that may read from right to left.

    It keeps its own direction: a name may be a phone number, whose groups of digits would change
    places. The characters are invisible. Source: Unicode Standard Annex 9, section 2.7.
    """
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if _reads_left() else text


def joined(texts: Iterable[str]) -> str:
    """Return texts one after the other, with the comma of the language."""
    return ("\N{ARABIC COMMA} " if _reads_left() else ", ").join(texts)


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, for a sentence."""
    return joined(map(isolated, names))


class LazyText:
    """A text that is translated each time it is shown, for tables at module level."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return _catalog().gettext(self._text)


N_ = LazyText
"""pybabel finds such texts by this name."""


def init_app(app: Flask) -> None:
    """Make texts translatable in templates. They also get the language and its direction."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.filters["listed"] = listed
    app.context_processor(
        lambda: {
            "lang": _locale().replace("_", "-"),
            "direction": "rtl" if _reads_left() else "ltr",
        }
    )


def _locale() -> str:
    if "locale" not in g:
        use_language(browser_language())
    return str(g.locale)


def _reads_left() -> bool:
    """Return whether the language of this request reads from right to left."""
    return _locale() in RIGHT_TO_LEFT


def _primary(tag: str) -> str:
    """Return the language of a tag or a locale, without its country."""
    return tag.replace("_", "-").partition("-")[0].lower()


def _locales() -> dict[str, str]:
    """Return the locales by their languages."""
    return {_primary(locale): locale for locale in _catalogs(TRANSLATIONS)}


def _catalog() -> gnu.NullTranslations:
    return _catalogs(TRANSLATIONS)[_locale()]


@cache
def _catalogs(directory: Path) -> Mapping[str, gnu.NullTranslations]:
    """Read all catalogs, by locale. A language without a compiled catalog is shown in English."""
    found: dict[str, gnu.NullTranslations] = {SOURCE_LANGUAGE: gnu.NullTranslations()}
    for path in directory.glob("*/LC_MESSAGES/messages.mo"):
        with path.open("rb") as file:
            found[path.parts[-3]] = gnu.GNUTranslations(file)
    return found
