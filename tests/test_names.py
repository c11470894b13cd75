"""Names that filters offer and search knows, and the kinship of organizations."""

from __future__ import annotations

import pytest

from tests.records import make_named
from tracker.choices import OrganizationKind, Side
from tracker.names import Vocabulary, family, units

STATE, PROVINCE, COMMITTEE, MINISTRY, GOVERNMENT, BODY = (
    OrganizationKind.STATE,
    OrganizationKind.PROVINCE,
    OrganizationKind.PARTY_COMMITTEE,
    OrganizationKind.MINISTRY,
    OrganizationKind.GOVERNMENT,
    OrganizationKind.JOINT_BODY,
)


def vietnamese(number, slug, kind=PROVINCE, **fields):
    return make_named(number, slug, side=Side.VIETNAM, kind=kind, **fields)


def chinese(number, slug, kind=PROVINCE, **fields):
    return make_named(number, slug, side=Side.CHINA, kind=kind, **fields)


ORGANIZATIONS = (
    vietnamese(1, "viet-nam", STATE),
    vietnamese(2, "lao-cai", parent=1, search_text="lao cai | 老街"),
    vietnamese(3, "yen-bai", parent=1, successor=2),
    vietnamese(4, "lao-cai-committee", COMMITTEE, parent=2),
    vietnamese(5, "yen-bai-committee", COMMITTEE, parent=3),
    vietnamese(6, "ha-giang", parent=1),
    chinese(7, "china", STATE),
    chinese(8, "yunnan", parent=7, search_text="yunnan province | van nam | 云南省"),
    chinese(9, "honghe", parent=8),
    chinese(10, "honghe-committee", COMMITTEE, parent=9),
    chinese(11, "china-foreign-ministry", MINISTRY, parent=7),
    make_named(12, "working-group", side=Side.JOINT, kind=BODY),
)
GATES = (make_named(1, "lao-cai-hekou", search_text="lao cai - hekou | 老街－河口"),)
NAMES = Vocabulary(
    themes=(make_named(1, "trade", search_text="trade | thuong mai"),),
    organizations=ORGANIZATIONS,
    meetings=(make_named(1, "kunming-2024", search_text="kunming | con minh"),),
    gates=GATES,
)


@pytest.mark.parametrize("name", ["lao cai", "老街"])
def test_a_name_in_any_language_names_the_organization(name):
    assert [one.search_text for one in NAMES.named(name)] == ["lao cai | 老街"]


def test_the_name_of_a_gate_names_the_gate():
    assert [one.search_text for one in NAMES.named("lao cai - hekou")] == ["lao cai - hekou | 老街－河口"]


@pytest.mark.parametrize("text", ["lao", "lao cai gate", "老", "", "thuong mai", "con minh"])
def test_what_is_not_the_whole_name_of_an_organization_or_a_gate_names_nothing(text):
    assert NAMES.named(text) == ()


def test_organizations_that_share_a_name_are_all_named_by_it():
    two = (
        make_named(1, "a", search_text="border office | 边办"),
        make_named(2, "b", search_text="border office | 边境办"),
    )
    assert Vocabulary((), two, (), ()).named("border office") == two


@pytest.mark.parametrize(
    ("slug", "ids"),
    [
        ("lao-cai", {2, 4, 3, 5}),  # its committee, the province it succeeded, and that one's committee
        ("yen-bai", {3, 5}),  # what came after it is not part of it
        ("lao-cai-committee", {4}),
        ("ha-giang", {6}),
        ("viet-nam", {1, 2, 3, 4, 5, 6}),
        ("yunnan", {8, 9, 10}),
        ("working-group", {12}),
    ],
)
def test_a_family_is_all_that_belongs_to_an_organization_and_all_that_it_succeeded(slug, ids):
    assert family(ORGANIZATIONS, [slug]) == ids
    assert family(reversed(ORGANIZATIONS), [slug]) == ids


def test_families_of_several_names_are_put_together():
    assert family(ORGANIZATIONS, ["yen-bai", "yunnan"]) == {3, 5, 8, 9, 10}


@pytest.mark.parametrize("slugs", [[], ["nowhere"]])
def test_an_unknown_name_has_no_family(slugs):
    assert family(iter(ORGANIZATIONS), slugs) == set()


def test_a_family_is_found_even_where_each_is_entered_as_the_parent_of_the_other():
    assert family([vietnamese(1, "a", parent=2), vietnamese(2, "b", parent=1)], ["a"]) == {1, 2}


def test_vietnam_counts_as_one_and_each_chinese_province_for_itself():
    unit_of = {number: one.slug for number, one in units(ORGANIZATIONS).items()}
    assert unit_of == {
        **dict.fromkeys((1, 2, 3, 4, 5, 6), "viet-nam"),
        7: "china",
        **dict.fromkeys((8, 9, 10), "yunnan"),
        11: "china-foreign-ministry",
        12: "working-group",
    }


def test_a_joint_body_counts_for_itself_even_where_it_belongs_to_something():
    bodies = (
        vietnamese(1, "viet-nam", STATE),
        make_named(2, "steering-committee", side=Side.JOINT, kind=BODY, parent=1),
        make_named(3, "working-group", side=Side.JOINT, kind=BODY, parent=2),
    )
    assert {number: one.slug for number, one in units(bodies).items()} == {
        1: "viet-nam",
        2: "steering-committee",
        3: "working-group",
    }


def test_an_organization_whose_parent_is_not_among_them_counts_for_itself():
    assert units(iter([vietnamese(2, "lao-cai", parent=1)]))[2].slug == "lao-cai"


def test_two_organizations_entered_as_parents_of_each_other_do_not_hang_the_page():
    assert set(units([vietnamese(1, "a", parent=2), vietnamese(2, "b", parent=1)])) == {1, 2}
