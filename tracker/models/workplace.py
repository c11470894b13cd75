"""What the staff's work leaves behind: accounts, notes, review, proposed changes, merges, imports, reminders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.choices import Visibility
from tracker.models.actors import Organization
from tracker.models.base import Kept, Keyed, kept_while_restricted, one_of
from tracker.models.proposals import Proposal
from tracker.staff_scales import ChangeKind, ChangeState, ReviewAction, RowResult, Threshold


class Account(models.Model):
    """What the tracker knows of a user beyond name and password. The role is the user's group."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account")
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="accounts",
        help_text=_("A contributor writes drafts that this organization, or what belongs to it, has a part in."),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text=_("In which reminders are written."),
    )
    wants_reminders = models.BooleanField(
        _("wants reminders"), default=True, help_text=_("By e-mail, of what the own organization leads.")
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.user)


class Note(Keyed, Kept):
    """A remark on a proposal: for everybody, for the staff, or for one organization and the editors."""

    proposal = models.ForeignKey(Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="notes")
    written_on = models.DateField(_("written on"))
    text = models.TextField(_("note"))
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )
    held_by = models.ForeignKey(
        Organization,
        verbose_name=_("organization that keeps it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notes_kept",
        help_text=_("Who, beside the editors, reads it while it is restricted."),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("-written_on", "-id")
        constraints = (one_of("visibility", Visibility), kept_while_restricted())

    def __str__(self) -> str:
        return self.text[:80]


class ReviewStep(models.Model):
    """One step of a draft on its way to publication: never overwritten."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="review_steps")
    action = models.CharField(_("step"), max_length=12, choices=ReviewAction.choices)
    comment = models.TextField(_("comment"), blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of review")
        verbose_name_plural = _("steps of review")
        ordering = ("taken_at", "id")
        constraints = (
            one_of("action", ReviewAction),
            models.CheckConstraint(
                name="reviewstep_return_says_why",
                condition=~Q(action=ReviewAction.RETURNED.value) | ~Q(comment=""),
                violation_error_message=_("Say what is to be mended."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.proposal}"


class ProposedChange(models.Model):
    """A change that waits for a second person.

    `payload` holds what would be written. For an edit: by column of the proposal the value before and after, as the
    form sends them. For the other kinds: the entries of the short form, by field.
    """

    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="proposed_changes"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ChangeKind.choices)
    payload = models.JSONField(_("content"))
    reason = models.TextField(_("reason"), blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=10, choices=ChangeState.choices, default=ChangeState.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        ordering = ("-proposed_at", "-id")
        indexes = (
            # the queue of what waits
            models.Index(fields=("state", "proposed_at"), name="proposedchange_queue"),
        )
        constraints = (
            one_of("kind", ChangeKind),
            one_of("state", ChangeState),
            models.CheckConstraint(
                name="proposedchange_decision_is_whole",
                condition=Q(state=ChangeState.WAITING.value, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state=ChangeState.WAITING.value) & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.proposal}"


class FormerAddress(models.Model):
    """The address that a proposal had before it was merged into another: it leads there."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="former_addresses"
    )
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("merged by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    merged_at = models.DateTimeField(_("merged at"), auto_now_add=True)

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class ImportedFile(models.Model):
    """A file that was brought in: kept, so that each row can be traced to it."""

    table = models.CharField(_("table"), max_length=40)
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("hash"), max_length=64)
    content = models.BinaryField(_("content"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    # how the file was read (encoding, delimiter, language of its texts), how far it is, and what each row came to
    reading = models.JSONField(_("reading"), default=dict)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ("-uploaded_at", "-id")

    def __str__(self) -> str:
        return self.name


class ImportedRow(models.Model):
    """What a row of an imported file came to."""

    file = models.ForeignKey(ImportedFile, verbose_name=_("file"), on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    result = models.CharField(_("result"), max_length=10, choices=RowResult.choices)
    record_key = models.CharField(_("key"), max_length=150, blank=True)
    # for a changed row by column the value before and after; for a refused one the column, value, reason and allowed
    detail = models.JSONField(_("detail"), default=list)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ("file", "number")
        indexes = (
            # where a record came from
            models.Index(fields=("record_key",), name="importedrow_by_key"),
        )
        constraints = (
            one_of("result", RowResult),
            models.UniqueConstraint(fields=("file", "number"), name="importedrow_once"),
        )

    def __str__(self) -> str:
        return f"{self.file}: {self.number}"


class Reminder(models.Model):
    """That a reader was reminded of a proposal at a threshold: each is sent once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reminders")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="reminders")
    threshold = models.CharField(_("threshold"), max_length=12, choices=Threshold.choices)
    about = models.DateField(_("about"), help_text=_("The deadline, or the day of the ask, that it was about."))
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("-sent_at", "-id")
        constraints = (
            one_of("threshold", Threshold),
            models.UniqueConstraint(fields=("account", "proposal", "threshold", "about"), name="reminder_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_threshold_display()}: {self.proposal}"
