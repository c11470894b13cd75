"""What tests of the workplace share: one record of everything, and forms filled in as a browser would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.urls import reverse

from tests.makers import (
    make_deadline,
    make_gate,
    make_meeting,
    make_organization,
    make_pathway,
    make_post,
    make_proposal,
    make_source,
    make_statement,
)
from tracker.choices import Bears
from tracker.models import (
    Bearing,
    Development,
    Indicator,
    Milestone,
    Note,
    Observation,
    Review,
    Series,
    Target,
)

MODELS = (
    "bordergate",
    "deadline",
    "development",
    "indicator",
    "meeting",
    "meetingseries",
    "milestone",
    "note",
    "observation",
    "organization",
    "pathway",
    "person",
    "post",
    "proposal",
    "review",
    "series",
    "source",
    "statement",
    "statuschange",
    "target",
    "theme",
)


def make_development(proposal=None, day=date(2024, 9, 1), **fields):
    development = Development.objects.create(happened_on=day, summary_en="Works began.", **fields)
    development.sources.add(make_source())
    if proposal:
        Bearing.objects.create(development=development, proposal=proposal, bears=Bears.ADVANCES)
    return development


def make_figures(proposal, number=1):
    """Make an indicator of the proposal with a target, a series and an observation."""
    source = make_source()
    indicator = Indicator.objects.create(slug=f"trade-{number}", name_en="Trade", unit_en="billion", proposal=proposal)
    series = Series.objects.create(
        slug=f"customs-{number}", name_en="Customs", indicator=indicator, compiler_en="Customs", unit_en="billion"
    )
    target = Target.objects.create(
        indicator=indicator, value=Decimal(5), stated_on=date(2024, 1, 1), source=source, precision="none"
    )
    observation = Observation.objects.create(
        series=series,
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        value=Decimal("3.4"),
        source=source,
    )
    return indicator, series, target, observation, source


def make_everything(number=1):
    """Make a proposal with one record of every kind; give the records by the names of their models."""
    gate = make_gate()
    proposal = make_proposal(f"Open gate {number}")
    proposal.gates.add(gate)
    post = make_post(f"Speaker {number}")
    meeting = make_meeting()
    steps = make_pathway(f"railway-{number}", "agreed")
    records = [
        steps["agreed"].pathway,
        steps["agreed"],
        gate,
        proposal,
        proposal.theme,
        proposal.status_changes.get(),
        post,
        post.person,
        meeting,
        meeting.series,
        *make_figures(proposal, number),
        make_organization(parent=make_organization()),
        make_statement(proposal, meeting=meeting, post=post),
        make_deadline(proposal, date(2025, 1, 31)),
        make_development(proposal, gate=gate),
        Milestone.objects.create(proposal=proposal, name_en="Signed", gate=gate, precision="none"),
        Review.objects.create(proposal=proposal, reviewed_on=date(2024, 8, 1)),
        Note.objects.create(proposal=proposal, written_on=date(2024, 8, 1), text_en="Ask again."),
    ]
    return {record._meta.model_name: record for record in records}


def address(model, page, *args):
    return reverse(f"admin:tracker_{model}_{page}", args=args)


def filled(response):
    """Read off a page what a browser would send if nobody typed anything."""
    forms = [response.context["adminform"].form]
    sent = {}
    for shown in response.context["inline_admin_formsets"]:
        forms.append(shown.formset.management_form)
        if shown.has_change_permission:
            forms += shown.formset.initial_forms
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            if isinstance(value, (list, tuple)):
                sent[bound.html_name] = [getattr(item, "pk", item) for item in value]
            else:
                sent[bound.html_name] = "on" if value is True else str(value)
    return sent


def inline(prefix, *rows, existing=0):
    """Write rows of an inline as a browser would."""
    sent = {f"{prefix}-TOTAL_FORMS": existing + len(rows), f"{prefix}-INITIAL_FORMS": existing}
    for number, row in enumerate(rows, start=existing):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def errors_of(response):
    """Give the messages by field: of the form, and of the inlines by prefix, number and field."""
    found = {name: " ".join(messages) for name, messages in response.context["adminform"].form.errors.items()}
    for shown in response.context["inline_admin_formsets"]:
        formset = shown.formset
        if formset.non_form_errors():
            found[formset.prefix] = " ".join(formset.non_form_errors())
        for form in formset.forms:
            for name, messages in form.errors.items():
                found[f"{form.prefix}-{name}"] = " ".join(messages)
    return found
