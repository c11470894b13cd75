"""Accounts: who may enter, in which role, for which organization. Only administrators see these pages."""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker import second_factor
from tracker.access import role_of
from tracker.admin.base import FormsMixin
from tracker.models import Account
from tracker.staff_scales import AccountRole


def _roles() -> list[tuple[str, str]]:
    known = [(one.value, _("%(role)s: %(rule)s") % {"role": one.label, "rule": one.rule}) for one in AccountRole]
    return [*known, ("", _("No role: may not enter where an account is needed."))]


def administrators() -> QuerySet[User]:
    """Give the accounts that can keep accounts."""
    by_role = Q(groups__name=AccountRole.ADMINISTRATOR.value)
    return User.objects.filter(by_role | Q(is_superuser=True), is_active=True).distinct()


class _RoleMixin(forms.ModelForm):
    """Asks for the role beside what Django asks for."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=_roles,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "tracker-roles"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the role that the account has."""
        super().__init__(*args, **kwargs)
        known = self.instance.pk is not None
        held = role_of(self.instance) if known else AccountRole.CONTRIBUTOR
        self.initial.setdefault("role", held.value if held else "")

    def clean(self) -> dict[str, Any]:
        """Keep one administrator at least."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        # Locked until the end of the transaction: two administrators cannot take the role from each other at once.
        Group.objects.select_for_update().get(name=AccountRole.ADMINISTRATOR.value)
        stays = cleaned.get("role") == AccountRole.ADMINISTRATOR and cleaned.get("is_active", True)
        before = administrators()
        if (
            not stays
            and before.filter(pk=self.instance.pk).exists()
            and not before.exclude(pk=self.instance.pk).exists()
        ):
            raise ValidationError(
                _("This is the last administrator, and somebody must keep accounts. Give the role to another first.")
            )
        return cleaned


class PersonForm(_RoleMixin, UserChangeForm):
    """An account as it is."""


class NewPersonForm(_RoleMixin, AdminUserCreationForm):
    """An account to be made."""


class AccountPart(FormsMixin, admin.StackedInline):
    """What the tracker knows of a user beyond name and password."""

    model = Account
    can_delete = False
    extra = max_num = 1
    verbose_name_plural = gettext_lazy("organization, language and reminders")
    autocomplete_fields = ("organization",)
    fields = ("organization", ("language", "wants_reminders"))


class RoleFilter(admin.SimpleListFilter):
    """Narrows the list to a role."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the roles."""
        return [(one.value, str(one.label)) for one in AccountRole]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep the accounts with the role."""
        if self.value() == AccountRole.ADMINISTRATOR:
            return queryset.filter(pk__in=administrators().values("pk"))
        return queryset.filter(groups__name=self.value(), is_superuser=False) if self.value() else queryset


admin.site.unregister(User)
admin.site.unregister(Group)  # the groups are the roles, and what each may is not a matter of choice
admin.site.unregister([TOTPDevice, StaticDevice])  # they hold secrets


@admin.register(User)
class PersonAdmin(FormsMixin, UserAdmin):
    """The accounts. None is ever deleted, since what its owner recorded stays signed: it is closed instead."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "full_name", "role", "organization", "has_second_factor", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active", ("account__organization", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("account__organization",)
    search_fields = ("username", "first_name", "last_name", "email", "account__organization__search_text")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    actions = ("let_in_again", "remove_second_factor")
    inlines = (AccountPart,)
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (gettext_lazy("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (gettext_lazy("What the account is for"), {"fields": ("role",)}),
        (gettext_lazy("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2")}),
        (gettext_lazy("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (gettext_lazy("What the account is for"), {"fields": ("role",)}),
    )

    class Media:
        css = {"all": ("tracker/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Bring along what the columns show."""
        queryset = super().get_queryset(request).prefetch_related("groups")
        return queryset.annotate(second_factor=second_factor.is_set_up())

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """Write the person's name."""
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        """Name the role, from what the list has already read."""
        if user.is_superuser:
            return str(AccountRole.ADMINISTRATOR.label)
        names = {group.name for group in user.groups.all()}
        held = [one for one in AccountRole if one.value in names]
        return str(held[-1].label) if held else "–"

    @admin.display(description=gettext_lazy("organization"), ordering="account__organization__short_name_en")
    def organization(self, user: User) -> str:
        """Name the organization."""
        account = getattr(user, "account", None)
        return str(account.organization) if account and account.organization else "–"

    @admin.display(description=gettext_lazy("second factor"), boolean=True, ordering="second_factor")
    def has_second_factor(self, user: Any) -> bool:
        """Tell whether it is set up."""
        return user.second_factor

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give the role, and the keys to the workplace that belong to it."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        Account.objects.get_or_create(user=user)
        if "role" not in form.cleaned_data:  # the page of the password
            return
        role = form.cleaned_data["role"]
        user.groups.set(Group.objects.filter(name=role) if role else [])
        user.is_staff = bool(role) and AccountRole(role).reaches(AccountRole.CONTRIBUTOR)
        user.is_superuser = user.is_superuser and role == AccountRole.ADMINISTRATOR
        user.save(update_fields=["is_staff", "is_superuser"])

    @admin.action(description=gettext_lazy("Let in again after too many wrong passwords"), permissions=["change"])
    def let_in_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Forget the wrong passwords."""
        for name in queryset.values_list("username", flat=True):
            reset(username=name)
        self.message_user(request, _("They can try again at once."), messages.SUCCESS)

    @admin.action(description=gettext_lazy("Remove the second factor (telephone lost)"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Let the password alone do, until its owner sets up another."""
        for user in queryset:
            second_factor.remove(user)
            self.log_change(request, user, _("Second factor removed."))
        self.message_user(
            request, _("The password alone signs them in now; they can set up another."), messages.SUCCESS
        )
