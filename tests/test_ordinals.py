"""Numbers in the names of meetings."""

import pytest

from tracker.ordinals import renumbered


@pytest.mark.parametrize(
    ("name", "old", "new", "next_name"),
    [
        ("Fifth annual conference with Yunnan", 5, 6, "Sixth annual conference with Yunnan"),
        ("12th regular talks", 12, 13, "13th regular talks"),
        ("The 21st session", 21, 22, "The 22nd session"),
        ("Twentieth session", 20, 21, "21st session"),
        ("Hội nghị thường niên lần thứ năm giữa", 5, 6, "Hội nghị thường niên lần thứ sáu giữa"),
        ("Phiên họp thứ 10 Nhóm công tác", 10, 11, "Phiên họp thứ 11 Nhóm công tác"),
        ("Lần thứ mười một", 11, 12, "Lần thứ mười hai"),
        ("年度会晤机制第五次会议", 5, 6, "年度会晤机制第六次会议"),
        ("联合工作组第十九次会议", 19, 20, "联合工作组第二十次会议"),
        ("第9次会议", 9, 10, "第10次会议"),
        # a longer number is another one, and a year is none
        ("Lần thứ mười một", 10, 11, ""),
        ("第五十次会议", 5, 6, ""),
        ("2026 spring meeting", 11, 12, ""),
        ("115th session", 15, 16, ""),
    ],
)
def test_a_name_takes_the_next_number_in_its_own_way(name, old, new, next_name):
    assert renumbered(name, old, new) == next_name
