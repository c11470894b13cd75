"""One's own account: signing in and out, language and reminders, password, second factor, and a viewer's eyes."""

from __future__ import annotations

from typing import Any

import django_otp
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tracker import second_factor
from tracker.access import (
    AS_VIEWER,
    feed_token,
    must_have_second_factor,
    owes_second_factor,
    reader_of,
    role_of,
)
from tracker.models import Account
from tracker.views.entrance import begin, for_accounts, onwards, second_step, turned_away
from tracker.views.kept import held_for, is_held


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": gettext_lazy("Name and password do not belong together. Both mind upper and lower case."),
        "inactive": gettext_lazy("This account is closed. An administrator can open it again."),
    }


class SignIn(LoginView):
    """The one page to sign in on."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; whoever is signed in goes on, unless just sent here from a page that is not for them."""
        if request.user.is_authenticated:
            if owes_second_factor(request.user):
                return HttpResponseRedirect(second_step(request.user, onwards(request, "")))
            if "next" not in request.GET:
                return HttpResponseRedirect(self.get_default_redirect_url())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, under a new session key; then ask for the second factor where there is one."""
        response = super().form_valid(form)
        begin(self.request)
        user = form.get_user()
        if second_factor.device_of(user) or must_have_second_factor(role_of(user)):
            return HttpResponseRedirect(second_step(user, self.get_success_url()))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell whether a form waits."""
        return {**super().get_context_data(**kwargs), "is_form_kept": is_held(self.request)}

    def get_default_redirect_url(self) -> str:
        """Lead staff to the workplace, viewers to the overview."""
        return reverse("admin:index" if reader_of(self.request).is_staff else "overview")


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Tell whoever guessed too often how long to wait."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    limits = {"attempts": settings.AXES_FAILURE_LIMIT, "minutes": minutes}
    return render(request, "accounts/locked_out.html", limits, status=429)


class CodeForm(forms.Form):
    """A code from the telephone or from paper."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, user: Any, device: Any = None, **kwargs: Any) -> None:
        """Take the user, and the telephone if it is still to be confirmed."""
        super().__init__(*args, **kwargs)
        self.user, self.device = user, device

    def clean_code(self) -> str:
        """Find what the code comes from."""
        code = self.cleaned_data["code"]
        if self.device is None:
            self.device = second_factor.matched(self.user, code)
            right = self.device is not None
        else:
            right = self.device.verify_token("".join(code.split()))
        if not right:
            message = _(
                "This code is wrong or was used before. Take the newest; after several wrong ones wait a little."
            )
            raise forms.ValidationError(message)
        return code


@login_not_required
@never_cache
@sensitive_post_parameters()
def code(request: HttpRequest) -> HttpResponseBase:
    """Ask a session that has shown the password for the second factor."""
    going = onwards(request, reverse("overview"))
    if not request.user.is_authenticated:
        return turned_away(request)
    if not owes_second_factor(request.user):
        return HttpResponseRedirect(going)
    if second_factor.device_of(request.user) is None:
        return HttpResponseRedirect(second_step(request.user, going))
    form = CodeForm(request.POST or None, user=request.user)
    if form.is_valid():
        _verified(request, form.device)
        return HttpResponseRedirect(going)
    return render(request, "accounts/code.html", {"form": form, "next": going})


def _verified(request: HttpRequest, device: Any) -> None:
    """Let the session pass from now on, under a new key."""
    django_otp.login(request, device)
    request.session.cycle_key()


def knows_password(request: HttpRequest, password: str) -> bool:
    """Compare with the password of whoever asks; wrong ones count as at the sign-in, and lock out like there."""
    user: Any = request.user
    return authenticate(request, username=user.get_username(), password=password) == user


class PasswordForm(forms.Form):
    """The password once more, before something that cannot be undone."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Take the request of the user whose password it should be."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        """Compare."""
        if not knows_password(self.request, self.cleaned_data["password"]):
            raise forms.ValidationError(_("This is not your password."))
        return self.cleaned_data["password"]


