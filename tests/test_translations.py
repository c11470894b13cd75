"""Every sentence of the interface exists in every language, whole and with its placeholders."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# function: which of its arguments are the context, the text and the text of the plural
ARGUMENTS = {
    "gettext": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
IN_TEMPLATES = {"_": "gettext"} | {name: name for name in ARGUMENTS}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w*\}(?!\})")


class Text(NamedTuple):
    """A sentence that the code shows, and where."""

    context: str | None
    single: str
    plural: str | None
    where: str


def _texts(tree: ast.AST, functions: dict[str, str], where: str, line: int = 0) -> Iterator[Text]:
    """The constant texts given to translating functions, by the names they have here."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in functions:
            continue
        parts = [
            None if place is None or place >= len(node.args) else node.args[place]
            for place in ARGUMENTS[functions[name]]
        ]
        place = f"{where}:{line or node.lineno}"
        assert not any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in parts), (
            f"{place}: a text put together at run time has no translation; use a placeholder"
        )
        context, single, plural = (part.value if isinstance(part, ast.Constant) else None for part in parts)
        if single is not None:
            yield Text(context, single, plural, place)


def texts_of_module(source: str, where: str) -> Iterator[Text]:
    """What a Python module shows."""
    tree = ast.parse(source)
    functions = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in ARGUMENTS
    }
    return _texts(tree, functions | {name: name for name in ARGUMENTS}, where)


def texts_of_template(source: str, where: str) -> Iterator[Text]:
    """What a template shows, by the calls that Django's own extraction turns its tags into."""
    code = templatize(source)
    for found in re.finditer(r"(?<!\w)(?:_|gettext|n?pgettext|ngettext)\(", code):
        line = code.count("\n", 0, found.start()) + 1
        yield from _texts(ast.parse(_first_call(code[found.start() :])), IN_TEMPLATES, where, line)


def _first_call(code: str) -> str:
    """Cut the code off where the first parenthesis closes."""
    depth = 0
    lines = code.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        depth += {"(": 1, ")": -1}.get(token.string, 0)
        if token.string == ")" and depth == 0:
            row, column = token.end
            return "".join(lines[: row - 1]) + lines[row - 1][:column]
    raise AssertionError(f"never closed: {code[:80]}")


@cache
def used() -> dict[tuple[str | None, str], Text]:
    """Every text of the interface by context and singular."""
    base = settings.BASE_DIR
    found: list[Text] = []
    for path in sorted((base / "tracker").rglob("*.py")):
        if "migrations" not in path.parts:
            found += texts_of_module(path.read_text("utf-8"), str(path.relative_to(base)))
    for path in sorted((base / "templates").rglob("*.*")):
        found += texts_of_template(path.read_text("utf-8"), str(path.relative_to(base)))
    return {(text.context, text.single): text for text in found}


@cache
def catalog(language: str) -> Catalog:
    path = Path(settings.LOCALE_PATHS[0], to_locale(language), "LC_MESSAGES", "django.po")
    assert path.exists(), f"no catalog at {path.relative_to(settings.BASE_DIR)}"
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def entries(language: str) -> dict[tuple[str | None, str], Message]:
    """The catalog's entries by context and singular."""
    return {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id): message
        for message in catalog(language)
        if message.id
    }


def _strings(value: object) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [str(value or "")]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    known = entries(language)
    missing = [
        f"{text.where}: {text.single!r}"
        for key, text in used().items()
        if key not in known or not all(_strings(known[key].string))
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language):
    assert [message.id for message in catalog(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language):
    """A language with one form for all numbers takes the plural's placeholders."""
    changed = [
        f"{message.id!r} → {string!r}"
        for message in entries(language).values()
        for string in _strings(message.string)
        if string and placeholders(string) != placeholders(_strings(message.id)[-1])
    ]
    assert changed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language):
    stale = [single for context, single in entries(language) if (context, single) not in used()]
    assert stale == []
    assert list(catalog(language).obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_forms_that_the_language_needs(language):
    forms = catalog(language).num_plurals
    for text in used().values():
        message = entries(language).get((text.context, text.single))
        if text.plural is not None and message is not None:
            assert message.id == (text.single, text.plural), text.where
            assert len(_strings(message.string)) == forms, text.where


def test_texts_are_found_in_modules():
    source = (
        "from django.utils.translation import gettext_lazy as _, ngettext\n"
        "a = _('One')\nb = ngettext('%(n)s day', '%(n)s days', 2)\nc = pgettext('month', 'May')\nd = _(name)"
    )
    assert [text[:3] for text in texts_of_module(source, "x.py")] == [
        (None, "One", None),
        (None, "%(n)s day", "%(n)s days"),
        ("month", "May", None),
    ]


def test_texts_are_found_in_templates():
    source = (
        "{% load i18n %}<p>a ( {% translate 'One (1)' %}\n   {% translate 'May' context 'month' %}"
        "{% blocktranslate count n=days trimmed %}\n  {{ n }} day\n{% plural %}\n {{ n }} days{% endblocktranslate %}"
        "{{ _('Two') }}{{ x|default:_('None') }}</p>"
    )
    assert [text[:3] for text in texts_of_template(source, "x.html")] == [
        (None, "One (1)", None),
        ("month", "May", None),
        (None, "%(n)s day", "%(n)s days"),
        (None, "Two", None),
        (None, "None", None),
    ]


def test_a_text_put_together_at_run_time_is_refused():
    source = "from django.utils.translation import gettext as _\na = _(f'{n} days')"
    with pytest.raises(AssertionError, match="placeholder"):
        list(texts_of_module(source, "x.py"))


def test_placeholders_of_both_kinds_are_compared():
    assert placeholders("%(n)s of {total}, 5 %%s") == ["%(n)s", "{total}"]
