"""The brief on paper: the next conference with Yunnan on at most four pages of A4, in each language."""

import re

import pytest

from tests.browser.conftest import Look

SHEET = "brief/?counterpart=yunnan&meeting=yunnan-secretaries-conference-6"
A4 = (595, 842)


@pytest.mark.parametrize("language", ["en", "vi", "zh-hans"])
def test_the_brief_for_yunnan_fits_on_four_pages(live, open_page, language):
    page = open_page(locale=language)
    page.goto(live / SHEET)
    printed = page.pdf(prefer_css_page_size=True)
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 4
    boxes = re.findall(rb"/MediaBox \[([^]]+)", printed)
    assert {tuple(round(float(side)) for side in one.split()[2:]) for one in boxes} == {A4}


def test_on_paper_there_is_nothing_to_click_and_no_colour_that_says_more_than_its_word(live, page):
    page.goto(live / SHEET)
    page.emulate_media(media="print")
    assert not page.locator(".banner").is_visible()
    assert not page.locator(".filter-panel").is_visible()
    colours = page.evaluate("[...document.querySelectorAll('.brief .line')].map(one => getComputedStyle(one).color)")
    assert set(colours) == {"rgb(0, 0, 0)"}


def test_the_print_button_prints(live, page):
    page.add_init_script("window.print = () => { document.title = 'printed'; }")
    page.goto(live / SHEET)
    page.get_by_role("button", name="Print").click()
    assert page.title() == "printed"


def test_numbers_of_matters_stand_in_one_line_on_a_phone(live, open_page):
    page = open_page(Look("phone"))
    page.goto(live / SHEET)
    heights = page.evaluate(
        """[...document.querySelectorAll('.brief th.no')].map(one => {
            const range = document.createRange(); range.selectNodeContents(one); return range.getClientRects().length;
        })"""
    )
    assert len(heights) > 30
    assert set(heights[-10:]) == {1}


@pytest.mark.parametrize("look", [Look("phone"), Look("phone", "dark"), Look()], ids=str)
def test_the_brief_does_not_scroll_sideways(live, open_page, look):
    page = open_page(look)
    for address in ("brief/", SHEET):
        page.goto(live / address)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
