"""What several models share: translated texts, periods, and keys that seeds and imports know a row by."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tracker.choices import Precision, Visibility
from tracker.dates import Interval
from tracker.text import fold_all

LONGEST_REASON = 100  # characters of why a record was changed, as the history keeps it
SUFFIXES = tuple(code.replace("-", "_") for code, _label in settings.LANGUAGES)


def spoken(record: models.Model, field: str) -> list[str | None]:
    """Give a translated field of a record in every language."""
    return [getattr(record, f"{field}_{suffix}") for suffix in SUFFIXES]


def new_key() -> str:
    """Make the key of a row that neither seeds nor an import named."""
    return uuid.uuid4().hex


class Keyed(models.Model):
    """A row that is known outside the database by a stable key."""

    key = models.CharField(
        _("key"),
        max_length=120,
        unique=True,
        default=new_key,
        editable=False,
        help_text=_("Stable name of this row in seeds and imports."),
    )

    class Meta:
        abstract = True


class Searched(models.Model):
    """A thing that is found by its texts, whatever their language, case and diacritics."""

    search_text = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the folded text that search reads."""
        self.search_text = fold_all(self.texts_to_search())
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the thing is found by."""
        raise NotImplementedError


class Named(Searched):
    """A thing with an address and a name, found by that name in any language."""

    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Short name in addresses: letters, digits, hyphens."),
    )
    name = models.CharField(_("name"), max_length=300)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def texts_to_search(self) -> list[str | None]:
        """Give every text that the thing is found by."""
        return spoken(self, "name")


class Kept(models.Model):
    """A thing for everybody, for the staff, or, while it is restricted, for one organization and the editors."""

    visibility: Any
    held_by: Any

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Forget the organization that kept it once everybody, or all staff, may read it."""
        super().clean()
        if self.visibility != Visibility.RESTRICTED:
            self.held_by = None


class Period(models.Model):
    """A row with a stretch of days, both ends included, known to some precision."""

    first_day = models.DateField(_("first day"), null=True, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    precision = models.CharField(_("precision"), max_length=10, choices=Precision.choices, default=Precision.DAY)

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                name="%(class)s_ends_after_it_starts",
                condition=Q(first_day__isnull=True, last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day must not be before the first; give both or neither."),
            ),
            models.CheckConstraint(name="%(class)s_precision_known", condition=Q(precision__in=Precision.values)),
        )

    @property
    def interval(self) -> Interval | None:
        """The period as an interval; None where no date is known."""
        if self.first_day is None or self.last_day is None or self.precision == Precision.NONE:
            return None
        return Interval(self.first_day, self.last_day, Precision(self.precision))  # type: ignore[arg-type]


def kept_while_restricted() -> models.CheckConstraint:
    """Have the database itself see that what is restricted, and nothing else, names an organization that keeps it."""
    restricted = Q(visibility=Visibility.RESTRICTED.value)
    return models.CheckConstraint(
        name="%(class)s_keeper_of_the_restricted",
        condition=(restricted & Q(held_by__isnull=False)) | (~restricted & Q(held_by__isnull=True)),
        violation_error_message=_("What is restricted is kept by an organization: choose it."),
    )


def one_of(field: str, choices: type[models.TextChoices], *, blank: bool = False) -> models.CheckConstraint:
    """Have the database itself refuse a value that is not on the scale."""
    allowed = [*choices.values, ""] if blank else choices.values
    return models.CheckConstraint(
        name=f"%(class)s_{field}_known",
        condition=Q(**{f"{field}__in": allowed}),
        violation_error_message=format_lazy(_("Allowed: {values}."), values=", ".join(choices.values)),
    )
