"""The tables to take away: the whole text, the filters, the languages, and what is said of a wrong request."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import pytest

from tests.makers import (
    make_change,
    make_deadline,
    make_development,
    make_gate,
    make_meeting,
    make_milestone,
    make_organization,
    make_post,
    make_proposal,
    make_review,
    make_series,
    make_source,
    make_statement,
    make_target,
    make_theme,
)
from tests.pages import csv_text, freeze
from tracker.choices import Basis, Grade, MeetingState, OrganizationKind, Precision, Publication, Side, Stance, Status
from tracker.models import StatusChange

pytestmark = pytest.mark.django_db

CONTRACT = {
    "proposals": "slug,title,theme,nature,status,status_since,schedule,flags,first_raised,last_raised,times_raised,"
    "times_answered,deadline_phrase,deadline_start,deadline_end,proposed_by,addressed_to,lead,gates,last_development,"
    "last_reviewed,sources,url",
    "statements": "proposal,meeting,said_on,speaker,post,organization,addressee,stance,blanket,summary,document,"
    "paragraph,source_url",
    "status-changes": "proposal,effective_on,old,new,reason,source_url,recorded_at",
}
TABLES = ("proposals", "statements", "status-changes", "meetings", "sources", "organizations")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


def rows(client, address, **headers):
    return list(csv.reader(csv_text(client, address, **headers).splitlines()))


def column(client, address, name):
    head, *body = rows(client, address)
    return [row[head.index(name)] for row in body]


# --- a small data set, and by hand what its tables say -------------------------------------------------------------


@pytest.fixture
def small():
    """Make two proposals with a comma, a quotation mark, a line break, a formula and three languages in them."""
    vietnam = make_organization("viet-nam", name="Vietnam", kind=OrganizationKind.STATE)
    report = make_source(
        "report", publisher="Agency, daily", title='Talks "held"', url="https://agency.example/1?a=b,c",
        document="000_report.txt", published_on=date(2024, 6, 13),
    )  # fmt: skip
    book = make_source("book", published_on=date(2023, 3, 31), precision=Precision.MONTH, grade=Grade.MIRROR, title="")
    old = make_organization(
        "ha-giang", name="Hà Giang", parent=vietnam, succeeded_on=date(2025, 7, 1), succession_source=book,
        successor=make_organization("tuyen-quang", name="Tuyen Quang"),
    )  # fmt: skip
    yunnan = make_organization("yunnan", name="Yunnan", side=Side.CHINA)
    talks = make_meeting(
        date(2024, 6, 12), make_series("annual", name_en="Annual"), slug="talks", name_en="Talks", number=4,
        place_en="Kunming", basis=Basis.INFERRED, date_note_en="By the weather.",
    )  # fmt: skip
    talks.organizations.set([yunnan, old])
    talks.sources.add(report)
    gate = make_proposal(
        'Open the "Long Phu" gate, soon', slug="gate", title_vi="Mở cửa khẩu", title_zh_hans="开通口岸", since=None,
        proposer=[old, vietnam], addressee=[yunnan], lead=[yunnan], theme=make_theme("gates", name_vi="Cửa khẩu"),
    )  # fmt: skip
    gate.gates.set([make_gate("b-gate", name_en="B", vietnam_side=old, china_side=yunnan)])
    gate.gates.add(make_gate("a-gate", name_en="A", vietnam_side=old, china_side=yunnan))
    said = {"meeting": talks, "source": report}
    post = make_post("Phạm Đức Toản", old, title_en="Chair")
    ask = make_statement(
        gate, stance=Stance.REQUESTED, post=post, organization=old, addressee=yunnan, paragraph=9,
        summary_en="Asked for it.\nTwice.", key="ask", **said,
    )  # fmt: skip
    make_statement(
        gate, stance=Stance.AGREED, organization=yunnan, blanket=True, answers=ask, paragraph=10,
        summary_en="=1+1 is yes", key="answer", **said,
    )  # fmt: skip
    _history(gate, report, book, vietnam)
    ties = make_proposal("@ties", slug="ties", nature="declaratory", since=None, theme=make_theme("trade"))
    make_change(ties, Status.PROPOSED, on=date(2025, 1, 1), source=book, reason_en="Said.")
    StatusChange.objects.update(recorded_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def _history(gate, report, book, awaited):
    make_deadline(gate, date(2025, 3, 31), first_day=date(2025, 1, 1), phrase_en="in the first quarter", source=report)
    make_change(gate, Status.PROPOSED, on=date(2024, 6, 12), source=report, paragraph=9, reason_en="Asked.")
    make_change(
        gate, Status.AGREED, on=date(2024, 6, 30), source=book, precision=Precision.MONTH, awaiting=awaited,
        reason_en="-Agreed",
    )  # fmt: skip
    make_development(gate, date(2026, 11, 1), sources=[book])
    make_review(gate, date(2026, 11, 10))


def test_the_table_of_proposals(small, client):
    assert csv_text(client, "/proposals.csv") == (
        CONTRACT["proposals"] + ",theme_label,nature_label,status_label,schedule_label,flag_labels,answer,"
        "proposed_by_names,addressed_to_names,lead_names,gate_names,status_since_by\r\n"
        'gate,"Open the ""Long Phu"" gate, soon",gates,one_off,agreed,2024-06,overdue,,2024-06-12,2024-06-12,1,1,'
        "in the first quarter,2025-01-01,2025-03-31,ha-giang; viet-nam,yunnan,yunnan,a-gate; b-gate,2026-11-01,"
        "2026-11-10,book; report,http://testserver/proposals/gate/,Gates,One-off,Agreed,Overdue,,blanket,"
        "Hà Giang; Vietnam,Yunnan,Yunnan,A; B,2024-06-30\r\n"
        "ties,'@ties,trade,declaratory,proposed,2025-01-01,no_deadline,,,,0,0,,,,,,,,,,book,"
        "http://testserver/proposals/ties/,Trade,Declaratory,Proposed,No deadline,,,,,,,2025-01-01\r\n"
    )


def test_the_table_of_statements(small, client):
    assert csv_text(client, "/statements.csv") == (
        CONTRACT["statements"]
        + ",proposal_title,meeting_name,organization_name,addressee_name,source,stance_label,key\r\n"
        "gate,talks,2024-06-12,Phạm Đức Toản,Chair,ha-giang,yunnan,requested,no,"
        '"Asked for it.\nTwice.",000_report.txt,9,"https://agency.example/1?a=b,c","Open the ""Long Phu"" gate, soon",'
        "Talks,Hà Giang,Yunnan,report,Requested,ask\r\n"
        "gate,talks,2024-06-12,,,yunnan,,agreed,yes,'=1+1 is yes,000_report.txt,10,"
        '"https://agency.example/1?a=b,c","Open the ""Long Phu"" gate, soon",Talks,Yunnan,,report,Agreed,answer\r\n'
    )


def test_the_table_of_status_changes(small, client):
    assert csv_text(client, "/status-changes.csv") == (
        CONTRACT["status-changes"] + ",proposal_title,source,paragraph,awaiting,precision,old_label,new_label\r\n"
        'gate,2024-06-12,,proposed,Asked.,"https://agency.example/1?a=b,c",2026-01-02T03:04:05+00:00,'
        '"Open the ""Long Phu"" gate, soon",report,9,,day,,Proposed\r\n'
        "gate,2024-06-30,proposed,agreed,'-Agreed,,2026-01-02T03:04:05+00:00,"
        '"Open the ""Long Phu"" gate, soon",book,,viet-nam,month,Proposed,Agreed\r\n'
        "ties,2025-01-01,,proposed,Said.,,2026-01-02T03:04:05+00:00,'@ties,book,,,day,,Proposed\r\n"
    )


def test_the_table_of_meetings(small, client):
    assert csv_text(client, "/meetings.csv") == (
        "slug,name,series,number,state,first_day,last_day,precision,basis,place,organizations,asks,asks_answered,"
        "sources,url,series_name,date_note,note,state_label\r\n"
        "talks,Talks,annual,4,held,2024-06-12,2024-06-12,day,inferred,Kunming,ha-giang; yunnan,1,1,report,"
        "http://testserver/meetings/talks/,Annual,By the weather.,,Held\r\n"
    )


def test_the_table_of_sources(small, client):
    assert csv_text(client, "/sources.csv?q=") == (
        "slug,publisher,title,language,published_on,strength,document,source_url,note,statements,status_changes,url\r\n"
        'report,"Agency, daily","Talks ""held""",en,2024-06-13,press,000_report.txt,"https://agency.example/1?a=b,c",,'
        "2,1,http://testserver/sources/report/\r\n"
        "book,Agency,,en,2023-03,mirror,,,,0,2,http://testserver/sources/book/\r\n"
    )


