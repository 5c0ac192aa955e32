"""A parsed HTML page, as small as the tests of the report need it. A page that is not well-formed fails to parse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_VOID = {"meta", "br", "link", "img", "input", "hr", "base", "source", "embed", "track", "wbr", "area", "col"}


@dataclass
class Element:
    """An element with its attributes and what stands in it."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements below with this tag and these attributes; `class_` for class, `_` for a hyphen."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            found
            for found in self.walk()
            if found.tag == tag and all(found.attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def text(self) -> str:
        """All text in it, as a browser shows it, but for style sheets."""
        if self.tag == "style":
            return ""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def people(self) -> list[str]:
        """The ids of the profiles named in it: the small print behind a name, or the name itself."""
        found: list[str] = []
        for element in self.walk():
            if element.tag == "strong":
                found.append(element.text)
            elif element.tag == "small" and element.attributes.get("class") == "id":
                found[-1] = element.text
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(path: Path) -> Element:
    """Return the page in this file."""
    return read_text(path.read_bytes().decode("utf-8"))


def read_text(text: str) -> Element:
    """Return this page."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert [element.tag for element in builder.open] == ["page"]
    return builder.open[0]


def read_report(out: Path) -> Element:
    """Return the report of a run."""
    return read_page(out / "report.html")


def section(page: Element, name: str) -> Element:
    """Return the section of a kind, or that of the offers."""
    (found,) = page.all("section", aria_labelledby=name)
    return found


def matched_on(page: Element) -> list[tuple[str, str]]:
    """Return the pairs that the page shows as matches."""
    return [(people[0], people[1]) for people in (article.people for article in page.all("article"))]
