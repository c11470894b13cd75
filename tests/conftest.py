"""What every test may ask for."""

from __future__ import annotations

import pytest

from tests.programs import require


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice."""
    return require("soffice")
