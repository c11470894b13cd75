"""The sheet for the next meeting as a Word file that can be edited. Texts in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Written
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from tracker.brief_words import Fact, Listed, Mention, Part, Piece, Ref, Row, Sheet
from tracker.metrics.suggestions import Line

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LANGUAGES = {"en": "en-GB", "vi": "vi-VN", "zh-hans": "zh-CN"}
# Fonts that every office has; one that lacks them draws its own in their place.
_LATIN, _EAST_ASIAN = "Arial", "SimSun"
_WIDTHS = (Mm(8), Mm(55), Mm(127))
_LEADING = 1.2
_SMALL, _SMALL_LEADING = Pt(8), Pt(9.4)
_SMALLEST, _SMALLEST_LEADING = Pt(6.5), Pt(7.8)
_MARGIN = Mm(10)
# How many letters of the head fit in a line, with room for wide ones.
_HEAD_WIDTH = 100
_SIZES = {"Normal": 8.5, "Title": 15, "Heading 1": 11.5, "Heading 2": 9.5, "List Number": 7.5}
_GREY = RGBColor(0x44, 0x44, 0x44)


def document(sheet: Sheet) -> bytes:
    """Write the sheet."""
    written = Document()
    _page(written, sheet)
    _styles(written)
    written.add_paragraph(sheet.title, style="Title")
    for line in _in_lines(sheet.facts):
        paragraph = written.add_paragraph()
        for place, fact in enumerate(line):
            _labelled(paragraph, fact.label, fact.text, before="   " if place else "")
    for mentions in (sheet.mentions, sheet.lines):
        paragraph = written.add_paragraph()
        for place, mention in enumerate(mentions):
            if mention.numbers:
                _labelled(paragraph, mention.label, _numbers(mention), before="   " if place else "")
    for part in sheet.parts:
        _part(written, part)
    _list(written, _("Meetings"), sheet.meetings)
    _list(written, _("Sources"), sheet.sources)
    file = io.BytesIO()
    written.save(file)
    return file.getvalue()


def _in_lines(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Set the facts of the head in lines: a short one stands beside what goes before."""
    lines: list[list[Fact]] = []
    for fact in facts:
        if lines and sum(len(one.label) + len(one.text) for one in (*lines[-1], fact)) <= _HEAD_WIDTH:
            lines[-1].append(fact)
        else:
            lines.append([fact])
    return lines


def _numbers(mention: Mention) -> str:
    return f"{len(mention.numbers)} ({', '.join(map(str, mention.numbers))})"


def _page(written: Written, sheet: Sheet) -> None:
    """Set A4, the running head and the page numbers."""
    written.core_properties.title = sheet.title
    written.core_properties.author = _("Commitment tracker")
    written.core_properties.language = _LANGUAGES.get(get_language() or "en", "en-GB")
    section = written.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin, section.bottom_margin = Mm(13), Mm(12)
    section.header_distance, section.footer_distance = Mm(6), Mm(6)
    head = section.header.paragraphs[0]
    head.text = f"{_('Internal')} – {sheet.title}" if sheet.is_inside else sheet.title
    head.runs[0].bold = sheet.is_inside
    foot = section.footer.paragraphs[0]
    foot.add_run(_("Commitment tracker"))
    foot.add_run("\t")
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")


def _field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _styles(written: Written) -> None:
    """Set fonts for both scripts and the language that the spelling is checked in."""
    language = _LANGUAGES.get(get_language() or "en", "en-GB")
    for name, size in _SIZES.items():
        style = written.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        properties = style.element.get_or_add_rPr()
        fonts = properties.find(qn("w:rFonts"))
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), _EAST_ASIAN)
        spoken = properties.find(qn("w:lang"))
        if spoken is None:
            spoken = OxmlElement("w:lang")
            properties.append(spoken)
        spoken.set(qn("w:val"), language)
        spoken.set(qn("w:eastAsia"), "zh-CN")
        form = style.paragraph_format
        form.space_before = Pt(6 if name == "Heading 1" else 0)
        form.space_after = Pt(2 if name in ("Title", "Heading 1") else 0)
        # Fonts differ in the height they ask for; a fixed one keeps the sheet to its pages whatever font is there.
        form.line_spacing = Pt(round(size * _LEADING, 1))


def _labelled(paragraph: Paragraph, label: str, text: str, before: str = "") -> None:
    paragraph.add_run(f"{before}{label}: ").bold = True
    paragraph.add_run(text)


