"""The scales of the workplace: who may do what, and the stages that a draft or a proposed change passes."""

from __future__ import annotations

from typing import Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AccountRole(TextChoices):
    """What an account is for. Each role may all that those before it may; its group has the value as its name."""

    VIEWER = "viewer", _("Viewer")
    CONTRIBUTOR = "contributor", _("Contributor")
    EDITOR = "editor", _("Editor")
    ADMINISTRATOR = "administrator", _("Administrator")

    @property
    def rank(self) -> int:
        """The place in the order of the roles."""
        return list(type(self)).index(self)

    def reaches(self, role: Self) -> bool:
        """Tell whether it may all that the other role may."""
        return self.rank >= role.rank

    @property
    def rule(self) -> str:
        """What the role is for, in words."""
        return str(_ROLE_RULES[self])


_ROLE_RULES = {
    AccountRole.VIEWER: _("Sees what is published, where viewing needs an account."),
    AccountRole.CONTRIBUTOR: _(
        "Writes drafts in which the own organization is proposer, addressee, lead or partner, submits them, and "
        "proposes changes to what is published."
    ),
    AccountRole.EDITOR: _("Edits every record, publishes, changes the status, merges duplicates and imports."),
    AccountRole.ADMINISTRATOR: _("Does all that an editor does, and keeps the accounts."),
}


class Action(TextChoices):
    """What somebody may want to do with a record, or with records of a kind."""

    VIEW = "view", _("view")
    ADD = "add", _("add")
    CHANGE = "change", _("change")
    DELETE = "delete", _("delete")
    PROPOSE = "propose", _("propose a change to")
    SUBMIT = "submit", _("submit for review")
    PUBLISH = "publish", _("publish or return")
    SET_STATUS = "set_status", _("change the status of")
    MERGE = "merge", _("merge")
    IMPORT = "import", _("import")


class ReviewAction(TextChoices):
    """What was done with a draft on its way to publication."""

    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Taken back")
    PUBLISHED = "published", _("Published")
    UNPUBLISHED = "unpublished", _("Made a draft again")


class ChangeKind(TextChoices):
    """What a proposed change would do once it is accepted."""

    EDIT = "edit", _("Edit")
    STATUS = "status", _("Change of status")
    ANSWER = "answer", _("Answer")
    DEVELOPMENT = "development", _("Development")
    REVIEW = "review", _("Review")


class ChangeState(TextChoices):
    """What became of a proposed change."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Taken back")


class Threshold(TextChoices):
    """What a reminder is about; each is sent once to each reader."""

    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    UNANSWERED = "unanswered", _("Unanswered")


class RowResult(TextChoices):
    """What an import makes of a row."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Same")
    REFUSED = "refused", _("Refused")
