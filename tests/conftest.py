"""What every test may ask for."""

from __future__ import annotations

import pytest
from django.utils import translation

from tests.programs import require


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice."""
    return require("soffice")


@pytest.fixture(autouse=True)
def language():
    """Begin every test in English: a page asked for in another language leaves its language behind."""
    translation.activate("en")
