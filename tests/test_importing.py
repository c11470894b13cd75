"""A file's way through the workplace: upload, what it would do, confirmation, and what is kept of it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports import bring_in, check, counts, csv, decide, make_user, refusals, shown, upload
from tests.makers import make_account, make_organization, make_proposal, make_source, make_statement, make_theme
from tests.pages import csv_text, freeze, get
from tracker.importing import work
from tracker.models import ImportedFile, Organization, Proposal
from tracker.staff_scales import AccountRole

pytestmark = pytest.mark.django_db

HEAD = "slug|title|theme|nature|status|lead"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    freeze(monkeypatch)


@pytest.fixture
def editor(client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def gate():
    make_organization("yunnan")
    return make_proposal("Open the gate", slug="gate", theme=make_theme("gates"))


def test_only_editors_and_administrators_may_import(client, gate):
    for role, status in (
        (AccountRole.VIEWER, 302), (AccountRole.CONTRIBUTOR, 403), (AccountRole.EDITOR, 200),
        (AccountRole.ADMINISTRATOR, 200),
    ):  # fmt: skip
        client.force_login(make_user(role, role.value))
        assert client.get("/admin/imports/").status_code == status, role
    client.force_login(make_user(name="second"))
    file = check(client, "proposals", csv(HEAD, "gate|Open it|gates|one_off||"))
    client.force_login(make_user(AccountRole.CONTRIBUTOR, "third"))
    for address in ("", "refused.csv"):
        assert client.get(f"/admin/imports/{file.pk}/{address}").status_code == 403
    assert client.post(f"/admin/imports/{file.pk}/", {"decision": "confirm"}).status_code == 403
    assert Proposal.objects.get().title_en == "Open the gate"


def test_nothing_is_saved_before_the_preview_is_confirmed(client, editor, gate):
    rows = (HEAD, "gate|Open the gate now|gates|one_off|proposed|yunnan", "road|Build the road|gates|one_off||")
    file = check(client, "proposals", csv(*rows, "port|Open the port|gate|one_off||"))
    assert counts(file) == (1, 1, 0, 1)
    assert list(Proposal.objects.values_list("title_en", flat=True)) == ["Open the gate"]
    page = shown(client, file)  # what is wrong comes first
    assert page.rows() == [["4", "port", "theme", "gate", "There is no theme with this code.", "gates"]]
    changed = shown(client, file, "changed").one("table", "tracker-import-rows").text
    assert "title: Open the gate → Open the gate now" in changed
    assert "lead: yunnan" in changed
    decide(client, file, "confirm", refused="leave")
    assert counts(file) == (1, 1, 0, 1)
    assert file.confirmed_at
    assert sorted(Proposal.objects.values_list("title_en", "publication", "status")) == [
        ("Build the road", "draft", "proposed"), ("Open the gate now", "published", "proposed"),
    ]  # fmt: skip
    gate.refresh_from_db()
    assert [one.organization.slug for one in gate.involvements.all()] == ["yunnan"]
    assert "now" in gate.search_text


def test_all_or_nothing_saves_nothing_while_a_row_is_refused(client, editor, gate):
    file = check(client, "proposals", csv(HEAD, "road|Build|gates|one_off||", "port|Open|none|one_off||"))
    answer = decide(client, file, "confirm", refused="stop")
    assert "Nothing was saved: 1 rows are refused" in answer.content.decode()
    assert Proposal.objects.count() == 1
    assert not file.confirmed_at


def test_the_same_file_again_is_told_and_changes_nothing(client, editor, gate):
    content = csv(HEAD, "road|Build the road|gates|one_off||yunnan")
    bring_in(client, "proposals", content)
    history = Proposal.history.count()
    file = upload(client, "proposals", content)
    assert "This very file was imported on" in shown(client, file).one("main").text
    decide(client, file, "check")
    assert counts(file) == (0, 0, 1, 0)
    assert "there is nothing to save" in shown(client, file).one("main").text
    assert Proposal.history.count() == history


def test_a_row_keeps_file_hash_row_day_and_user_and_the_history_says_so(client, editor, gate):
    file = bring_in(client, "proposals", csv(HEAD, "gate|Open|gates|one_off||yunnan", "road|Build|gates|one_off||"))
    gate.refresh_from_db()
    page = get(client, f"/admin/tracker/proposal/{gate.pk}/history/")
    row = page.one("table", "tracker-imported-from").one("tbody").one("tr")
    who, what, name, number, fingerprint = (cell.text for cell in row.all("td")[1:])
    assert (who, what, name, number) == ("lan", "Changed", "table.csv", "2")
    assert row.links() == [(f"/admin/imports/{file.pk}/", "table.csv")]
    assert file.sha256.startswith(fingerprint.rstrip("…"))
    assert len(file.sha256) == 64
    newest = gate.history.first()
    assert (newest.history_user, newest.history_change_reason) == (editor, "Import of table.csv, row 2")
    part = gate.involvements.get().history.get()
    assert (part.history_user, part.history_change_reason) == (editor, "Import of table.csv, row 2")
    road = Proposal.objects.get(slug="road")
    assert [one.history_type for one in road.history.all()] == ["+"]
    other = make_proposal(slug="other")
    assert not get(client, f"/admin/tracker/proposal/{other.pk}/history/").all("table", "tracker-imported-from")
    client.force_login(make_account(AccountRole.CONTRIBUTOR, Organization.objects.get(), "third"))
    assert "SHA-256" not in get(client, f"/admin/tracker/proposal/{gate.pk}/history/").text


def test_a_reason_in_the_history_fits_however_long_the_name_of_the_file_is(client, editor, gate):
    bring_in(client, "proposals", csv(HEAD, "gate|Open|gates|one_off||"), name="x" * 150 + ".csv")
    reason = Proposal.objects.get().history.first().history_change_reason
    assert len(reason) <= 100
    assert reason.endswith("…, row 2")


def test_a_row_whose_record_moved_on_is_refused_and_the_others_are_saved(client, editor, gate):
    file = check(client, "proposals", csv(HEAD, "gate|Mine|gates|one_off||", "road|Build|gates|one_off||"))
    Proposal.objects.filter(slug="gate").update(title_en="Somebody else's")
    decide(client, file, "confirm", refused="leave")
    assert counts(file) == (1, 0, 0, 1)
    assert refusals(file)[0][3] == "The record was changed since the rows were shown. Check the file again."
    assert Proposal.objects.get(slug="gate").title_en == "Somebody else's"


def test_with_all_or_nothing_a_record_that_moved_on_stops_everything(client, editor, gate):
    file = check(client, "proposals", csv(HEAD, "gate|Mine|gates|one_off||", "road|Build|gates|one_off||"))
    Proposal.objects.filter(slug="gate").update(title_en="Somebody else's")
    answer = decide(client, file, "confirm", refused="stop")
    assert "Nothing was saved: rows are refused that were not before" in answer.content.decode()
    assert Proposal.objects.count() == 1
    assert not file.confirmed_at


def test_a_second_confirmation_finds_nothing_to_do(client, editor, gate):
    file = bring_in(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    answer = decide(client, file, "confirm")
    assert "somebody else was faster" in answer.content.decode()
    assert Proposal.history.filter(slug="road").count() == 1


def test_refused_rows_are_taken_away_and_once_mended_imported_back(client, editor, gate):
    rows = [
        HEAD,
        "gate|Open the gate|gates|one_off|pledged|",
        "road|Build|gate|one_off||yunan",
        "port|Open|gates|once||",
    ]
    file = check(client, "proposals", csv(*rows))
    text = csv_text(client, f"/admin/imports/{file.pk}/refused.csv")
    assert text.startswith("\ufeffslug,title,theme,nature,status,lead,import_row,import_reasons\r\n")
    assert 'gate,Open the gate,gates,one_off,pledged,,2,"status: The status is not changed by a file' in text
    assert "theme: There is no theme with this code. Allowed: gates. lead: There is no organization" in text
    mended = (
        text.replace("pledged", "").replace(",gate,", ",gates,").replace("yunan", "yunnan").replace("once", "one_off")
    )
    again = bring_in(client, "proposals", mended.encode())
    assert counts(again) == (2, 0, 1, 0)


def test_how_a_file_is_read_is_shown_and_can_be_changed(client, editor, gate):
    content = "slug;title;theme;nature\ngate;Mở cửa khẩu;gates;one_off\n".encode("utf-16-le")
    file = upload(client, "proposals", content, language="vi")
    page = shown(client, file)
    assert [one.attrs["value"] for one in page.all("option") if "selected" in one.attrs] == ["utf-16-le", ";", "vi"]
    assert page.rows() == [["gate", "Mở cửa khẩu", "gates", "one_off"]]
    decide(client, file, "read", encoding="mac_roman", delimiter=";", language="vi")
    assert "Unknown columns" in shown(client, file).one("main").text
    decide(client, file, "check", encoding="utf-16-le", delimiter=";", language="vi")
    assert counts(file) == (0, 1, 0, 0)
    decide(client, file, "read")
    assert "Check every row" in shown(client, file).one("main").text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv("slug|name of it", "a|b"), "Unknown columns: “name of it”. Known: slug, title, theme"),
        (csv("slug|title|title", "a|b|c"), "These columns stand twice: title."),
        (csv("title|theme", "a|b"), "A row cannot be told from others without these columns: slug."),
    ],
)
def test_what_is_wrong_with_the_headings_is_said(client, editor, content, said):
    file = upload(client, "proposals", content)
    assert said in shown(client, file).one("main").text
    decide(client, file, "check")
    assert said in shown(client, file).one("main").text


def test_a_file_that_is_none_is_refused_at_the_form(client, editor):
    for content, said in ((b"PK\x03\x04", "not a workbook that can be read"), (b"", "The submitted file is empty.")):
        sent = {"table": "proposals", "language": "en", "file": SimpleUploadedFile("a.csv", content)}
        answer = client.post("/admin/imports/", sent)
        assert said in answer.content.decode()
    assert not ImportedFile.objects.exists()


def test_an_unconfirmed_file_can_be_discarded_and_an_imported_one_is_kept(client, editor, gate):
    file = check(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    client.post(f"/admin/imports/{file.pk}/", {"decision": "discard"})
    assert not ImportedFile.objects.exists()
    kept = bring_in(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    decide(client, kept, "discard")
    assert ImportedFile.objects.get() == kept


def test_a_large_file_is_worked_on_beside_the_request_and_its_page_tells_how_far(client, editor, gate, monkeypatch):
    started = []
    monkeypatch.setattr(work, "SMALL", 10)
    monkeypatch.setattr(work.subprocess, "Popen", lambda command, **_more: started.append(command))
    file = check(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    (command,) = started
    assert command[-3:] == ["import_table", "--resume", str(file.pk)]
    page = shown(client, file)
    assert "being checked; nothing is saved yet" in page.text
    assert page.all("noscript")[0].all("meta")
    progress = client.get(f"/admin/imports/{file.pk}/", headers={"HX-Request": "true"})
    assert progress.content.startswith(b'\n<div id="import-progress"') or b"import-progress" in progress.content[:400]
    assert client.post(f"/admin/imports/{file.pk}/", {"decision": "check"}).status_code == 302
    assert len(started) == 1
    call_command("import_table", resume=file.pk)
    assert client.get(f"/admin/imports/{file.pk}/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    file.refresh_from_db()
    assert counts(file) == (1, 0, 0, 0)


def test_work_that_broke_off_is_told_and_goes_on(client, editor, gate, monkeypatch):
    file = upload(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    file.reading |= {"stage": "checking", "alive": "2020-01-01T00:00:00+00:00"}
    file.save()
    assert "The work has stopped on its way" in shown(client, file).text
    decide(client, file, "resume")
    assert counts(file) == (1, 0, 0, 0)


def test_two_runs_of_one_file_save_it_once_and_the_later_one_leaves_it_as_it_is(client, editor, gate, monkeypatch):
    started = []
    monkeypatch.setattr(work.subprocess, "Popen", lambda command, **_more: started.append(command))
    file = check(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    monkeypatch.setattr(work, "SMALL", 10)
    decide(client, file, "confirm")
    file.reading |= {"alive": "2020-01-01T00:00:00+00:00"}
    file.save()
    for _press in range(2):
        decide(client, file, "resume")
    assert len(started) == 2  # one for the confirmation, one for the first of the two presses
    planned = work.plan

    def plan_while_the_other_run_saves(*args, **named):
        monkeypatch.setattr(work, "plan", planned)
        found = planned(*args, **named)
        call_command("import_table", resume=file.pk)
        return found

    monkeypatch.setattr(work, "plan", plan_while_the_other_run_saves)
    call_command("import_table", resume=file.pk)
    file.refresh_from_db()
    assert (file.reading["stage"], file.reading["problem"], counts(file)) == ("saved", "", (1, 0, 0, 0))
    assert Proposal.objects.get(slug="road").history.count() == 1
    assert "Nothing was saved" not in shown(client, file).text


@pytest.mark.parametrize("decision", ["check", "confirm"])
def test_a_file_discarded_while_it_is_worked_on_leaves_nothing(client, editor, gate, monkeypatch, decision):
    file = upload(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    if decision == "confirm":
        decide(client, file, "check")
    planned = work.plan

    def plan_while_the_file_is_discarded(*args, **named):
        found = planned(*args, **named)
        ImportedFile.objects.update(reading={**ImportedFile.objects.get().reading, "alive": "2020-01-01T00:00:00Z"})
        assert client.post(f"/admin/imports/{file.pk}/", {"decision": "discard"}).status_code == 302
        return found

    monkeypatch.setattr(work, "plan", plan_while_the_file_is_discarded)
    client.post(f"/admin/imports/{file.pk}/", {"decision": decision})
    assert (ImportedFile.objects.count(), Proposal.objects.count()) == (0, 1)


def test_the_page_of_progress_leaves_the_content_where_it_is(client, editor):
    file = upload(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    file.reading |= {"stage": "checking", "alive": "2020-01-01T00:00:00+00:00"}
    file.save()
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/admin/imports/{file.pk}/", headers={"HX-Request": "true"})
    assert not [query for query in asked.captured_queries if '"content"' in query["sql"]]


def test_a_failure_of_ours_is_told_in_words(client, editor, gate, monkeypatch):
    file = check(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))

    def fail(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(work, "save", fail)
    with pytest.raises(RuntimeError):
        client.post(f"/admin/imports/{file.pk}/", {"decision": "confirm"})
    file.refresh_from_db()
    assert (
        "Something went wrong that is not the file&#x27;s fault"
        in client.get(f"/admin/imports/{file.pk}/").content.decode()
    )
    assert Proposal.objects.count() == 1


def test_pages_take_the_same_number_of_queries_however_many_rows(client, editor, gate, django_assert_max_num_queries):
    def rows(count, start):
        return csv(HEAD, *(f"p-{at}|Build {at}|gates|one_off||yunnan" for at in range(start, start + count)))

    for table_rows, start in ((3, 0), (60, 100)):
        file = upload(client, "proposals", rows(table_rows, start))
        with django_assert_max_num_queries(40):
            client.post(f"/admin/imports/{file.pk}/", {"decision": "check"})
        with django_assert_max_num_queries(15):
            shown(client, file)
        with django_assert_max_num_queries(60):
            client.post(f"/admin/imports/{file.pk}/", {"decision": "confirm"})
    assert Proposal.objects.count() == 64


def test_the_list_of_imports_names_files_and_what_came_of_them(client, editor, gate):
    bring_in(client, "proposals", csv(HEAD, "road|Build|gates|one_off||"))
    (row,) = get(client, "/admin/imports/").rows()
    assert row[:4] == ["table.csv", "Proposals", "Imported", "New 1"]


# --- the command ---------------------------------------------------------------------------------------------------


def run(*args, **options):
    out = StringIO()
    call_command("import_table", *args, stdout=out, **options)
    return out.getvalue().splitlines()


def test_the_command_reports_row_by_row_and_saves_unless_it_only_checks(gate, tmp_path):
    make_user(name="lan")
    make_user(AccountRole.CONTRIBUTOR, "minh")
    path = tmp_path / "p.csv"
    path.write_bytes(csv(HEAD, "road|Build|gates|one_off||", "port|Open|none|one_off||"))
    said = [
        "row 3, theme: “none”: There is no theme with this code. Allowed: gates.",
        "1 new, 0 changed, 0 same, 1 refused",
    ]
    assert run("proposals", str(path), dry_run=True) == said
    assert not ImportedFile.objects.exists()
    assert run("proposals", str(path), user="lan") == said
    assert Proposal.objects.filter(slug="road").exists()
    assert run("proposals", str(path), user="lan")[-1] == "0 new, 0 changed, 1 same, 1 refused"
    for user, words in (("minh", "minh may not import"), ("nobody", "Say in whose name"), (None, "Say in whose name")):
        with pytest.raises(CommandError, match=words):
            run("proposals", str(path), user=user)
    with pytest.raises(CommandError, match="rows are refused"):
        run("proposals", str(path), user="lan", all_or_nothing=True)
    with pytest.raises(CommandError, match="No such file"):
        run("proposals", str(tmp_path / "none.csv"), dry_run=True)
    with pytest.raises(CommandError, match="Name a table and a file"):
        run()
    with pytest.raises(CommandError, match="No file was uploaded"):
        run(resume=77)


def test_records_refer_to_each_other_within_one_file(client, editor):
    head = "slug|name|short_name|side|kind|parent|successor|succeeded_on"
    rows = ["b|B|B|vietnam|province|a||", "a|A|A|vietnam|state||c|2025-07-01", "c|C|C|vietnam|state|||",
            "d|D|D|vietnam|province|e||", "e|E|E|nowhere|state|||"]  # fmt: skip
    file = bring_in(client, "organizations", csv(head, *rows), refused="leave")
    assert counts(file) == (3, 0, 0, 2)
    assert refusals(file)[0][3] == "It needs row 6 of this file, which is refused."
    found = Organization.objects.in_bulk(field_name="slug")
    assert (found["b"].parent, found["a"].successor) == (found["a"], found["c"])
    assert found["a"].history.get().successor_id == found["c"].pk
    entered = make_statement(make_proposal(), source=make_source())
    assert not get(client, f"/admin/tracker/statement/{entered.pk}/history/").all("table", "tracker-imported-from")
