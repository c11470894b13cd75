"""Pages read as a visitor reads them: text, links, tables; and the day on which they are read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from docx import Document
from docx.oxml.ns import qn

from tests.makers import TODAY

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_INLINE = {"a", "code", "small", "span", "strong", "time"}


@dataclass
class Node:
    """An element of a page."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, runs of white space made one space; scripts are not words."""
        return " ".join("".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style"):
                around = "" if child.tag in _INLINE else " "
                yield around
                yield from child._words()
                yield around

    def all(self, tag: str = "", css: str = "", **attrs: str) -> list[Node]:
        """Find the elements with this tag, class and attributes, in the order of the page."""
        return [node for node in self._below() if node._is(tag, css, attrs)]

    def one(self, tag: str = "", css: str = "", **attrs: str) -> Node:
        """Find the only such element."""
        (found,) = self.all(tag, css, **attrs)
        return found

    def id(self, name: str) -> Node:
        """Find the element with this id; an id stands once on a page."""
        return self.one(id=name)

    def _below(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child._below()

    def _is(self, tag: str, css: str, attrs: dict[str, str]) -> bool:
        return (
            (not tag or self.tag == tag)
            and (not css or css in self.attrs.get("class", "").split())
            and all(self.attrs.get(name.rstrip("_").replace("_", "-")) == value for name, value in attrs.items())
        )

    def links(self) -> list[tuple[str, str]]:
        """Give (address, words) of the links."""
        return [(node.attrs["href"], node.text) for node in self.all("a") if "href" in node.attrs]

    def section(self, heading_id: str) -> Node:
        """Find the section that the heading with this id names."""
        return self.one("section", aria_labelledby=heading_id)

    def rows(self) -> list[list[str]]:
        """Give the words of the cells of a table's body."""
        return [[cell.text for cell in row.children if isinstance(cell, Node)] for row in self.one("tbody").all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag):
        if tag in _VOID:
            return
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(response) -> Node:
    """Read a page whose elements are all closed in order."""
    reader = _Reader()
    reader.feed(response.content.decode())
    assert reader.open == [reader.root], "an element is never closed"
    return reader.root


def get(client, address: str, status: int = 200, **headers: str) -> Node:
    """Open a page that answers with this status."""
    response = client.get(address, headers=headers)
    assert response.status_code == status, (address, response.status_code)
    return read(response)


def csv_text(client, address: str, **headers: str) -> str:
    """Download a table."""
    response = client.get(address, headers=headers)
    assert response.status_code == 200, (address, response.content)
    assert response.streaming
    return b"".join(response).decode()


def word_text(response) -> str:
    """Give the words of a Word file, paragraph by paragraph."""
    assert response.status_code == 200, response.content
    body = Document(io.BytesIO(response.content)).element.body
    return "\n".join("".join(run.text or "" for run in line.iter(qn("w:t"))) for line in body.iter(qn("w:p")))


def slugs(page: Node) -> list[str]:
    """Give the proposals that a register page lists, in order."""
    tables = page.all("table", "cards-on-phone")
    if not tables:
        return []
    firsts = [row.all("a")[0].attrs["href"] for row in tables[0].one("tbody").all("tr")]
    return [urlsplit(href).path.split("/")[2] for href in firsts]


def found(page: Node) -> int:
    """Give how many proposals a register page says that it found."""
    said = page.one(css="results-head").one("strong").text
    return int(re.fullmatch(r"(\d+) proposals?", said)[1])


def local(page_address: str, href: str) -> str | None:
    """Resolve a link of a page; None where it leads elsewhere or only down the page."""
    address = urlsplit(urljoin(f"http://testserver{page_address}", href))
    if href.startswith("#") or address.netloc != "testserver":
        return None
    return address.path + (f"?{address.query}" if address.query else "")


def numbers(page: Node) -> list[tuple[str, int]]:
    """Give (address, number) of every link to the register whose words hold exactly one number."""
    pairs = []
    for href, words in page.one("main").links():
        if urlsplit(href).path == "/proposals/":
            said = re.findall(r"\d+", words)
            if len(said) == 1:
                pairs.append((href, int(said[0])))
    return pairs


def crawl(client, starts: Iterable[str], follow: Callable[[str], bool]) -> dict[str, Node | str]:
    """Open pages, and all that they lead to; give them by address."""
    pages: dict[str, Node | str] = {}
    waiting = list(starts)
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        if urlsplit(address).path.endswith((".ics", ".atom")):
            pages[address] = client.get(address).content.decode()
            continue
        if urlsplit(address).path.endswith(".csv"):
            pages[address] = csv_text(client, address)
            continue
        if urlsplit(address).path.endswith(".docx"):
            pages[address] = word_text(client.get(address))
            continue
        page = pages[address] = get(client, address)
        for href, words in page.links():
            target = None if words == "Back to today" else local(address, href)
            if target and not target.startswith("/admin/") and follow(target):
                waiting.append(target)
    return pages


def freeze(monkeypatch, day=TODAY) -> None:
    """Make it this day in Vietnam."""
    monkeypatch.setattr(timezone, "localdate", lambda *_args: day)


def kept(blocker, make: Callable[[], object]) -> Iterator[None]:
    """Make records once for all tests of a module and take them back after the last."""
    with blocker.unblock(), transaction.atomic():
        make()
        yield
        transaction.set_rollback(True)


def load_seeds() -> None:
    """Load the seeds that the tracker starts with."""
    call_command("load_seeds", stdout=io.StringIO())
