"""Who may do what with which record: the one place that says so.

Pages, the workplace, its actions, imports, downloads and feeds all ask here. `may` answers about one record or about a
kind of record; `visible` keeps of many the rows that a reader may see; `RulesBackend` lets Django's own questions
(`user.has_perm`) find the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, User
from django.core.signing import BadSignature, Signer
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from tracker import second_factor
from tracker.choices import Publication, Visibility
from tracker.models import (
    Account,
    Bearing,
    Development,
    FormerAddress,
    ImportedFile,
    ImportedRow,
    Involvement,
    Meeting,
    Note,
    Observation,
    Proposal,
    ProposedChange,
    Reminder,
    Review,
    ReviewStep,
    SeedRecord,
    Series,
    Source,
    Statement,
    Target,
)
from tracker.names import family
from tracker.querysets import organization_names
from tracker.staff_scales import AccountRole, Action

AS_VIEWER = "see_as_viewer"  # in the session of staff who look at the pages as others see them
# What the tracker itself writes: read by editors, changed through its own pages only.
_LOGS = (ReviewStep, ProposedChange, FormerAddress, ImportedFile, ImportedRow, Reminder, SeedRecord)
_KEPT_BY_ADMINISTRATORS = (User, Account)
_OF_EDITORS = frozenset({Action.PUBLISH, Action.MERGE, Action.IMPORT})
_OF_PROPOSALS = frozenset({Action.PROPOSE, Action.SUBMIT, Action.SET_STATUS})
_WITH_VISIBILITY = (Development, Note, Review)
# How rows lead to the proposal that they belong to, where it is not their own column `proposal`
_PATHS = {
    Proposal: "pk",
    Target: "indicator__proposal",
    Series: "indicator__proposal",
    Observation: "series__indicator__proposal",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: nobody in particular, unless told. `organizations` are the own one and all its kin, by id."""

    user_id: int | None = None
    role: AccountRole | None = None
    organizations: frozenset[int] = frozenset()

    def reaches(self, role: AccountRole) -> bool:
        """Tell whether the reader may all that the role may."""
        return self.role is not None and self.role.reaches(role)

    @property
    def is_staff(self) -> bool:
        """Whether the workplace is open to the reader."""
        return self.reaches(AccountRole.CONTRIBUTOR)

    @property
    def is_editor(self) -> bool:
        """Whether the reader publishes and changes the status."""
        return self.reaches(AccountRole.EDITOR)

    @property
    def is_administrator(self) -> bool:
        """Whether the reader keeps the accounts."""
        return self.reaches(AccountRole.ADMINISTRATOR)


ANYBODY = Reader()


def reader_for(user: Any) -> Reader:
    """Give the reader behind an account. Up to three queries; none for a visitor without one.

    In a session that still owes the second factor, an account is nobody in particular.
    """
    if not user.is_authenticated or not user.is_active:
        return ANYBODY
    role = role_of(user)
    row = User.objects.filter(pk=user.pk).values_list("account__organization__slug", second_factor.is_set_up())
    slug, is_set_up = row.first() or (None, False)
    if _owes_second_factor(user, role, is_set_up):
        return ANYBODY
    return Reader(user.pk, role, frozenset(family(organization_names(), {slug})) if slug else frozenset())


def role_of(user: Any) -> AccountRole | None:
    """Give the role of an account: the highest of its groups. One query, or none for a superuser."""
    if user.is_superuser:
        return AccountRole.ADMINISTRATOR
    held = [AccountRole(name) for name in user.groups.values_list("name", flat=True) if name in AccountRole.values]
    return max(held, key=lambda role: role.rank, default=None)


def owes_second_factor(user: Any) -> bool:
    """Tell whether a session has shown the password but not yet the second factor. Two queries."""
    return user.is_authenticated and _owes_second_factor(user, role_of(user), second_factor.device_of(user) is not None)


