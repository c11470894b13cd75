"""Every public page on every screen: nothing overflows, nothing is cut, charts draw and lead to their rows."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look

PAGES = [
    "",
    "proposals/",
    "proposals/long-phu-gate/",
    "meetings/",
    "meetings/pm-wang-ning-2024/",
    "targets/",
    "targets/vietnam-yunnan-trade/",
    "gates/",
    "gates/a-pa-chai-long-phu/",
    "follow-up/",
    "changes/?from=2024-11-06&to=2026-03-31",
    "sources/",
    "sources/sggp-pm-wang-ning-2024/",
    "method/",
    "data/",
]
# The charts of every page at the narrowest and at a usual width, and those of the front page also between and beyond
DRAWN = [("", 768), ("", 1920), ("gates/", 1100)] + [
    (path, width)
    for path in (
        "",
        "proposals/",
        "meetings/",
        "meetings/pm-lan-tianli-2024/",
        "targets/vietnam-yunnan-trade/",
        "targets/lao-cai-gate-trade/",
        "gates/",
    )
    for width in (360, 1440)
]
# Words of a chart that stick out of its drawing, or lie over one another
MISPLACED_LABELS = """figure => {
  const frame = figure.getBoundingClientRect();
  const texts = [...figure.querySelectorAll('.main-svg text')].filter(text => text.textContent.trim());
  const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
  const out = boxes.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(([words]) => 'cut: ' + words);
  const over = [];
  boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > 3) over.push('over one another: ' + one + ' / ' + other);
  }));
  return [...out, ...over];
}"""


def draw_charts(page):
    """Scroll each chart into view and wait until it is drawn."""
    figures = page.locator("figure[data-chart]")
    for index in range(figures.count()):
        figures.nth(index).scroll_into_view_if_needed()
        figures.nth(index).locator(".main-svg").first.wait_for(timeout=20_000)
    return figures


# A colour scheme moves nothing, so each screen is measured in one of them
@pytest.mark.parametrize("look", [Look("phone", "light"), Look("desktop", "dark")], ids=str)
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(live, open_page, path, look):
    page = open_page(look)
    assert page.goto(live / path).status == 200
    width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(
    ("path", "width", "locale"),
    [
        (path, width, locale)
        for path, width in DRAWN
        for locale in ("en", "vi", "zh-CN")
        # Vietnamese words are the longest and Chinese the shortest
        if locale == "vi" or width == (360 if locale == "zh-CN" else 1440)
    ],
)
def test_no_label_of_a_chart_is_cut_or_covers_another(live, open_page, path, width, locale):
    page = open_page(locale=locale)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live / path)
    figures = draw_charts(page)
    assert figures.count() > 0
    for index in range(figures.count()):
        assert figures.nth(index).evaluate(MISPLACED_LABELS) == []


def test_a_mark_of_a_chart_leads_to_the_rows_behind_it(live, page):
    page.goto(live / "")
    draw_charts(page)
    mark = page.locator("figure[data-chart] .main-svg .bars .point path").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/proposals/?**")
    assert "theme=" in page.url
    assert "status=" in page.url


def test_a_gate_on_the_map_tells_its_names_and_leads_to_its_page(live, page):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live / "gates/")
    draw_charts(page)
    # the gates' own marks come last; the first of them lies furthest west
    mark = page.locator("figure[data-chart] .main-svg").first.locator(".scatterlayer .trace:last-child .point").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".hoverlayer").first).to_contain_text("A Pa Chải – Long Phú")
    expect(page.locator(".hoverlayer").first).to_contain_text("阿巴寨—龙富")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/gates/a-pa-chai-long-phu/")


def test_each_chart_has_its_numbers_in_a_table_with_links(live, page):
    page.goto(live / "")
    for figure in draw_charts(page).all():
        table = figure.locator("table")
        assert table.count() == 1
        assert table.locator("tbody a").count() > 0


def test_without_scripts_the_pages_and_their_tables_are_whole(live, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(live / "")
    assert page.locator("figure[data-chart] table").first.is_visible()
    page.goto(live / "proposals/")
    page.locator("input[name=status][value=completed]").check()
    page.get_by_role("button", name="Apply").click()
    assert "status=completed" in page.url
    assert page.locator("#results table.data").first.locator("tbody tr").count() == 3
    page.goto(live / "proposals/?status=completed&gate=a-pa-chai-long-phu")
    assert page.get_by_text("Nothing matches all of these filters.").is_visible()


def test_choosing_a_filter_changes_the_table_without_a_reload(live, page):
    page.goto(live / "proposals/")
    page.evaluate("window.sameDocument = true")
    rows = page.locator("#results .table-scroll").first.locator("tbody tr")
    before = rows.count()
    assert before > 5
    page.locator("input[name=status][value=completed]").check()
    page.wait_for_url("**status=completed**")
    expect(rows).to_have_count(3)
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    expect(rows).to_have_count(before)
    expect(page.locator("input[name=status][value=completed]")).not_to_be_checked()


def test_a_filter_chosen_without_a_reload_stays_with_another_day_and_language(live, page):
    def choose(status):
        draw_charts(page)
        page.locator(f"input[name=status][value={status}]").check()
        page.wait_for_url(f"**status={status}*")

    def asked():
        return parse_qs(urlsplit(page.url).query, keep_blank_values=True)

    page.goto(live / "proposals/")
    choose("completed")
    assert asked() == {"status": ["completed"]}
    page.locator("#as-of").fill("2024-11-06")
    page.locator(".as-of button").click()
    page.wait_for_url("**as_of=**")
    assert asked() == {"status": ["completed"], "as_of": ["2024-11-06"]}
    choose("agreed")
    page.locator("button[name=language][value=vi]").click()
    page.locator("html[lang=vi]").wait_for()
    assert asked() == {"status": ["agreed", "completed"], "as_of": ["2024-11-06"]}
    choose("proposed")
    page.locator(".as-of p a").click()
    page.wait_for_url(lambda address: "as_of" not in address)
    assert asked() == {"status": ["proposed", "agreed", "completed"]}


def test_going_back_takes_the_day_and_the_language_to_the_former_filters(live, page):
    page.goto(live / "proposals/?theme=border-gates")
    draw_charts(page)
    page.locator("input[name=status][value=under_way]").check()
    page.wait_for_url("**status=under_way**")
    page.go_back()
    page.wait_for_url(live / "proposals/?theme=border-gates")
    expect(page.locator(".languages input[name=next]")).to_have_value("/proposals/?theme=border-gates")
    expect(page.locator(".as-of form input[type=hidden]")).to_have_count(1)
    hidden = page.locator(".as-of form input[type=hidden]").all()
    assert [(one.get_attribute("name"), one.input_value()) for one in hidden] == [("theme", "border-gates")]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("Open the Long Phu bilateral border gate (A Pa Chai – Long Phu)", ["Pham Duc Toan", "No answer on record"]),
        ("2026 spring meeting of Party Secretaries with Guangxi", ["Nanning, Guangxi", "Train officials"]),
        ("Asked, no answer on record", ["Without: Answer"]),
        ("Raise Vietnam–Yunnan trade to US$5 billion", ["5 billion US dollars", "¶ 6"]),
    ],
)
def test_a_newcomer_finds_it_from_the_overview_with_one_click(live, page, link, words):
    page.goto(live / "")
    page.get_by_role("link", name=link).first.click()
    for word in words:
        assert page.locator("#content").get_by_text(word).locator("visible=true").count() > 0


def test_the_language_and_the_day_stay_while_walking_through_the_pages(live, page):
    page.goto(live / "?as_of=2024-06-30")
    page.locator("button[name=language][value=vi]").click()
    assert page.locator("html").get_attribute("lang") == "vi"
    assert "as_of=2024-06-30" in page.url
    for address in ("proposals/", "meetings/", "sources/", "method/", "data/"):
        page.locator(f".main-nav a[href^='/{address}']").click()
        assert "as_of=2024-06-30" in page.url
        assert page.locator("html").get_attribute("lang") == "vi"


def test_a_wrong_address_is_answered_in_words(live, page, faults):
    page.goto(live / "proposals/?status=finished")
    assert page.get_by_text("“finished” is not known here").is_visible()
    page.goto(live / "?as_of=yesterday")
    assert page.get_by_text("“yesterday” is not a day").is_visible()
    page.goto(live / "proposals/no-such-thing/")
    assert page.get_by_role("heading", level=1).is_visible()
    faults.clear()  # the browser reports answers of 400 and 404 as errors


def test_the_register_prints_in_black_on_white(live, open_page):
    page = open_page(Look("desktop", "dark"))
    page.goto(live / "proposals/")
    page.emulate_media(media="print", color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert not page.locator(".filter-panel").is_visible()