def test_the_table_of_organizations(small, client):
    assert csv_text(client, "/organizations.csv") == (
        "slug,name,short_name,side,kind,parent,successor,succeeded_on,succession_source,note,side_label\r\n"
        "ha-giang,Hà Giang,Hà Giang,vietnam,province,viet-nam,tuyen-quang,2025-07-01,book,,Vietnam\r\n"
        "tuyen-quang,Tuyen Quang,Tuyen Quang,vietnam,province,,,,,,Vietnam\r\n"
        "viet-nam,Vietnam,Vietnam,vietnam,state,,,,,,Vietnam\r\n"
        "yunnan,Yunnan,Yunnan,china,province,,,,,,China\r\n"
    )
    before = rows(client, "/organizations.csv?as_of=2025-06-30")[1]
    assert before[:9] == ["ha-giang", "Hà Giang", "Hà Giang", "vietnam", "province", "viet-nam", "", "", ""]


def test_a_past_day_gives_the_tables_of_then(small, client):
    line = rows(client, "/proposals.csv?as_of=2024-06-29")
    assert len(line) == 2
    assert line[1][4:9] == ["proposed", "2024-06-12", "not_due", "", "2024-06-12"]
    assert line[1][19:22] == ["", "", "report"]
    assert column(client, "/status-changes.csv?as_of=2024-06-29", "new") == ["proposed"]
    assert rows(client, "/statements.csv?as_of=2024-06-11")[1:] == []
    assert rows(client, "/meetings.csv?as_of=2024-06-11")[1:] == []


