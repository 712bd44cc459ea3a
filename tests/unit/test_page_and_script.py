"""docs/page-and-script.md names the attributes and events that the page uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
SCRIPT = ROOT / "static" / "js"
DOCUMENT = (ROOT / "docs" / "page-and-script.md").read_text()
ATTRIBUTE = re.compile(r"\bdata-([a-z]+(?:-[a-z]+)*)")


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading of the document."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    for line in re.findall(r"^\| `.*\|$", section, re.MULTILINE):
        yield [cell.strip() for cell in line.strip("|").split("|")]


def texts(room: str) -> Iterator[str]:
    """What a room's templates say. *shared* are those that stand beside the rooms."""
    folder = TEMPLATES if room == "shared" else TEMPLATES / room
    yield from (path.read_text() for path in folder.glob("*.html"))


def camel(attribute: str) -> str:
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), attribute)


def declared() -> set[str]:
    """The attributes that page.d.ts tells the type checker, which knows no others."""
    text = (SCRIPT / "page.d.ts").read_text()
    names = re.findall(r"'(\w+)'", text.split("interface DOMStringMap ")[1].split("{")[0])
    return {re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name) for name in names}


def test_the_table_names_every_attribute_that_is_written_or_read() -> None:
    documented = {row[0].strip("`").removeprefix("data-") for row in rows("Attributes")}
    sources = [*TEMPLATES.rglob("*.html"), *SCRIPT.rglob("*.js")]
    used = {name for path in sources for name in ATTRIBUTE.findall(path.read_text())}
    assert documented == used | declared()


def test_each_attribute_is_written_where_the_table_says() -> None:
    rooms = {"shared", *(path.name for path in TEMPLATES.iterdir() if path.is_dir())}
    for name, _, writers, _ in rows("Attributes"):
        attribute = re.compile(rf"\b{name.strip('`')}\b(?!-)")
        written = {room for room in rooms if any(attribute.search(text) for text in texts(room))}
        assert written == set(writers.split(", ")) - {"script"}, name


def test_each_attribute_is_read_where_the_table_says() -> None:
    for name, _, _, readers in rows("Attributes"):
        attribute = name.strip("`")
        for reader in readers.split(", "):
            text = (SCRIPT / f"{reader}.js").read_text()
            words = (attribute, camel(attribute.removeprefix("data-")), "dataset[key]")
            assert any(word in text for word in words), f"{attribute} in {reader}"


def test_the_table_names_every_event_of_our_own() -> None:
    documented = {row[0].strip("`") for row in rows("Events")}
    text = "".join(path.read_text() for path in SCRIPT.rglob("*.js"))
    sent = set(re.findall(r"new Event\('(\w+)'", text)) - {"input"}
    maps = (SCRIPT / "page.d.ts").read_text().split("interface GlobalEventHandlersEventMap {")[1]
    heard = set(re.findall(r"^  '?([\w-]+)'?:", maps.split("}")[0], re.MULTILINE))
    assert documented == heard
    assert sent <= heard
