"""What tests of imports share: files as a user would upload them, and what the pages say of them."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.makers import make_account
from tests.pages import Node, get
from tracker.models import ImportedFile
from tracker.staff_scales import AccountRole


def make_user(role=AccountRole.EDITOR, name="lan"):
    return make_account(role, name=name)


def csv(*rows):
    """Write rows, given as texts with | between the cells, as CSV."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row.split("|")) for row in rows]
    return "\r\n".join(lines).encode()


def upload(client, table, content, language="en", name="table.csv"):
    """Upload a file; give it as it is kept."""
    sent = {"table": table, "language": language, "file": SimpleUploadedFile(name, content)}
    response = client.post("/admin/imports/", sent)
    assert response.status_code == 302, response.context["form"].errors
    return ImportedFile.objects.get(pk=int(response["Location"].strip("/").split("/")[-1]))


def decide(client, file, decision, **sent):
    """Press one of the buttons of a file's page."""
    response = client.post(f"/admin/imports/{file.pk}/", {"decision": decision, **sent}, follow=True)
    assert response.status_code == 200
    file.refresh_from_db()
    return response


def check(client, table, content, language="en", **named) -> ImportedFile:
    """Upload a file and have every row checked."""
    file = upload(client, table, content, language, **named)
    decide(client, file, "check")
    return file


def bring_in(client, table, content, language="en", refused="stop", **named) -> ImportedFile:
    """Upload a file, check it, and confirm what it would do."""
    file = check(client, table, content, language, **named)
    decide(client, file, "confirm", refused=refused)
    return file


def counts(file):
    """Give how many rows are new, changed, same and refused."""
    found = file.reading["counts"]
    return tuple(found[name] for name in ("new", "changed", "same", "refused"))


def shown(client, file, result="") -> Node:
    """Open the page of a file with the rows of one result."""
    return get(client, f"/admin/imports/{file.pk}/" + (f"?result={result}" if result else ""))


def refusals(file):
    """Give (row, column, value, reason, allowed) of all refused rows."""
    return [
        (row.number, fault["column"], fault["value"], fault["reason"], fault["allowed"])
        for row in file.rows.filter(result="refused")
        for fault in row.detail
    ]
