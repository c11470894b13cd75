"""Every colour of the pages and charts, and the style sheet that carries them.

A colour is named by a token such as ``--status-agreed`` and stands for a pair: on a light page, on a dark page. The
scales' pairs come from `choices`; those of the page itself stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from tracker.choices import AnswerKind, Look, Schedule, Status
from tracker.gate_scale import GateState

Pair = tuple[str, str]
Scaled = Status | AnswerKind | Schedule | GateState

_PAGE: Mapping[str, Pair] = {
    "--page": ("#f4f6f8", "#10151b"),
    "--surface": ("#ffffff", "#181f27"),
    "--sunken": ("#eaeef2", "#222b35"),
    "--ink": ("#15202b", "#e8ecf0"),
    "--muted": ("#4f5d6c", "#a6b2be"),
    "--rule": ("#d3dae1", "#35404c"),
    "--control": ("#76838f", "#7d8a97"),
    "--accent": ("#14508c", "#8dbdf0"),
    "--on-accent": ("#ffffff", "#0c1a29"),
    "--banner": ("#12345a", "#0b1826"),
    "--on-banner": ("#ffffff", "#e8ecf0"),
    "--info": ("#e4eef8", "#16293d"),
    "--warning": ("#fff2cf", "#3b2f0f"),
    "--error": ("#fde8e1", "#44211a"),
    "--success": ("#e0f2ea", "#123427"),
}

_SCALES: Mapping[str, type[Scaled]] = {"status": Status, "answer": AnswerKind, "schedule": Schedule, "gate": GateState}


def css_class(value: Scaled) -> str:
    """Give the class that carries the colour and character of a value: ``status-agreed``."""
    name = next(name for name, scale in _SCALES.items() if isinstance(value, scale))
    return f"{name}-{value.value}"


def tone(value: Scaled) -> str:
    """Give the colour of a value, to be resolved in the browser."""
    return f"var(--{css_class(value)})"


def ink_on(value: Scaled) -> str:
    """Give the colour of text upon the colour of a value."""
    return f"var(--on-{css_class(value)})"


def luminance(colour: str) -> float:
    """Give the relative luminance of ``#rrggbb`` as WCAG defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours as WCAG defines it, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable_on(colour: str) -> str:
    return max(("#ffffff", "#0b1118"), key=lambda ink: contrast(ink, colour))


def _pairs_of(look: Look) -> tuple[Pair, Pair]:
    return (look.light, look.dark), (_readable_on(look.light), _readable_on(look.dark))


@cache
def colours() -> Mapping[str, Pair]:
    """Give every token with its pair of colours."""
    pairs = dict(_PAGE)
    for scale in _SCALES.values():
        for value in scale:
            name = css_class(value)
            pairs[f"--{name}"], pairs[f"--on-{name}"] = _pairs_of(value.look)
    return pairs


def _block(selector: str, lines: Iterable[str]) -> str:
    return f"{selector}{{{';'.join(lines)}}}"


@cache
def scale_css() -> str:
    """Write the style sheet of all colours: custom properties, light and dark, and one class for each value."""
    light = [f"{token}:{pair[0]}" for token, pair in colours().items()]
    dark = [f"{token}:{pair[1]}" for token, pair in colours().items()]
    classes = [
        _block(f".{name}", (f"--tone:var(--{name})", f"--on-tone:var(--on-{name})", f'--glyph:"{value.look.glyph}"'))
        for scale in _SCALES.values()
        for value in scale
        for name in (css_class(value),)
    ]
    # Paper is always light, whatever the screen.
    night = f"@media screen and (prefers-color-scheme:dark){{{_block(':root', dark)}}}"
    return "\n".join(('@charset "utf-8";', _block(":root", ("color-scheme:light dark", *light)), night, *classes, ""))