@pytest.mark.parametrize("name", CONTRACT)
def test_the_columns_of_the_contract_come_first_and_in_order(client, name):
    text = csv_text(client, f"/{name}.csv")
    assert text.startswith(CONTRACT[name] + ",")
    assert text.endswith("\r\n")


# --- languages, Excel ----------------------------------------------------------------------------------------------


def test_texts_and_labels_come_in_the_language_of_the_visitor_and_codes_stay(small, client):
    head, line = rows(client, "/proposals.csv", **{"Accept-Language": "vi"})[:2]
    assert head == rows(client, "/proposals.csv")[0]
    assert line[:5] == ["gate", "Mở cửa khẩu", "gates", "one_off", "agreed"]
    assert line[head.index("theme_label")] == "Cửa khẩu"
    assert line[head.index("status_label")] not in ("", "Agreed")
    assert rows(client, "/proposals.csv", **{"Accept-Language": "zh-hans"})[1][1] == "开通口岸"


@pytest.mark.parametrize("name", TABLES)
def test_excel_gets_its_mark_and_headings_in_the_language_of_the_page(small, client, name):
    english = csv_text(client, f"/{name}.csv?excel=1")
    assert english.startswith("\ufeff")
    assert english.count("\ufeff") == 1
    plain = csv_text(client, f"/{name}.csv")
    assert "\ufeff" not in plain
    assert english.split("\r\n", 1)[1] == plain.split("\r\n", 1)[1]
    heads = [
        csv_text(client, f"/{name}.csv?excel=1", **{"Accept-Language": language}).split("\r\n")[0]
        for language in ("en", "vi", "zh-hans")
    ]
    assert len(set(heads)) == 3
    assert plain.split("\r\n")[0] not in heads
    assert csv_text(client, f"/{name}.csv?excel=0") == csv_text(client, f"/{name}.csv?excel=") == plain


