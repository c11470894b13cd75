"""System programs that some tests need: find them, install them where that is allowed, or say what to install.

`make test` runs this module before the tests, so that a wait for a download is seen and happens once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

IN_CI = os.environ.get("CI", "").lower() in {"1", "yes", "true"}


@dataclass(frozen=True)
class Program:
    """Something the operating system provides: how to find it and which Debian packages bring it."""

    purpose: str
    packages: tuple[str, ...]
    names: tuple[str, ...] = ()
    variable: str = ""  # names a program at an unusual place
    languages: tuple[str, ...] = ()  # fonts: those that must be drawable

    def find(self) -> str:
        """Give the program's path, or the word “fonts”; an empty text where there is none."""
        if self.languages:
            return "fonts" if all(_has_font(language) for language in self.languages) else ""
        if self.variable and (given := os.environ.get(self.variable, "").strip()):
            return shutil.which(given) or ""
        return next((path for name in self.names if (path := shutil.which(name))), "")

    @property
    def advice(self) -> str:
        """One line for whoever has to install it."""
        return f"{self.purpose} need a system package: apt-get install {' '.join(self.packages)}"


PROGRAMS = {
    "chromium": Program(
        "The browser tests",
        packages=("chromium",),
        names=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        variable="CHROMIUM",
    ),
    "fonts": Program(
        "Vietnamese and Chinese in the browser tests",
        packages=("fontconfig", "fonts-noto-core", "fonts-noto-cjk"),
        languages=("vi", "zh-cn"),
    ),
    "soffice": Program("The spreadsheet tests", packages=("libreoffice-calc-nogui",), names=("soffice", "libreoffice")),
}


def _has_font(language: str) -> bool:
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", f":lang={language}"], capture_output=True, check=False).stdout)


def require(name: str) -> str:
    """Give a program's path; without it the test is skipped, or fails in CI, with one line of advice."""
    program = PROGRAMS[name]
    if path := program.find():
        return path
    return pytest.fail(program.advice) if IN_CI else pytest.skip(program.advice)


def install(missing: list[Program]) -> None:
    """Install from Debian's packages where there is the right to; what fails is told by the caller."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", "update"], env=quiet, stdin=subprocess.DEVNULL, check=False)
    for program in missing:
        say(f"Installing {' '.join(program.packages)}")
        command = ["apt-get", "-q", "install", "-y", "--no-install-recommends", *program.packages]
        subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, check=False)


def say(line: str) -> None:
    """Write a line at once, before what another program writes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Find or install everything; name what is missing. In CI that is a failure."""
    if missing := [program for program in PROGRAMS.values() if not program.find()]:
        install(missing)
    lacking = [program for program in missing if not program.find()]
    for program in lacking:
        say(program.advice)
    return 1 if lacking and IN_CI else 0


if __name__ == "__main__":
    sys.exit(main())