def _part(written: Written, part: Part) -> None:
    written.add_heading(f"{part.heading} ({part.count})", 1)
    if part.rule:
        written.add_paragraph(part.rule).paragraph_format.keep_with_next = True
    table = written.add_table(rows=1, cols=3, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _narrow(table)
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = width
    headings = (_("No."), _("How far, by when"), _("Who said what, and what happened since"))
    for cell, width, words in zip(table.rows[0].cells, _WIDTHS, headings, strict=True):
        cell.width = width
        cell.paragraphs[0].add_run(words).bold = True
    _repeat(table.rows[0])
    for group in part.groups:
        for row in group.rows:
            _row(table, row)
    if part.short:
        _span(table, _("In short"))
    for row in part.short:
        _short(table, row)
    for filled in table.rows:
        _whole(filled)


def _narrow(table: Table) -> None:
    """Leave less room beside the text of a cell than Word does by itself."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)


def _repeat(row: _Row) -> None:
    """Print the row again at the top of each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _whole(row: _Row) -> None:
    """Keep the row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _span(table: Table, words: str) -> None:
    cells = table.add_row().cells
    cell = cells[0].merge(cells[2])
    paragraph = cell.paragraphs[0]
    paragraph.style = "Heading 2"
    paragraph.add_run(words)
    paragraph.paragraph_format.keep_with_next = True
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "E8E8E8")
    cell._tc.get_or_add_tcPr().append(shade)


def _row(table: Table, row: Row) -> None:
    """Write a proposal as two rows that stay together: what it is and what to say; how far it is, and who said what."""
    head = table.add_row()
    number, what = head.cells[0], head.cells[1].merge(head.cells[2])
    number.paragraphs[0].add_run(str(row.number)).bold = True
    paragraph = what.paragraphs[0]
    paragraph.add_run(row.title).bold = True
    paragraph.add_run(" – ")
    _suggestion(paragraph, row)
    for one in (number.paragraphs[0], paragraph):
        one.paragraph_format.keep_with_next = True
    blank, facts, said = table.add_row().cells
    number.merge(blank)
    facts.paragraphs[0].add_run(f"{row.theme} · ")
    _standing(facts.paragraphs[0], row)
    facts.paragraphs[0].paragraph_format.line_spacing = _SMALL_LEADING
    for run in facts.paragraphs[0].runs:
        run.font.size = _SMALL
    for place, piece in enumerate(row.pieces):
        if place:
            said.paragraphs[0].add_run(" ▪ ")
        _piece(said.paragraphs[0], piece)


def _short(table: Table, row: Row) -> None:
    cells = table.add_row().cells
    cells[0].paragraphs[0].add_run(str(row.number)).bold = True
    paragraph = cells[1].merge(cells[2]).paragraphs[0]
    paragraph.add_run(row.title).bold = True
    paragraph.add_run(" – ")
    _suggestion(paragraph, row)
    paragraph.add_run(f" · {row.theme} · ")
    _standing(paragraph, row)
    for piece in row.pieces:
        paragraph.add_run(" · ")
        _piece(paragraph, piece)


def _standing(paragraph: Paragraph, row: Row) -> None:
    paragraph.add_run(f"{row.status.look.glyph} {row.status.label}").bold = True
    paragraph.add_run(f" {row.since}")
    paragraph.add_run("".join(f" · {fact}" for fact in row.facts)).font.color.rgb = _GREY
    paragraph.add_run("".join(f" · {mark}" for mark in row.marks)).italic = True


def _suggestion(paragraph: Paragraph, row: Row) -> None:
    paragraph.add_run(f"{row.line.label}").bold = row.line != Line.KEEP
    paragraph.add_run(f": {row.reason}")


def _piece(paragraph: Paragraph, piece: Piece) -> None:
    if piece.inside:
        paragraph.add_run(f"[{piece.inside}] ").bold = True
    paragraph.add_run(piece.label).bold = True
    where = ", ".join(part for part in (piece.when, piece.who) if part)
    if where:
        paragraph.add_run(f" {where}")
    if piece.text:
        paragraph.add_run(f": {piece.text}")
    if piece.tail:
        paragraph.add_run(f" {piece.tail}").bold = True
    if piece.refs:
        paragraph.add_run(f" [{_marks(piece.refs)}]").font.color.rgb = _GREY


def _marks(refs: Iterable[Ref]) -> str:
    return ", ".join(ref.mark for ref in refs)


def _list(written: Written, heading: str, listed: Sequence[Listed]) -> None:
    """Write a list of references as one paragraph: many fit on little paper."""
    if not listed:
        return
    written.add_heading(heading, 1)
    paragraph = written.add_paragraph()
    paragraph.paragraph_format.line_spacing = _SMALLEST_LEADING
    for place, one in enumerate(listed):
        mark = paragraph.add_run(f"[{one.mark}] ")
        text = paragraph.add_run(
            f"{one.text}{f', {one.when}' if one.when else ''}{'; ' if place + 1 < len(listed) else ''}"
        )
        mark.bold = True
        mark.font.size = text.font.size = _SMALLEST
