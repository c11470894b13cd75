"""Which texts exist in English, Vietnamese and Chinese; and the history of every record, translations included.

History is registered here because its tables copy the columns that a model has at that moment, and the
translated ones are added by the lines above.
"""

import simple_history
from modeltranslation.translator import TranslationOptions, translator

from tracker import models

TRANSLATED: dict[type, tuple[str, ...]] = {
    models.Organization: ("name", "short_name", "note"),
    models.Person: ("name", "note"),
    models.Post: ("title",),
    models.Source: ("note",),
    models.BorderGate: ("name", "note"),
    models.MeetingSeries: ("name", "note"),
    models.Meeting: ("name", "date_note", "place", "note"),
    models.Theme: ("name", "description"),
    models.Proposal: ("title", "completion_test", "note"),
    models.Deadline: ("phrase",),
    models.Statement: ("summary",),
    models.StatusChange: ("reason",),
    models.Development: ("summary", "note"),
    models.Milestone: ("name", "note"),
    models.Pathway: ("name", "description"),
    models.PathwayStep: ("name", "reached_when"),
    models.Review: ("note",),
    models.Indicator: ("name", "unit", "definition"),
    models.Target: ("note",),
    models.Series: ("name", "compiler", "unit", "note"),
    models.Observation: ("note",),
    models.Note: ("text",),
}

for model, translated in TRANSLATED.items():
    required = tuple(name for name in translated if not model._meta.get_field(name).blank)  # type: ignore[attr-defined]
    options = type(
        f"{model.__name__}Translation",
        (TranslationOptions,),
        {"fields": translated, "required_languages": {"en": required, "default": ()}},
    )
    translator.register(model, options)

_RELATIONS_TOO: dict[type, list] = {
    models.Proposal: [models.Proposal.gates.field, models.Proposal.related.field],
    models.Meeting: [models.Meeting.organizations.field, models.Meeting.sources.field],
    models.Development: [models.Development.sources.field],
}

for model in (*TRANSLATED, models.Involvement, models.Bearing):
    simple_history.register(
        model,
        app="tracker",
        excluded_fields=["search_text"] if hasattr(model, "search_text") else [],
        m2m_fields=_RELATIONS_TOO.get(model, []),
    )
