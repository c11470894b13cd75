"""Figures: valid, faithful to the records, linked mark by mark, and closed to markup."""

import itertools
import re
from datetime import date, timedelta
from xml.sax.saxutils import unescape

import plotly.graph_objects as go
from django.template.loader import render_to_string
from django.test import SimpleTestCase
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tracker.charts import answers, palette, shared, status, timeline
from tracker.choices import AnswerKind, Schedule, Stance, Status
from tracker.metrics.records import AskRow, Exchange, StatusDay, ThemeTally, TimelineBar

TODAY = date(2026, 11, 20)
NASTY = '<b>Trade</b> <a href="javascript:alert(1)">x</a> &amp; %{customdata[0].href} & more'

TALLIES = [
    ThemeTally("trade", "Trade and investment", {Status.AGREED: 2, Status.COMPLETED: 12}),
    ThemeTally("gates", "Cửa khẩu thông minh và hạ tầng thương mại qua biên giới", {Status.UNDER_WAY: 1}),
    ThemeTally("rail", "跨境铁路、公路与物流通道互联互通合作机制建设", {Status.AGREED: 1, Status.DECLINED: 3}),
]
DAYS = [
    StatusDay(date(2024, 6, 12), {Status.PROPOSED: 4}),
    StatusDay(date(2025, 1, 1), {Status.PROPOSED: 2, Status.AGREED: 3}),
    StatusDay(TODAY, {Status.PROPOSED: 2, Status.AGREED: 3}),
]
EXCHANGES = [
    Exchange(
        "lao-cai",
        "Lào Cai",
        "yunnan",
        "Yunnan",
        {AnswerKind.SPECIFIC: 3, AnswerKind.NONE: 1},
        {Status.PLEDGED: 3, Status.PROPOSED: 1},
    ),
    Exchange("yunnan", "云南", "lao-cai", "老街", {AnswerKind.BLANKET: 2}, {Status.AGREED: 2}),
]
ASKS = [
    AskRow("gate", "Open the gate", "Lào Cai", Stance.REQUESTED, AnswerKind.SPECIFIC, Stance.PLEDGED, Status.UNDER_WAY),
    AskRow("rail", "推动标准轨铁路连接线建设", "云南", Stance.PROPOSED, AnswerKind.NONE, None, Status.PROPOSED),
]


def make_bar(slug="gate", *, schedule=Schedule.NO_DEADLINE, closed_on=None, deadline=None, **fields):
    start, end = deadline or (None, None)
    fields = {"title": "Open the gate", "status": Status.AGREED, "raised_on": date(2024, 1, 1), **fields}
    return TimelineBar(
        slug=slug, schedule=schedule, closed_on=closed_on, deadline_start=start, deadline_end=end, **fields
    )


BARS = [
    make_bar("late", schedule=Schedule.OVERDUE, deadline=(date(2025, 1, 1), date(2025, 3, 31))),
    make_bar(
        "done",
        status=Status.COMPLETED,
        schedule=Schedule.DONE_LATE,
        closed_on=date(2024, 12, 31),
        deadline=(date(2024, 6, 30), date(2024, 6, 30)),
    ),
    make_bar("open", status=Status.PROPOSED),
]


def link(**filters):
    return "/proposals/?" + "&".join(f"{name}={getattr(value, 'value', value)}" for name, value in filters.items())


def link_to(slug):
    return f"/proposals/{slug}/"


def figures():
    return {
        "status_by_theme": status.status_by_theme(TALLIES, link),
        "status_over_time": status.status_over_time(DAYS, link),
        "asks_and_answers": answers.asks_and_answers(EXCHANGES, link),
        "answer_matrix": answers.answer_matrix(ASKS, link_to),
        "timeline": timeline.timeline(BARS, TODAY, link_to),
    }


def twins():
    return {
        "status_by_theme": status.status_by_theme_table(TALLIES, link),
        "status_over_time": status.status_over_time_table(DAYS, link),
        "asks_and_answers": answers.asks_and_answers_table(EXCHANGES, link),
        "answer_matrix": answers.answer_matrix_table(ASKS, link_to),
        "timeline": timeline.timeline_table(BARS, TODAY, link_to),
    }


def forms(figure):
    return {
        "wide": {"data": figure["data"], "layout": figure["layout"]},
        "narrow": shared.narrowed(figure),
    }


