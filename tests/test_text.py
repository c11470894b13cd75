"""Text folded for search."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.records import RELAXED
from tracker.text import fold, fold_all

texts = st.text(st.characters(exclude_categories=["Cs"]))
chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))
vietnamese = st.text("aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ ")


@pytest.mark.parametrize(
    "text",
    [
        "Lào Cai",
        "LAO CAI",
        "lao  cai",
        "\tLào\u00a0Cai\r\n",
        "Lào\u3000Cai",
        "ＬＡＯ　ＣＡＩ",
        unicodedata.normalize("NFD", "Lào Cai"),
    ],
)
def test_a_name_is_the_same_in_any_case_with_or_without_diacritics_and_spaces(text):
    assert fold(text) == "lao cai"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("đ", "d"),
        ("Đ", "d"),
        ("Điện Biên", "dien bien"),
        ("ĐƯỜNG SẮT", "duong sat"),
        ("Nguyễn Phú Trọng", "nguyen phu trong"),
        ("Énergie", "energie"),
        ("Straße", "strasse"),
        ("A Pa Chải – Long Phú", "a pa chai - long phu"),
        ("A Pa Chải — Long Phú", "a pa chai - long phu"),
        ("people’s committee", "people's committee"),
        ("5,000 km²", "5,000 km2"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_letters_lose_their_case_and_marks(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["老街", "云南省", "广西壮族自治区", "龙富口岸"])
def test_chinese_names_stay_as_they_are(text):
    assert fold(text) == text


@RELAXED
@given(chinese)
def test_no_chinese_character_is_touched(text):
    assert fold(text) == text


@RELAXED
@given(texts)
@example("\ufe31")  # the vertical form of a dash, which decomposes to a dash that is folded in turn
@example("\ufe58")
@example("İẞŉǰ")
@example("¨ a")
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@RELAXED
@given(texts)
def test_it_does_not_matter_how_marks_are_encoded(text):
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@RELAXED
@given(vietnamese)
def test_vietnamese_becomes_plain_letters_whatever_its_case(text):
    assert fold(text) == fold(text.upper())
    assert set(fold(text)) <= set("abcdeghiklmnopqrstuvxy ")


def test_several_texts_become_one_line():
    assert fold_all(["Lào Cai", "Lao Cai", "老街"]) == "lao cai | lao cai | 老街"


def test_texts_that_say_nothing_leave_no_gap():
    assert fold_all([None, "", "Lào Cai", "  ", "\u0301", "老街", None]) == "lao cai | 老街"
    assert fold_all([]) == ""
    assert fold_all([None, " "]) == ""


def test_a_phrase_cannot_begin_in_one_text_and_end_in_the_next():
    assert "cai yunnan" not in fold_all(["Lào Cai", "Yunnan"])
    assert "caiyunnan" not in fold_all(["Lào Cai", "Yunnan"])
