"""Who speaks and who is spoken to: organizations, people, and the posts they held."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.choices import OrganizationKind, Side
from tracker.models.base import Keyed, Named, one_of, spoken


class Organization(Named):
    """A state, ministry, province, Party committee, mission or joint body."""

    short_name = models.CharField(_("short name"), max_length=120)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganizationKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        help_text=_("The body it belongs to: a province's Party committee belongs to the province."),
    )
    successor = models.ForeignKey(
        "self",
        verbose_name=_("successor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
        help_text=_("The organization that took its place, for example after a merger."),
    )
    succeeded_on = models.DateField(_("succeeded on"), null=True, blank=True)
    succession_source = models.ForeignKey(
        "tracker.Source",
        verbose_name=_("source of the succession"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="successions",
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("side", "slug")
        constraints = (
            one_of("side", Side),
            one_of("kind", OrganizationKind),
            models.CheckConstraint(
                name="organization_succession_is_whole",
                condition=Q(successor__isnull=True, succeeded_on__isnull=True)
                | Q(successor__isnull=False, succeeded_on__isnull=False),
                violation_error_message=_("A succession names both the successor and the day."),
            ),
            models.CheckConstraint(
                name="organization_is_not_its_own_kin",
                condition=(Q(parent__isnull=True) | ~Q(parent=F("id")))
                & (Q(successor__isnull=True) | ~Q(successor=F("id"))),
                violation_error_message=_("An organization is neither its own parent nor its own successor."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def texts_to_search(self) -> list[str | None]:
        """Give the full and the short names."""
        return [*spoken(self, "name"), *spoken(self, "short_name")]


class Person(Named):
    """Somebody who spoke."""

    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("slug",)


class Post(Keyed):
    """A post that a person held: what is pledged from a post stays with the post."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="posts")
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="posts"
    )
    title = models.CharField(_("title of the post"), max_length=300)
    since = models.DateField(_("since"), null=True, blank=True, help_text=_("Only where a source says so."))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Only where a source says so."))
    source = models.ForeignKey(
        "tracker.Source",
        verbose_name=_("source"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
    )

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("person__slug", "since")
        constraints = (
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                violation_error_message=_("The post must not end before it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.title}"