def trace(figure, value, **wanted):
    """Find the trace that is drawn in a value's colour."""
    return next(
        one
        for one in figure["data"]
        if one.get("marker", {}).get("color") == palette.tone(value)
        and all(one.get(name) == what for name, what in wanted.items())
    )


def texts(figure):
    """Give every text of a figure that Plotly reads as its own markup."""
    for form in forms(figure).values():
        for one in form["data"]:
            for name in ("text", "hovertext"):
                yield from one.get(name, [])
            yield one.get("name", "")
        for annotation in form["layout"].get("annotations", []):
            yield annotation["text"]


def words_of(html):
    """Read a text as Plotly does: known tags out, line breaks to spaces, entities decoded."""
    bare = re.sub(r'<a href="[^"<>]*" target="_self">|</a>', "", html).replace("<br>", " ")
    return unescape(bare, {"&#34;": '"'})


class FigureTests(SimpleTestCase):
    def test_plotly_accepts_each_figure_in_both_forms(self):
        for name, figure in figures().items():
            for form, drawn in forms(figure).items():
                with self.subTest(chart=name, form=form):
                    go.Figure(drawn)

    def test_every_mark_has_an_address(self):
        for name, figure in figures().items():
            for one in figure["data"]:
                with self.subTest(chart=name, trace=one.get("name")):
                    assert len(one["customdata"]) == len(one["x"])
                    assert all(mark["href"].startswith("/proposals/") for mark in one["customdata"])

    def test_every_colour_is_a_token_that_the_figure_brings_along(self):
        for name, figure in figures().items():
            with self.subTest(chart=name):
                assert not re.search(r"#[0-9a-fA-F]{6}\b", str(figure["data"]) + str(figure["layout"]))
                used = set(re.findall(r"var\((--[a-z_-]+)\)", str(figure)))
                assert set(figure["colours"]) == used

    def test_no_text_can_become_markup(self):
        tallies = [ThemeTally("x", NASTY, {Status.AGREED: 1})]
        exchanges = [Exchange("x", NASTY, "y", NASTY, {AnswerKind.JOINT: 1}, {Status.AGREED: 1})]
        rows = [AskRow("x", NASTY, NASTY, Stance.REQUESTED, AnswerKind.JOINT, None, Status.AGREED)]
        drawn = [
            status.status_by_theme(tallies, link),
            answers.asks_and_answers(exchanges, link),
            answers.answer_matrix(rows, link_to),
            timeline.timeline([make_bar(title=NASTY)], TODAY, link_to),
        ]
        for figure in drawn:
            assert "hovertemplate" not in str(figure)
            assert "texttemplate" not in str(figure)
            for text in texts(figure):
                tags = re.findall(r"<[^>]*>", text)
                allowed = r'<br>|</a>|<a href="/proposals/[^"<>]*" target="_self">'
                assert all(re.fullmatch(allowed, tag) for tag in tags), text
            assert any("&lt;b&gt;Trade" in text for text in texts(figure))

    def test_titles_are_whole_in_both_forms(self):
        title = (
            "Sớm thí điểm mô hình cửa khẩu thông minh tại cặp cửa khẩu quốc tế đường bộ số II Kim Thành – Bắc Sơn " * 3
        )
        drawn = {
            "matrix": answers.answer_matrix(
                [AskRow("x", title, "Lào Cai", Stance.REQUESTED, AnswerKind.JOINT, None, Status.AGREED)], link_to
            ),
            "timeline": timeline.timeline([make_bar(title=title)], TODAY, link_to),
        }
        for name, figure in drawn.items():
            for form, layout in ((form, one["layout"]) for form, one in forms(figure).items()):
                with self.subTest(chart=name, form=form):
                    shown = [words_of(annotation["text"]) for annotation in layout["annotations"]]
                    assert any(title.strip() in text for text in shown)

    def test_the_height_grows_with_the_rows(self):
        few = timeline.timeline([make_bar()], TODAY, link_to)
        many = timeline.timeline([make_bar()] * 50, TODAY, link_to)
        for form in ("wide", "narrow"):
            heights = [forms(figure)[form]["layout"]["height"] for figure in (few, many)]
            assert heights[1] - heights[0] > 49 * 20

    def test_words_are_translated_when_the_figure_is_made(self):
        with override("vi"):
            word = str(Status.AGREED.label)
            figure = status.status_by_theme(TALLIES, link)
        assert figure["key"][0]["entries"][0]["word"] == word
        assert type(figure["key"][0]["entries"][0]["word"]) is str

    def test_nothing_to_draw_is_no_figure_and_no_table(self):
        assert status.status_by_theme([], link) is None
        assert status.status_by_theme([ThemeTally("x", "X", {})], link) is None
        assert status.status_over_time([], link) is None
        assert status.status_over_time(DAYS[:1], link) is None
        assert answers.asks_and_answers([Exchange("a", "A", "b", "B", {}, {})], link) is None
        assert answers.answer_matrix([], link_to) is None
        assert timeline.timeline([], TODAY, link_to) is None
        assert status.status_by_theme_table([], link) is None
        assert status.status_over_time_table([], link) is None
        assert answers.asks_and_answers_table([], link) is None
        assert answers.answer_matrix_table([], link_to) is None
        assert timeline.timeline_table([], TODAY, link_to) is None


