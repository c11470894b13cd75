"""What tests of the sheet of a meeting share: two delegations, what an officer types, and what the page answers."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import Group, User

from tests.makers import (
    make_deadline,
    make_meeting,
    make_organization,
    make_post,
    make_proposal,
    make_series,
    make_source,
    make_statement,
    make_theme,
)
from tests.pages import read
from tracker.choices import Side
from tracker.models import Meeting, Proposal, Source, Statement, StatusChange
from tracker.staff_scales import AccountRole

SHEET = "/admin/new-meeting/"


def signed_in(client, role=AccountRole.EDITOR, name="linh"):
    """Sign in somebody with a role."""
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user, backend="tracker.access.RulesBackend")
    return client


class Table:
    """Two delegations, the conference that they hold every year, and what is open between them."""

    def __init__(self):
        self.yunnan = make_organization("yunnan", Side.CHINA)
        self.lao_cai = make_organization("lao-cai")
        self.series = make_series(
            "conference",
            name_en="Annual conference",
            counterpart=self.yunnan,
        )
        self.fifth = make_meeting(
            date(2025, 10, 30),
            self.series,
            "conference-5",
            number=5,
            name_en="Fifth annual conference with Yunnan",
            name_vi="Hội nghị lần thứ năm với Vân Nam",
            name_zh_hans="与云南省第五次会议",
            place_en="Lai Chau",
        )
        self.fifth.organizations.set([self.yunnan, self.lao_cai])
        self.ours = make_post("Trinh Viet Hung", self.lao_cai, title_en="Secretary of Lao Cai")
        self.theirs = make_post("Wang Ning", self.yunnan, title_en="Secretary of Yunnan")
        self.source = make_source("conference-report", publisher="Nhan Dan", title="Sixth conference held")
        self.gate = make_proposal("Open the gate", theme=make_theme("gates"), since=date(2024, 6, 12))
        make_statement(
            self.gate, self.fifth, organization=self.lao_cai, addressee=self.yunnan, summary_en="Asked to open it."
        )
        make_deadline(self.gate, date(2026, 1, 31), phrase_en="by Lunar New Year")
        self.train = make_proposal("Build the railway", theme=make_theme("rail"), addressee=[self.yunnan])

    @property
    def address(self):
        return f"{SHEET}?series=conference"

    def typed(self, **more):
        """Write what an officer types about the meeting itself, and about who spoke."""
        return {
            "action": "save",
            "asks": "0",
            "name_en": "Sixth annual conference with Yunnan",
            "number": "6",
            "when": "2026-11-18",
            "state": "held",
            "published": "on",
            "organizations": [self.yunnan.pk, self.lao_cai.pk],
            "common-vietnam": "trinh viet hung",
            "common-china": "Wang Ning, Secretary of Yunnan",
            "common-source": "sixth conference held",
            **more,
        }

    def ask(self, number=0, **more):
        """Write a new ask as it is typed into a row of the grid."""
        row = {
            "title_en": "Offer fifty scholarships",
            "theme": make_theme("training").pk,
            "nature": "one_off",
            "completion_test_en": "Fifty students have begun.",
            "phrase": "in 2027",
            "due": "2027",
            "raised-stance": "requested",
            "raised-summary_en": "Asked for fifty scholarships.",
            "raised-paragraph": "7",
            **more,
        }
        return {f"ask-{number}-{name}": value for name, value in row.items()}


def line(proposal, kind, summary="Said so.", **typed):
    """Tick a matter and fill in the line that opens."""
    stances = {"raised": "requested", "answered": "agreed"}
    fields = {
        "summary_en": summary,
        "paragraph": "4",
        **({"stance": stances[kind]} if kind in stances else {}),
        **typed,
    }
    return {f"item-{proposal.pk}-{kind}-{name}": value for name, value in fields.items()}


def ticked(*kinds):
    return list(kinds)


def counts():
    return [kind.objects.count() for kind in (Meeting, Proposal, Statement, StatusChange, Source)]


def faults(response):
    """Give what the page says is to be mended, by the name of the field beside it."""
    assert response.status_code == 200
    page = read(response)
    found = {}
    for field in page.all("p", "tracker-field"):
        messages = [message.text for message in field.all("ul", "errorlist")]
        named = [one.attrs["name"] for tag in ("input", "select", "textarea") for one in field.all(tag)]
        if messages:
            found[named[0]] = " ".join(messages)
    return found


def done(response):
    assert response.status_code == 302, faults(response)
    return response["Location"]
