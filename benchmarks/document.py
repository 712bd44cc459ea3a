"""The figures in a document, between two marks."""

from pathlib import Path

_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def write_figures(name: str, figures: str) -> None:
    """Print figures, and put them into a document of `docs/` in place of the old ones."""
    print(figures)
    path = Path(__file__).parents[1] / "docs" / name
    head, rest = path.read_text(encoding="utf-8").split(_BEGIN)
    tail = rest.split(_END)[1]
    path.write_text(f"{head}{_BEGIN}\n{figures}\n{_END}{tail}", encoding="utf-8")