class CountTests(SimpleTestCase):
    def test_a_bar_counts_a_theme_and_leads_to_its_proposals(self):
        figure = status.status_by_theme(TALLIES, link)
        agreed = trace(figure, Status.AGREED)
        assert agreed["x"] == [2, 1]
        assert [mark["href"] for mark in agreed["customdata"]] == [
            "/proposals/?theme=trade&status=agreed",
            "/proposals/?theme=rail&status=agreed",
        ]
        assert figure["data"][-1]["x"] == [14, 1, 4]

    def test_statuses_come_in_the_order_of_the_scale(self):
        drawn = [one["name"] for one in status.status_by_theme(TALLIES, link)["data"][:-1]]
        assert drawn == ["Agreed", "Under way", "Completed", "Declined"]

    def test_the_twin_carries_the_same_counts_and_links(self):
        twin = twins()["status_by_theme"]
        assert [cell.text for cell in twin.rows[0]] == ["Trade and investment", "2", "0", "12", "0", "14"]
        assert twin.rows[0][1].href == "/proposals/?theme=trade&status=agreed"
        assert twin.rows[0][2].href == ""

    def test_layers_hold_each_days_counts_and_lead_to_that_day(self):
        agreed = next(
            one
            for one in status.status_over_time(DAYS, link)["data"]
            if one["fillcolor"] == palette.tone(Status.AGREED)
        )
        assert agreed["y"] == [0, 3, 3]
        assert agreed["line"]["shape"] == "hv"
        assert agreed["customdata"][1]["href"] == "/proposals/?status=agreed&as_of=2025-01-01"
        assert [cell.text for cell in twins()["status_over_time"].rows[-1]] == ["2024-06-12", "4", "0", "4"]

    def test_names_of_thin_layers_do_not_touch(self):
        placed = status.spread([5, 6, 7, 99], 15, 100)
        assert all(later - earlier >= 15 for earlier, later in itertools.pairwise(placed))
        assert placed[-1] <= 100

    def test_an_exchange_shows_how_it_was_answered_and_where_it_stands(self):
        figure = answers.asks_and_answers(EXCHANGES, link)
        specific = trace(figure, AnswerKind.SPECIFIC)
        pledged = trace(figure, Status.PLEDGED)
        assert (specific["x"], specific["xaxis"]) == ([3], "x")
        assert (pledged["x"], pledged["xaxis"]) == ([3], "x2")
        here = "/proposals/?asked_by=lao-cai&asked_of=yunnan"
        assert specific["customdata"][0]["href"] == f"{here}&answer=specific"
        assert pledged["customdata"][0]["href"] == f"{here}&status=pledged"
        assert [cell.text for cell in twins()["asks_and_answers"].rows[0]] == [
            "Lào Cai → Yunnan",
            "3",
            "0",
            "1",
            "1",
            "0",
            "3",
        ]

    def test_the_matrix_shows_each_answer_by_shape_and_word(self):
        answered = answers.answer_matrix(ASKS, link_to)["data"][1]
        assert answered["marker"]["symbol"] == ["square", "circle-open"]
        assert [words_of(text).replace("\xa0", "") for text in answered["text"]] == [
            "Specific answer Pledged",
            "No answer on record",
        ]
        assert [mark["href"] for mark in answered["customdata"]] == ["/proposals/gate/", "/proposals/rail/"]

    def test_the_part_after_the_deadline_is_drawn_apart(self):
        day = 86_400_000
        figure = timeline.timeline(BARS, TODAY, link_to)
        overdue = trace(figure, Schedule.OVERDUE)
        assert overdue["base"] == ["2025-03-31"]
        assert overdue["x"] == [(TODAY - date(2025, 3, 31)).days * day]
        late = trace(figure, Schedule.DONE_LATE)
        assert (late["base"], late["x"]) == (["2024-06-30"], [184 * day])
        in_time = trace(figure, Status.AGREED)
        assert (in_time["base"], in_time["x"]) == (["2024-01-01"], [455 * day])
        assert [row[-1].text for row in twins()["timeline"].rows] == ["599", "184", ""]

    def test_a_deadline_is_a_bracket_and_today_a_line(self):
        figure = timeline.timeline(BARS, TODAY, link_to)
        bracket = next(one for one in figure["data"] if one.get("mode") == "lines+markers")
        assert bracket["x"] == ["2025-01-01", "2025-03-31", None, "2024-06-30", "2024-06-30", None]
        assert figure["layout"]["shapes"][-1]["x0"] == TODAY.isoformat()
        assert "As of 2026-11-20" in [one["text"] for one in figure["layout"]["annotations"]]

    def test_a_deadline_stated_before_the_proposal_is_late_from_the_first_day(self):
        bar = make_bar(schedule=Schedule.OVERDUE, deadline=(date(2023, 1, 1), date(2023, 12, 31)))
        overdue = trace(timeline.timeline([bar], TODAY, link_to), Schedule.OVERDUE)
        assert overdue["base"] == ["2024-01-01"]

    @given(st.integers(0, 30_000))
    def test_both_axes_of_time_name_the_same_days_and_no_more_than_fit(self, days):
        figure = timeline.timeline([make_bar(raised_on=TODAY - timedelta(days=days))], TODAY, link_to)
        for drawn in forms(figure).values():
            above, below = drawn["layout"]["xaxis"], drawn["layout"]["xaxis2"]
            assert (above["tickvals"], above["ticktext"]) == (below["tickvals"], below["ticktext"])
            first, last = map(date.fromisoformat, above["range"])
            ticks = [date.fromisoformat(day) for day in above["tickvals"]]
            assert ticks
            assert all(first <= day <= last for day in ticks)
            label = 7 * len(above["ticktext"][0]) / 290 * (last - first)  # 7 pixels a digit, 290 for all
            assert all(later - earlier > label for earlier, later in itertools.pairwise(ticks))

    def test_a_long_time_is_named_by_years_and_a_short_one_by_months_or_days(self):
        named = {}
        for days in (10, 100, 300, 800, 1800, 6000):
            bar = make_bar(raised_on=TODAY - timedelta(days=days))
            named[days] = timeline.timeline([bar], TODAY, link_to)["layout"]["xaxis2"]["ticktext"]
        assert named == {
            10: ["2026-11-09", "2026-11-16", "2026-11-23"],
            100: ["2026-09", "2026-10", "2026-11"],
            300: ["2026-04", "2026-07", "2026-10"],
            800: ["2025-01", "2025-07", "2026-01", "2026-07"],
            1800: ["2022", "2023", "2024", "2025", "2026"],
            6000: ["2015", "2020", "2025"],
        }


TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("aBcđĐ ậễ–-/.,<>&\"'$%{}()（）《》，。、“”"),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=200,
)


class TextTests(SimpleTestCase):
    @given(TEXTS, st.integers(8, 60))
    def test_breaking_loses_nothing(self, text, limit):
        assert "".join("".join(shared.broken(text, limit)).split()) == "".join(text.split())

    @given(TEXTS, st.integers(8, 60))
    def test_no_line_is_wider_than_the_limit(self, text, limit):
        assert all(shared.width(line) <= limit for line in shared.broken(text, limit))

    @given(TEXTS)
    def test_escaped_text_reads_as_it_was_written(self, text):
        assert unescape(shared.plain(text)) == text
        assert not re.search(r"[<>]", shared.plain(text))

    def test_vietnamese_words_stay_whole(self):
        title = "Sớm thí điểm mô hình cửa khẩu thông minh tại cặp cửa khẩu quốc tế"
        assert " ".join(shared.broken(title, 20)) == title

    def test_chinese_breaks_by_width_and_keeps_its_punctuation(self):
        lines = shared.broken("推动老街、河口铁路建设,尽快完成“可行性”研究", 10)
        assert all(len(line) <= 5 for line in lines if line.isalpha())
        assert not any(line[0] in "、”" or line[-1] == "“" for line in lines)

    def test_a_word_wider_than_a_line_is_broken_not_cut(self):
        assert "".join(shared.broken("x" * 25, 10)) == "x" * 25

    def test_an_address_cannot_leave_its_attribute(self):
        assert shared.anchor("A", '/x?a=1&b="><b>') == '<a href="/x?a=1&amp;b=&#34;&gt;&lt;b&gt;" target="_self">A</a>'


