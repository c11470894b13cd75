"""The brief as a Word file: the same words in the same order as the page, in styles and tables that can be edited."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.makers import TODAY, make_account
from tests.pages import freeze, get, kept, load_seeds
from tracker.choices import Visibility
from tracker.models import Note, Proposal
from tracker.staff_scales import AccountRole

pytestmark = pytest.mark.django_db
ASKED = "?counterpart=yunnan"


@pytest.fixture(scope="module", autouse=True)
def seeds(django_db_setup, django_db_blocker):
    yield from kept(django_db_blocker, load_seeds)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def opened(client, asked=ASKED, **headers):
    response = client.get(f"/brief.docx{asked}", headers=headers)
    assert response.status_code == 200
    return Document(io.BytesIO(response.content))


def plain(text):
    """Letters and digits only: signs between words differ from page to paper."""
    return "".join(re.findall(r"\w+", text))


def entries(written):
    """Give the words of each numbered entry: of a merged cell once."""
    found = {}
    for table in written.tables:
        for row in table.rows[1:]:
            cells = list(dict.fromkeys(cell._tc for cell in row.cells))
            texts = ["".join(node.text or "" for node in cell.iter(qn("w:t"))) for cell in cells]
            if texts[0].isdigit():
                found.setdefault(int(texts[0]), []).extend(texts[1:])
    return {number: plain("".join(texts)) for number, texts in found.items()}


@pytest.mark.parametrize("language", ["en", "vi", "zh-hans"])
def test_the_file_says_what_the_page_says(client, language):
    page = get(client, f"/brief/{ASKED}", accept_language=language)
    written = opened(client, accept_language=language)
    shown = {}
    for item in page.all("tbody", "item"):
        number, *cells = [one for one in item.all() if one.tag in ("th", "td")]
        shown[int(number.text)] = plain("".join(cell.text for cell in cells))
    assert entries(written) == shown
    assert len(shown) > 30
    headings = [one.text for one in written.paragraphs if one.style.name == "Heading 1"]
    assert [plain(one) for one in headings] == [plain(one.text) for one in page_headings(page)]


def page_headings(page):
    found = []
    for one in page.one(css="brief").all("h2"):
        one.children = [child for child in one.children if isinstance(child, str) or "rule" not in child.attrs["class"]]
        found.append(one)
    return found


@pytest.mark.parametrize(("language", "tag"), [("en", "en-GB"), ("vi", "vi-VN"), ("zh-hans", "zh-CN")])
def test_the_file_is_a4_with_styles_for_both_scripts_and_page_numbers(client, language, tag):
    written = opened(client, accept_language=language)
    section = written.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    properties = written.styles["Normal"].element.rPr
    assert properties.find(qn("w:lang")).get(qn("w:val")) == tag
    assert properties.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    assert properties.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "SimSun"
    fields = [one.get(qn("w:instr")) for one in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    for table in written.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_the_file_is_named_after_counterpart_and_day(client):
    response = client.get(f"/brief.docx{ASKED}&as_of=2025-01-01")
    assert response["Content-Disposition"] == 'attachment; filename="brief-yunnan-2025-01-01.docx"'
    assert response["Content-Type"].endswith("wordprocessingml.document")


def test_a_file_with_internal_notes_says_so_on_every_page(client):
    proposal = Proposal.objects.get(slug="smart-gate-yunnan")
    Note.objects.create(proposal=proposal, written_on=TODAY, text="Keep calm.", visibility=Visibility.INTERNAL)
    assert "Keep calm." not in "".join(words_of(opened(client)))
    client.force_login(make_account(AccountRole.EDITOR))
    written = opened(client)
    assert "[Internal] Note 2026-11-20: Keep calm." in "".join(words_of(written))
    assert written.sections[0].header.paragraphs[0].text == "Internal – Brief: Yunnan"
    public = opened(client, f"{ASKED}&public=1")
    assert "Keep calm." not in "".join(words_of(public))
    assert public.sections[0].header.paragraphs[0].text == "Brief: Yunnan"


def words_of(written):
    return [cell.text for table in written.tables for row in table.rows for cell in row.cells]


def test_a_file_needs_a_counterpart(client):
    response = client.get("/brief.docx")
    assert response.status_code == 400
    assert "counterpart: is missing; allowed:" in response.content.decode()