def must_have_second_factor(role: AccountRole | None) -> bool:
    """Tell whether the office requires the second factor of a role."""
    required = settings.TRACKER_SECOND_FACTOR == "required"
    return required and role is not None and role.reaches(AccountRole.EDITOR)


def _owes_second_factor(user: Any, role: AccountRole | None, is_set_up: bool) -> bool:
    in_session = hasattr(user, "is_verified")  # a command that asks about an account has no session
    return in_session and not user.is_verified() and (is_set_up or must_have_second_factor(role))


def reader_of(request: HttpRequest) -> Reader:
    """Give the reader of a request; looked up once."""
    known = vars(request)
    if "tracker_reader" not in known:
        known["tracker_reader"] = reader_for(request.user) if hasattr(request, "user") else ANYBODY
    return known["tracker_reader"]


def shown_to(request: HttpRequest) -> Reader:
    """Give the reader whom a public page is written for: staff may ask to see it as a viewer does."""
    reader = reader_of(request)
    return ANYBODY if reader.is_staff and request.session.get(AS_VIEWER) else reader


def may_look(request: HttpRequest) -> bool:
    """Tell whether the public pages are open: to everybody, unless viewers have to sign in; then to every role."""
    return not settings.TRACKER_VIEWERS_SIGN_IN or reader_of(request).role is not None


def feed_token(user: Any) -> str:
    """Give what opens the feeds to a program that cannot sign in. A new password makes it void."""
    return Signer(salt="tracker.feeds").sign(f"{user.pk}:{_fingerprint(user)}")


def reader_of_token(token: str) -> Reader:
    """Give the reader whom a token stands for: a viewer at most, and nobody in particular if it is not valid."""
    try:
        number, _colon, fingerprint = Signer(salt="tracker.feeds").unsign(token).partition(":")
    except BadSignature:
        return ANYBODY
    user = User.objects.filter(pk=number, is_active=True).first()
    if user is None or not constant_time_compare(fingerprint, _fingerprint(user)) or role_of(user) is None:
        return ANYBODY
    return Reader(user.pk, AccountRole.VIEWER)


def _fingerprint(user: Any) -> str:
    return salted_hmac("tracker.feeds", user.password).hexdigest()[:20]


def may(reader: Reader, action: Action, thing: Model | type[Model]) -> bool:
    """Tell whether a reader may do something with a record; of a kind of record, whether with any of them.

    What the database or the scale forbids to everybody is not asked here. Nobody deletes an account: what its owner
    recorded stays signed.
    """
    model = thing if isinstance(thing, type) else type(thing)
    record = None if isinstance(thing, type) else thing
    kind = _kind(model)
    if _is_of_accounts(kind):
        return reader.is_administrator and _may_with_accounts(action, kind)
    if issubclass(kind, _LOGS) or kind is not model:
        return action == Action.VIEW and _reads_log(reader, kind) and _sees(reader, record)
    if action == Action.VIEW:
        return _sees(reader, record)
    if reader.is_editor:
        return True
    if not reader.is_staff or action in _OF_EDITORS:
        return False
    return _contributes(reader, action, model, record)


def _kind(model: type[Model]) -> type[Model]:
    """Give the model whose past versions a table keeps, or the model itself."""
    return getattr(model, "instance_type", model)


def _is_of_accounts(model: type[Model]) -> bool:
    return model._meta.app_label != "tracker" or issubclass(model, Account)


def _may_with_accounts(action: Action, model: type[Model]) -> bool:
    if issubclass(model, Group):  # the roles: fixed
        return action == Action.VIEW
    return issubclass(model, _KEPT_BY_ADMINISTRATORS) and action in (Action.VIEW, Action.ADD, Action.CHANGE)


def _reads_log(reader: Reader, kind: type[Model]) -> bool:
    if reader.is_editor or not issubclass(kind, _LOGS):
        return reader.is_staff
    return reader.is_staff and issubclass(kind, ProposedChange | ReviewStep)


def _sees(reader: Reader, record: Model | None) -> bool:
    if record is None or record.pk is None or reader.is_editor:
        return True
    return visible(reader, type(record)._default_manager.filter(pk=record.pk)).exists()