def test_the_headings_for_excel_are_words(small, client):
    head = rows(client, "/proposals.csv?excel=1")[0]
    assert head[:5] == ["\ufeffShort name", "Proposal", "Theme (code)", "Nature (code)", "Status (code)"]


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_the_file_is_streamed_and_named_by_table_and_day(small, client, name):
    for query, day in (("", "2026-11-20"), ("?as_of=2025-01-31&excel=1", "2025-01-31")):
        response = client.get(f"/{name}.csv{query}")
        assert response.streaming
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{name}-as-of-{day}.csv"'
        b"".join(response)


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@cmd", "\t=1", " =1", "'=1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(client, text):
    make_proposal(text, slug="formula", note_en=text)
    head, line = rows(client, "/proposals.csv")
    assert line[head.index("title")] == f"'{text}"
    assert line[head.index("times_raised")] == "0"


# --- filters -------------------------------------------------------------------------------------------------------


def test_the_lists_of_meetings_and_sources_filter_their_tables(small, client):
    make_meeting(date(2026, 1, 1), slug="other", state=MeetingState.NOT_ON_RECORD)
    make_meeting(slug="secret", publication=Publication.DRAFT)
    assert column(client, "/meetings.csv", "slug") == ["other", "talks"]
    assert column(client, "/meetings.csv?organization=yunnan&organization=ha-giang", "slug") == ["talks"]
    assert column(client, "/meetings.csv?series=annual", "slug") == ["talks"]
    assert column(client, "/meetings.csv?q=talk", "slug") == ["talks"]
    assert column(client, "/sources.csv?grade=mirror", "slug") == ["book"]
    assert column(client, "/sources.csv?q=000_report", "slug") == ["report"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("proposals.csv?status=done", "status: “done” is not known here. Allowed: proposed, agreed,"),
        ("statements.csv?meeting=dinner", "meeting: “dinner” is not known here."),
        ("status-changes.csv?theme=sport", "theme: “sport” is not known here."),
        ("proposals.csv?sort=colour", "allowed: title, theme, nature,"),
        ("proposals.csv?as_of=2026-11-21", "allowed: days up to 2026-11-20."),
        ("proposals.csv?excel=yes", "excel: “yes” is not known; allowed: 1 or 0."),
        ("meetings.csv?series=none", "series: “none” is not known here."),
        ("sources.csv?grade=gold", "grade: “gold” is not known here. Allowed: official, press, aggregator, mirror."),
        ("organizations.csv?as_of=x", "“x” is not a day"),
    ],
)
def test_a_wrong_request_gets_plain_words_and_no_table(client, address, said):
    response = client.get(f"/{address}")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert said in response.content.decode()
    assert "Content-Disposition" not in response


def test_there_is_no_table_of_another_name(client):
    assert client.get("/people.csv").status_code == 404


@pytest.mark.parametrize("name", TABLES)
def test_a_table_costs_the_same_whatever_its_length(client, django_assert_max_num_queries, name):
    used = []
    computed = "?status=proposed" if name in ("proposals", "statements", "status-changes") else ""
    for number in (1, 20):
        for _one in range(number):
            proposal = make_proposal(proposer=[make_organization()])
            proposal.gates.add(make_gate())
            make_statement(proposal, make_meeting())
        with django_assert_max_num_queries(12 if name == "proposals" else 7) as queries:
            assert len(rows(client, f"/{name}.csv{computed}")) > number
        used.append(len(queries))
    assert used[0] == used[1]


def test_a_proposal_names_the_sources_of_everything_that_is_on_record_by_the_day(client):
    gate = make_proposal("Open the gate", slug="gate", since=None)
    sources = {name: make_source(name) for name in ("asked", "built", "happened", "set")}
    make_change(gate, Status.PROPOSED, on=date(2024, 6, 12), source=sources["asked"])
    make_milestone(gate, "Built", date(2025, 3, 1), source=sources["built"])
    make_development(gate, date(2025, 2, 1), sources=[sources["happened"]])
    make_target(gate, 5, stated_on=date(2025, 1, 1), source=sources["set"])
    assert column(client, "/proposals.csv", "sources") == ["asked; built; happened; set"]
    assert column(client, "/proposals.csv?as_of=2025-02-15", "sources") == ["asked; happened; set"]
