"""The CSV in a real spreadsheet program: LibreOffice reads what was written, character for character."""

import csv
import subprocess

import pytest

from tests.programs import require


def _through_libreoffice(text: bytes, folder) -> list[list[str]]:
    """Open a CSV as UTF-8 with commas in LibreOffice and save it again."""
    source = folder / "given.csv"
    source.write_bytes(text)
    saved = folder / "saved"
    subprocess.run(
        [
            require("soffice"),
            "--headless",
            f"-env:UserInstallation=file://{folder / 'profile'}",
            "--infilter=CSV:44,34,76,1,,0,false,true",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
            "--outdir",
            str(saved),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (saved / "given.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
def test_libreoffice_reads_the_register_with_every_character(live, page, tmp_path, language):
    page.set_extra_http_headers({"Accept-Language": language})
    address = live / "proposals.csv?q=lao+cai&excel=1"
    answer = page.request.get(address, headers={"Accept-Language": language})
    text = answer.body()
    assert text.startswith(b"\xef\xbb\xbf")
    expected = list(csv.reader(text.decode("utf-8-sig").splitlines(keepends=True)))
    assert len(expected) > 5
    read = _through_libreoffice(text, tmp_path)
    columns = [index for index, name in enumerate(expected[0]) if index in (0, 1, 22, 23, 29)]
    assert [[row[index] for index in columns] for row in read] == [
        [row[index] for index in columns] for row in expected
    ]
    titles = " ".join(row[1] for row in read)
    assert ("Lào Cai" if language == "vi" else "老街") in titles