def _contributes(reader: Reader, action: Action, model: type[Model], record: Model | None) -> bool:
    """Tell what is left to a contributor.

    Sources may be added, since nothing can be said without one, but not changed: others rest on them. Of proposals the
    own drafts, with all that belongs to them; of what is published a change may be proposed. Notes that are not public
    may be written on every proposal of the own organization, and mended by whoever wrote them.
    """
    if issubclass(model, Source):
        return action == Action.ADD
    if action in _OF_PROPOSALS and not issubclass(model, Proposal):
        return False
    if record is None:
        return issubclass(model, Development) or _path_to_proposal(model) is not None
    if isinstance(record, Proposal) and record.pk is None:
        return action == Action.ADD
    if not _sees(reader, record):
        return False
    proposals = _proposals_behind(record)
    if not proposals or not all(is_own(reader, one) for one in proposals):
        return False
    stages = {one.publication for one in proposals}
    if isinstance(record, Note) and record.visibility != Visibility.PUBLIC:
        return record.pk is None or record.author_id == reader.user_id
    return stages == {Publication.PUBLISHED if action == Action.PROPOSE else Publication.DRAFT}


def _path_to_proposal(model: type[Model]) -> str | None:
    if model in _PATHS:
        return _PATHS[model]
    belongs = any(field.name == "proposal" and field.related_model is Proposal for field in model._meta.fields)
    return "proposal" if belongs else None


def _proposals_behind(record: Model) -> list[Proposal]:
    if isinstance(record, Proposal):
        return [record]
    if isinstance(record, Development):
        return list(Proposal.objects.filter(bearings__development=record)) if record.pk else []
    found: Any = record
    for step in (_path_to_proposal(type(record)) or "").split("__"):
        found = getattr(found, step, None)
    return [found] if isinstance(found, Proposal) else []


def is_own(reader: Reader, proposal: Proposal) -> bool:
    """Tell whether the reader's organization has a part in the proposal. One query."""
    if not reader.organizations or proposal.pk is None:
        return False
    return Involvement.objects.filter(proposal=proposal, organization__in=reader.organizations).exists()


def readable(reader: Reader, model: type[Model] = Note) -> Q:
    """Give the condition on rows of notes, developments or reviews that the reader may read.

    A restricted one is for the editors and for whoever keeps it; a review has no keeper.
    """
    if reader.is_editor:
        return Q()
    allowed = Q(visibility=Visibility.PUBLIC)
    if reader.is_staff:
        allowed |= Q(visibility=Visibility.INTERNAL)
        if not issubclass(_kind(model), Review):
            allowed |= Q(visibility=Visibility.RESTRICTED, held_by__in=reader.organizations)
    return allowed


def reads(reader: Reader, record: Any) -> bool:
    """Tell of one note, development or review, without a query, what `readable` tells of rows."""
    if reader.is_editor or record.visibility == Visibility.PUBLIC:
        return True
    if record.visibility == Visibility.INTERNAL:
        return reader.is_staff
    return reader.is_staff and getattr(record, "held_by_id", None) in reader.organizations


