"""Small drawings as SVG. They are built as trees, so that whatever a name holds is text and never markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

LONGEST_LABEL = 18


class Drawing:
    """A drawing of a size in pixels, with a name that screen readers say."""

    def __init__(self, width: float, height: float, says: str) -> None:
        self.root = ET.Element(
            "svg", {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}", "role": "img"}
        )
        self.root.set("aria-label", says)

    def add(self, tag: str, text: str = "", *, tip: str = "", **attributes: Any) -> None:
        """Add an element; underscores in names of attributes stand for hyphens, and numbers are rounded to a tenth of a pixel."""
        named = {name.rstrip("_").replace("_", "-"): _written(value) for name, value in attributes.items()}
        element = ET.SubElement(self.root, tag, named)
        element.text = text or None
        if tip:
            ET.SubElement(element, "title").text = tip

    def label(self, x: float, y: float, text: str, **attributes: Any) -> None:
        """Add a text, cut where it is long; the whole of it shows as a tip."""
        self.add(
            "text",
            short(text),
            x=x,
            y=y,
            **{"font_size": 12, "fill": "#1f2933", "direction": "ltr", "unicode_bidi": "isolate", **attributes},
        )

    def __str__(self) -> str:
        """Return the drawing as text."""
        return ET.tostring(self.root, encoding="unicode")


def short(text: str, most: int = LONGEST_LABEL) -> str:
    """Return a text with at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _written(value: Any) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
