"""Where it all comes from."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.choices import Grade, Language, Precision
from tracker.dates import shorten
from tracker.models.base import Searched, one_of


class Source(Searched):
    """A published document. Its title stays in its own language."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    publisher = models.CharField(_("publisher"), max_length=200)
    title = models.CharField(
        _("title"), max_length=400, blank=True, help_text=_("As published; empty if no copy read shows one.")
    )
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    grade = models.CharField(
        _("strength"),
        max_length=12,
        choices=Grade.choices,
        help_text=_("A mirror is a copy on another host: it is cited, never linked."),
    )
    published_on = models.DateField(_("published on"), null=True, blank=True)
    precision = models.CharField(_("precision"), max_length=10, choices=Precision.choices, default=Precision.DAY)
    document = models.CharField(
        _("document"),
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"^[\w.-]+$", _("A file name: letters, digits, dots, hyphens."))],
        help_text=_("File name of the text that paragraphs are counted in."),
    )
    note = models.TextField(_("note"), blank=True, help_text=_("Caveats that travel with every fact cited."))

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("-published_on", "slug")
        constraints = (
            one_of("language", Language),
            one_of("grade", Grade),
            one_of("precision", Precision),
            models.UniqueConstraint(
                fields=("document",),
                condition=~models.Q(document=""),
                name="source_document_once",
                violation_error_message=_("Another source already has this document."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}" if self.title else self.publisher

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the source is found by."""
        return [self.publisher, self.title, self.document]

    def get_absolute_url(self) -> str:
        """Give the page that shows the source and what rests on it."""
        return reverse("source", args=[self.slug])

    @property
    def published(self) -> str:
        """The publication date, no finer than it is known."""
        return shorten(self.published_on, self.precision) if self.published_on else ""

    @property
    def link(self) -> str:
        """The address to link to; empty for a mirror, which is cited only."""
        return "" if self.grade == Grade.MIRROR else self.url