def visible(reader: Reader, rows: QuerySet) -> QuerySet:
    """Keep the rows that the reader may see.

    Drafts are seen by the organizations that have a part in them, draft meetings and what was said there by editors.
    Of the past of a record that is in sight, what itself could be seen: a version that was internal, a draft or part of
    one stays so. A review is there as its note is: that somebody looked is told
    to all who see the proposal, by `querysets.reviews_by`.
    """
    model, kind = rows.model, _kind(rows.model)
    if _is_of_accounts(kind):
        return rows if reader.is_administrator and _may_with_accounts(Action.VIEW, kind) else rows.none()
    if reader.is_editor:
        return rows
    if kind is not model and not reader.is_staff:
        return rows.none()
    if issubclass(kind, _LOGS):
        return _visible_logs(reader, rows)
    if issubclass(kind, _WITH_VISIBILITY):
        rows = rows.filter(readable(reader, kind))
    if issubclass(kind, Meeting):
        return rows.filter(publication=Publication.PUBLISHED)
    if issubclass(kind, Statement):
        rows = rows.filter(meeting__publication=Publication.PUBLISHED)
    if issubclass(kind, Bearing):
        rows = rows.filter(development__in=visible(reader, Development.objects.all()))
    if kind is not model:
        return _of_seen_records(reader, rows, kind)
    if issubclass(kind, Development):
        borne = Bearing.objects.filter(development=OuterRef("pk"))
        return rows.filter(Exists(borne.filter(proposal__in=_proposals_seen_by(reader))) | ~Exists(borne))
    path = _path_to_proposal(model)
    if path is None:
        return rows
    seen = Q(**{f"{path}__in": _proposals_seen_by(reader).values("pk")})
    return rows.filter(seen if path == "pk" else seen | Q(**{f"{path}__isnull": True}))


def _of_seen_records(reader: Reader, rows: QuerySet, kind: type[Model]) -> QuerySet:
    """Keep of versions those of records in sight, unless they were then, or belonged then to, a draft out of sight."""
    known = visible(reader, kind._default_manager.all()).order_by().values("pk")
    rows = rows.filter(**{f"{kind._meta.pk.name}__in": known})
    if issubclass(kind, Proposal):
        own = Involvement.objects.filter(organization__in=reader.organizations).values("proposal")
        return rows.filter(Q(publication=Publication.PUBLISHED) | Q(id__in=own))
    path = _path_to_proposal(kind)
    if path is None:
        return rows
    # not “those in sight”: what has moved with a merge names a proposal that is gone
    hidden = Proposal.objects.exclude(pk__in=_proposals_seen_by(reader).values("pk"))
    return rows.exclude(**{f"{path}__in": hidden.values("pk")})


def _visible_logs(reader: Reader, rows: QuerySet) -> QuerySet:
    """Keep of what the tracker writes a contributor's own proposed changes, and the review of the own proposals."""
    if not reader.is_staff:
        return rows.none()
    if issubclass(rows.model, ProposedChange):
        return rows.filter(proposed_by=reader.user_id)
    if issubclass(rows.model, ReviewStep):
        involved = Involvement.objects.filter(proposal=OuterRef("proposal"), organization__in=reader.organizations)
        return rows.filter(Exists(involved))
    return rows.none()


def _proposals_seen_by(reader: Reader) -> QuerySet[Proposal]:
    published = Q(publication=Publication.PUBLISHED)
    if not reader.is_staff or not reader.organizations:
        return Proposal.objects.filter(published)
    involved = Involvement.objects.filter(proposal=OuterRef("pk"), organization__in=reader.organizations)
    return Proposal.objects.filter(published | Q(Exists(involved)))


def _reader_kept(user: Any) -> Reader:
    """Give the reader behind an account, looked up once for each time that the account is read, as Django does."""
    known = vars(user)
    if "_tracker_reader" not in known:
        known["_tracker_reader"] = reader_for(user)
    return known["_tracker_reader"]


class RulesBackend(ModelBackend):
    """Answers Django's questions about permissions by the rules above; the groups themselves carry none."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        """Tell whether the user may, for example `tracker.change_proposal`."""
        app_label, _dot, codename = perm.partition(".")
        verb, _underscore, name = codename.partition("_")
        if verb not in ("view", "add", "change", "delete"):
            return False
        try:
            model = apps.get_model(app_label, name)
        except LookupError:
            return False
        reader = _reader_kept(user_obj)
        return reader.is_staff and may(reader, Action(verb), obj if obj is not None else model)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether the user may do anything with the models of an application."""
        reader = _reader_kept(user_obj)
        return reader.is_staff if app_label == "tracker" else reader.reaches(AccountRole.ADMINISTRATOR)

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Give none by name: what is allowed depends on the record."""
        return set()
