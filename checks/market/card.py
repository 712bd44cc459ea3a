"""Rules about the Market card in `docs/market.md`, its versions and its pictures."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from checks.market.rules import Rule, require, require_none
from checks.market.scene import Scene
from installation.manifest import read_manifest
from settings import ROOT
from waitlist.models import MOST_CUSTOMERS

CARD = ROOT / "docs" / "market.md"
CHANGELOG = ROOT / "CHANGELOG.md"
PICTURES = ROOT / "market"
FIELDS = (
    "Title",
    "Short description",
    "Full description",
    "Keywords",
    "Installation",
    "Support",
    "What's new",
)
LONGEST_KEYWORDS = 2000
LONGEST_SHORT = 250
"""Characters. The Market names no number, but shows one or two sentences."""
LIMITS = ("25.300.0", "https", "CRM", str(MOST_CUSTOMERS))
"""What each full description has to say: the version, the address, the rights, the customers."""
MISSPELLED = re.compile(r"Bitrix 24|BITRIX|bitrix24(?!\.)|Marketplace|\bTest\b")
SENTENCE_END = re.compile(r"[.!?؟](?:\s|$)")
SMALLEST_ICON, LARGEST_ICON = 250, 650
LARGEST_PICTURE = (1280, 720)
PICTURES_EACH = 5
OPAQUE = frozenset({0, 2, 3})
"""Color types of PNG without an alpha channel."""

Cards = dict[str, dict[str, str]]


def read_cards() -> Cards:
    """Read the fields of each card, by the language codes of Bitrix24."""
    parts = re.split(r"^## .*\(([a-z]{2})\)$", CARD.read_text(), flags=re.MULTILINE)
    return {code: dict(_fields(text)) for code, text in zip(parts[1::2], parts[2::2], strict=True)}


def _fields(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^### (.*)$", text, flags=re.MULTILINE)
    return zip(parts[1::2], map(str.strip, parts[2::2]), strict=True)


def languages() -> list[str]:
    """Return the language codes of the card, as Bitrix24 has them."""
    return list(read_manifest().title)


def all_fields(_scene: Scene) -> str:
    cards = read_cards()
    shipped = languages()
    require(list(cards) == shipped, f"cards in {list(cards)}, shipped are {shipped}")
    empty = {
        code: [name for name in FIELDS if not card.get(name)]
        for code, card in cards.items()
        if tuple(card) != FIELDS or not all(card.values())
    }
    require_none(empty, "fields missing or empty")
    return f"{len(FIELDS)} fields in {len(cards)} languages"


def same_title(_scene: Scene) -> str:
    name = read_manifest().name
    titles = {card["Title"] for card in read_cards().values()}
    require(titles == {name}, f"titles {titles}, install.json says {name}")
    return name


def short_description(_scene: Scene) -> str:
    name = read_manifest().name
    wrong = [
        code
        for code, card in read_cards().items()
        if (short := card["Short description"])
        and (
            len(short) > LONGEST_SHORT
            or name in short
            or not 1 <= len(SENTENCE_END.findall(short)) <= 2
        )
    ]
    require_none(wrong, "too long, more than two sentences, or with the title, in")
    return f"one or two sentences with at most {LONGEST_SHORT} letters, without the title"


def full_description(_scene: Scene) -> str:
    cards = read_cards()
    unsaid = {
        code: missing
        for code, card in cards.items()
        if (missing := [limit for limit in LIMITS if limit not in card["Full description"]])
    }
    require_none(unsaid, "limits that are not told")
    points = {code: card["Full description"].count("\n* ") for code, card in cards.items()}
    require(len(set(points.values())) == 1, f"points by language: {points}")
    return f"{points['en']} points in each language, with plan, rights, versions and limits"


def keywords(_scene: Scene) -> str:
    wrong = {}
    for code, card in read_cards().items():
        words = [word.strip().casefold() for word in card["Keywords"].split(",")]
        spam = "bitrix" in card["Keywords"].casefold() or len(set(words)) < len(words)
        if len(card["Keywords"]) > LONGEST_KEYWORDS or len(words) < 5 or spam or "" in words:
            wrong[code] = len(card["Keywords"])
    require_none(wrong, "too many letters, too few words, a brand or a word twice")
    return f"at most {LONGEST_KEYWORDS} letters, no brand, no word twice"


def support(_scene: Scene) -> str:
    """Look for contacts, which only the support field has, and for its hours."""
    cards = read_cards()
    wrong = [
        code
        for code, card in cards.items()
        if not re.search(r"\S+@\S+", card["Support"]) or not re.search("CET|MEZ", card["Support"])
    ]
    require_none(wrong, "no address or no time zone in")
    elsewhere = [
        f"{code}: {name}"
        for code, card in cards.items()
        for name, text in card.items()
        if ("@" in text and name != "Support") or re.search(r"\.ru\b", text)
    ]
    require_none(elsewhere, "contacts in another field, or of another region")
    return "an address, hours and a time to answer, and contacts nowhere else"


def in_its_language(_scene: Scene) -> str:
    cards, titles = read_cards(), read_manifest().title
    same = [
        f"{code}: {name}"
        for code, card in cards.items()
        for name in FIELDS[1:]
        if code != "en" and card[name] == cards["en"][name]
    ]
    require_none(same, "in English")
    told = {code: " ".join(card.values()).casefold() for code, card in cards.items()}
    require_none([code for code, text in told.items() if titles[code].casefold() not in text], "no")
    return f"{len(cards)} languages, each with its own word for {titles['en'].lower()}"


def spelling(_scene: Scene) -> str:
    found = {
        code: words
        for code, card in read_cards().items()
        if (words := MISSPELLED.findall(" ".join(card.values())))
    }
    require_none(found, "misspelled")
    return "Bitrix24 and Market are spelled as the vendor does"


def agrees_with_manifest(_scene: Scene) -> str:
    """Compare the tables of scopes and placements, each with the screen that needs it."""
    manifest = read_manifest()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", CARD.read_text(), re.MULTILINE))
    wanted = {*manifest.scopes, *(place.placement for place in manifest.placements)}
    require(set(rows) == wanted, f"the card has {sorted(rows)}, install.json {sorted(wanted)}")
    return f"{len(manifest.scopes)} scopes and {len(manifest.placements)} placements, with screens"


def same_version(_scene: Scene) -> str:
    newest = re.findall(r"^## \[([^\]]+)\]", CHANGELOG.read_text(), re.MULTILINE)[0]
    version = read_manifest().version
    require(newest == version, f"install.json has {version}, the changelog begins with {newest}")
    return version


def icon(_scene: Scene) -> str:
    width, height, color = _png(PICTURES / "icon.png")
    square = width == height and SMALLEST_ICON <= width <= LARGEST_ICON
    require(square, f"{width} by {height} pixels")
    require(color in OPAQUE, "it has an alpha channel")
    return f"{width} by {height} pixels, opaque"


def pictures(_scene: Scene) -> str:
    found = {code: sorted((PICTURES / code).glob("*.png")) for code in languages()}
    few = {code: len(files) for code, files in found.items() if len(files) != PICTURES_EACH}
    require_none(few, "run `make screenshots`; pictures by language")
    sizes = {path: _png(path)[:2] for files in found.values() for path in files}
    large = [
        path.name
        for path, size in sizes.items()
        if size[0] > LARGEST_PICTURE[0] or size[1] > LARGEST_PICTURE[1]
    ]
    require_none(large, "too large")
    return f"{len(sizes)} pictures in {len(found)} languages, none larger than 1280 by 720"


def _png(path: Path) -> tuple[int, int, int]:
    """Return width, height and color type of a PNG file."""
    head = path.read_bytes()[:26]
    require(head.startswith(b"\x89PNG"), f"{path.name} is no PNG")
    width, height, _depth, color = struct.unpack(">IIBB", head[16:26])
    return width, height, color


RULES = (
    Rule("Every field of the card is filled in, in each language", all_fields),
    Rule("The title is the app's name", same_title),
    Rule("The short description is short", short_description),
    Rule("The full description tells possibilities and limits", full_description),
    Rule("The keywords keep to the rules", keywords),
    Rule("Support has its own field, with hours", support),
    Rule("Texts are in the language of the card", in_its_language),
    Rule("Names of the vendor are spelled right", spelling),
    Rule("The card and install.json agree", agrees_with_manifest),
    Rule("install.json and the changelog have the same version", same_version),
    Rule("The icon is square, opaque and of the right size", icon),
)
MADE = (Rule("Pictures show the app, five for each language", pictures),)
"""Rules about files that `make screenshots` makes."""