@login_not_required
@never_cache
@sensitive_post_parameters()
def second_factor_page(request: HttpRequest) -> HttpResponseBase:
    """Set up the second factor, make new recovery codes, or take it away."""
    user = request.user
    if not user.is_authenticated:
        return turned_away(request)
    if second_factor.device_of(user) is None:
        return _set_up(request, user)
    if owes_second_factor(user):
        return turned_away(request)
    required = must_have_second_factor(role_of(user))
    form = PasswordForm(request.POST or None, request=request)
    if form.is_valid():
        if request.POST.get("do") == "codes":
            return _shown_once(request, second_factor.fresh_codes(user))
        if required:
            raise PermissionDenied(_("Your role requires the second factor."))
        second_factor.remove(user)
        messages.success(request, _("The second factor is removed. The password alone signs you in."))
        return HttpResponseRedirect(reverse("me"))
    context = {"form": form, "codes_left": second_factor.codes_left(user), "required": required}
    return render(request, "accounts/second_factor.html", context)


def _set_up(request: HttpRequest, user: Any) -> HttpResponse:
    device = second_factor.device_to_confirm(user)
    form = CodeForm(request.POST or None, user=user, device=device)
    if form.is_valid():
        codes = second_factor.confirm(device)
        _verified(request, device)
        return _shown_once(request, codes)
    context = {
        "form": form,
        "drawing": second_factor.drawing_of(device),
        "key": second_factor.key_of(device),
        "required": must_have_second_factor(role_of(user)),
        "next": onwards(request, ""),
    }
    return render(request, "accounts/set_up.html", context)


def _shown_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": onwards(request, reverse("me"))}
    return render(request, "accounts/recovery_codes.html", context)


class AccountForm(forms.ModelForm):
    """What everybody decides for themselves."""

    class Meta:
        model = Account
        fields = ("language", "wants_reminders")
        widgets = {"language": forms.RadioSelect}
        help_texts = {"language": gettext_lazy("Of these pages, and of the reminders.")}


@for_accounts
@never_cache
def me(request: HttpRequest) -> HttpResponseBase:
    """Show one's own account, and let its owner change language and reminders."""
    user: Any = request.user
    account = Account.objects.filter(user=user).select_related("organization").first()
    language = translation.get_language() or settings.LANGUAGE_CODE
    form = AccountForm(request.POST or None, instance=account or Account(user_id=user.pk, language=language))
    if form.is_valid():
        form.save()
        chosen = form.cleaned_data["language"]
        with translation.override(chosen):
            messages.success(request, _("Saved."))
        response = HttpResponseRedirect(reverse("me"))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        return response
    context = {
        "form": form,
        "account": account,
        "role": role_of(user),
        "second_factor": second_factor.device_of(user) is not None,
        "feed_token": feed_token(user) if settings.TRACKER_VIEWERS_SIGN_IN else "",
    }
    return render(request, "accounts/me.html", context)


@for_accounts
@never_cache
def kept_form(request: HttpRequest) -> HttpResponseBase:
    """Show what was typed into a form that arrived after the session had ended, to be saved now."""
    held = held_for(request)
    if held is None:
        return HttpResponseRedirect(reverse("admin:index" if reader_of(request).is_staff else "overview"))
    return render(request, "accounts/kept.html", held)


class NewPasswordForm(PasswordChangeForm):
    """The password so far, and a new one twice."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Take the request of the user."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Compare."""
        old = self.cleaned_data["old_password"]
        if not knows_password(self.request, old):
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old


@method_decorator(for_accounts, name="dispatch")
class NewPassword(PasswordChangeView):
    """Change one's own password; other sessions of the account end."""

    template_name = "accounts/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("me")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Let the form know the request."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, and stay signed in here."""
        messages.success(
            self.request, _("The password is changed. Wherever else you were signed in, you no longer are.")
        )
        return super().form_valid(form)


@login_not_required
@require_POST
def as_viewer(request: HttpRequest) -> HttpResponse:
    """Let staff see the pages as viewers do, or go back to their own view."""
    if reader_of(request).is_staff and request.POST.get("see") == "viewer":
        request.session[AS_VIEWER] = True
    else:
        request.session.pop(AS_VIEWER, None)
    return HttpResponseRedirect(onwards(request, reverse("overview")))