class PaletteTests(SimpleTestCase):
    def test_the_style_sheet_says_what_the_scales_say(self):
        sheet = palette.scale_css()
        for scale, name in ((Status, "status"), (AnswerKind, "answer"), (Schedule, "schedule")):
            for value in scale:
                with self.subTest(value=value):
                    light, dark = sheet.split("@media screen and (prefers-color-scheme:dark)")
                    assert f"--{name}-{value.value}:{value.look.light};" in light
                    assert f"--{name}-{value.value}:{value.look.dark};" in dark
                    assert f'--glyph:"{value.look.glyph}"' in sheet.split(f".{name}-{value.value}{{")[1].split("}")[0]

    def test_text_can_be_read_on_every_colour_in_both_schemes(self):
        pairs = palette.colours()
        grounds = {"--ink": ("--page", "--surface", "--sunken", "--info", "--warning", "--error", "--success")}
        grounds |= {
            "--muted": ("--page", "--surface", "--sunken"),
            "--accent": ("--page", "--surface", "--sunken", "--error"),
        }
        grounds |= {"--on-accent": ("--accent",), "--on-banner": ("--banner",)}
        grounds |= {name: (f"--{name[5:]}",) for name in pairs if re.match("--on-(status|answer|schedule)", name)}
        for ink, below in grounds.items():
            for ground in below:
                for scheme in (0, 1):
                    with self.subTest(ink=ink, ground=ground, scheme=scheme):
                        assert palette.contrast(pairs[ink][scheme], pairs[ground][scheme]) >= 4.5

    def test_contrast_is_measured_as_wcag_does(self):
        assert round(palette.contrast("#ffffff", "#000000"), 2) == 21
        assert round(palette.contrast("#777777", "#ffffff"), 2) == 4.48


class PartialTests(SimpleTestCase):
    def drawn(self, name="status_by_theme", title="How far", **fields):
        fields = {"question": "", "figure": figures()[name], "twin": twins()[name], **fields}
        return render_to_string("tracker/_chart.html", {"chart": shared.chart("far", title=title, **fields)})

    def test_a_chart_carries_its_figure_its_key_and_an_open_table_of_links(self):
        html = self.drawn()
        self.assertInHTML('<li class="badge quiet status-agreed">Agreed</li>', html)
        self.assertInHTML('<td class="num"><a href="/proposals/?theme=trade&amp;status=agreed">2</a></td>', html)
        assert '<script id="far-figure" type="application/json">' in html
        assert 'data-chart="far-figure"' in html
        assert '<details class="twin" open>' in html

    def test_every_chart_has_its_table(self):
        for name in figures():
            with self.subTest(chart=name):
                assert "</table>" in self.drawn(name)

    def test_markup_in_names_stays_text_on_the_page(self):
        tallies = [ThemeTally("x", "</script><b>x", {Status.AGREED: 1})]
        html = self.drawn(
            title=NASTY,
            figure=status.status_by_theme(tallies, link),
            twin=status.status_by_theme_table(tallies, link),
        )
        assert "<b>" not in html
        assert html.count("</script>") == 1

    def test_a_chart_with_nothing_to_draw_says_so(self):
        html = self.drawn(figure=None, twin=None)
        assert "There is nothing to draw" in html
        assert "data-chart" not in html

    def test_a_status_has_its_word_beside_its_class(self):
        html = render_to_string("tracker/_status.html", {"status": Status.UNDER_WAY, "href": "/method/"})
        self.assertInHTML('<a href="/method/" class="badge status-under_way">Under way</a>', html)

    def test_the_bare_error_pages_need_no_request(self):
        for name in ("400.html", "500.html"):
            with self.subTest(page=name):
                assert "<h1>" in render_to_string(name)
