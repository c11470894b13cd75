"""Makers of records for tests: each takes only what matters to the test and fills in the rest."""

from __future__ import annotations

import itertools
from datetime import date

from django.contrib.auth.models import Group, User

from tracker.choices import (
    Act,
    Bears,
    GateClass,
    Grade,
    Language,
    Nature,
    OrganizationKind,
    Precision,
    Publication,
    Role,
    Side,
    Stance,
    Status,
)
from tracker.models import (
    Account,
    Bearing,
    BorderGate,
    Deadline,
    Development,
    Indicator,
    Involvement,
    Meeting,
    MeetingSeries,
    Milestone,
    Organization,
    Pathway,
    PathwayStep,
    Person,
    Post,
    Proposal,
    Review,
    Source,
    Statement,
    StatusChange,
    Target,
    Theme,
)
from tracker.staff_scales import AccountRole
from tracker.transitions import record_status

_numbers = itertools.count(1)
TODAY = date(2026, 11, 20)
PASSWORD = "lan-dao-muong-hum-2026"  # noqa: S105


def _slug(stem: str) -> str:
    return f"{stem}-{next(_numbers)}"


def make_theme(slug="trade", **fields):
    fields = {"name_en": slug.capitalize(), **fields}
    return Theme.objects.get_or_create(slug=slug, defaults=fields)[0]


def make_organization(slug=None, side=Side.VIETNAM, **fields):
    slug = slug or _slug("organization")
    name = fields.pop("name", slug.replace("-", " ").title())
    fields = {"name_en": name, "short_name_en": name, "kind": OrganizationKind.PROVINCE, **fields}
    return Organization.objects.create(slug=slug, side=side, **fields)


def make_source(slug=None, **fields):
    fields = {
        "publisher": "Agency",
        "title": "Report",
        "language": Language.ENGLISH,
        "grade": Grade.PRESS,
        "published_on": date(2024, 11, 6),
        **fields,
    }
    return Source.objects.create(slug=slug or _slug("source"), **fields)


def make_post(name="Nguyen Van A", organization=None, **fields):
    person = Person.objects.create(slug=_slug("person"), name_en=name)
    fields = {"title_en": "Chair", **fields}
    return Post.objects.create(person=person, organization=organization or make_organization(), **fields)


def make_series(slug=None, **fields):
    return MeetingSeries.objects.create(**{"slug": slug or _slug("series"), "name_en": "Annual conference", **fields})


def make_meeting(day=date(2024, 6, 12), series=None, slug=None, **fields):
    fields = {"name_en": f"Meeting of {day}", "publication": Publication.PUBLISHED, **fields}
    return Meeting.objects.create(
        slug=slug or _slug("meeting"),
        series=series or make_series(),
        first_day=fields.pop("first_day", day),
        last_day=day,
        **fields,
    )


def make_gate(slug=None, **fields):
    fields = {
        "name_en": "A Pa Chai – Long Phu",
        "gate_class": GateClass.MAIN,
        "vietnam_side": fields.pop("vietnam_side", None) or make_organization(),
        "china_side": fields.pop("china_side", None) or make_organization(side=Side.CHINA),
        **fields,
    }
    return BorderGate.objects.create(slug=slug or _slug("gate"), **fields)


def make_proposal(title="Open the gate", *, status=Status.PROPOSED, since=date(2024, 6, 12), **fields):
    """Make a published proposal whose history has one row: `status` since `since` (None: no history)."""
    roles = {role: fields.pop(role.value, []) for role in Role}
    fields = {
        "slug": fields.pop("slug", None) or _slug("proposal"),
        "title_en": title,
        "theme": fields.pop("theme", None) or make_theme(),
        "nature": Nature.ONE_OFF,
        "completion_test_en": "The gate is open.",
        "publication": Publication.PUBLISHED,
        **fields,
    }
    proposal = Proposal.objects.create(**fields)
    for role, organizations in roles.items():
        for organization in organizations:
            Involvement.objects.create(proposal=proposal, organization=organization, role=role)
    if since is not None:
        make_change(proposal, status, on=since)
    return proposal


def make_change(proposal, new, *, on, today=TODAY, by=None, **fields):
    """Record a status change through the front door of `transitions`."""
    fields = {
        "reason_en": "A source says so.",
        "source": fields.pop("source", None) or make_source(),
        **fields,
    }
    change = StatusChange(proposal=proposal, new=new, effective_on=on, **fields)
    record_status(change, today=today, by=by)
    proposal.refresh_from_db()
    return change


def make_statement(proposal, meeting=None, stance=Stance.REQUESTED, **fields):
    """Make a statement; unless told otherwise Vietnam asks and China answers."""
    side = Side.CHINA if Stance(stance).act == Act.ANSWER else Side.VIETNAM
    fields = {
        "meeting": meeting or make_meeting(),
        "organization": fields.pop("organization", None) or make_organization(side=side),
        "source": fields.pop("source", None) or make_source(),
        "paragraph": 1,
        "summary_en": "Asked for it.",
        **fields,
    }
    return Statement.objects.create(proposal=proposal, stance=stance, **fields)


def make_deadline(proposal, last_day, **fields):
    fields = {
        "phrase_en": f"by {last_day}",
        "first_day": last_day,
        "stated_on": date(2024, 6, 12),
        "source": fields.pop("source", None) or make_source(),
        **fields,
    }
    return Deadline.objects.create(proposal=proposal, last_day=last_day, **fields)


def make_development(proposal, day=date(2024, 9, 1), *, bears=Bears.ADVANCES, sources=None, **fields):
    """Make a development that bears on the proposal, with one source unless some are given."""
    fields = {"happened_on": day, "summary_en": "Works began.", **fields}
    development = Development.objects.create(**fields)
    development.sources.set(sources if sources is not None else [make_source()])
    Bearing.objects.create(development=development, proposal=proposal, bears=bears)
    return development


def make_review(proposal, day, **fields):
    return Review.objects.create(proposal=proposal, reviewed_on=day, **fields)


def make_milestone(proposal, name, day=None, **fields):
    """Make a step of a proposal; reached on the day, if one is given."""
    dated = {"first_day": day, "last_day": day, "source": make_source()} if day else {"precision": Precision.NONE}
    return Milestone.objects.create(proposal=proposal, name_en=name, **{**dated, **fields})


def make_pathway(slug, *codes):
    """Make a pathway with steps in the order of their codes; give the steps by code."""
    pathway = Pathway.objects.create(slug=slug, name_en=slug.capitalize())
    return {
        code: PathwayStep.objects.create(
            pathway=pathway, position=10 * number, code=code, name_en=str(code).capitalize().replace("_", " ")
        )
        for number, code in enumerate(codes, 1)
    }


def make_target(proposal, value, *, stated_on=date(2024, 6, 12), **fields):
    """Make an indicator of the proposal with a target that has no date unless one is given."""
    indicator = Indicator.objects.create(
        slug=_slug("indicator"), name_en="Trade", unit_en="billion US dollars", proposal=proposal
    )
    fields = {"precision": Precision.NONE, "source": fields.pop("source", None) or make_source(), **fields}
    return Target.objects.create(indicator=indicator, value=value, stated_on=stated_on, **fields)


def make_account(role=None, organization=None, name=None, **fields):
    """Make a user as the page of accounts would: with a role, of an organization, if they are given."""
    fields = {"is_staff": role not in (None, AccountRole.VIEWER), "password": PASSWORD, **fields}
    user = User.objects.create_user(name or _slug(role), **fields)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    Account.objects.create(user=user, organization=organization)
    return user
