"""The second factor: a code from a telephone beside the password, and codes on paper for when it is lost."""

from __future__ import annotations

from base64 import b32encode
from typing import Any

import segno
from django.db import transaction
from django.db.models import Exists, OuterRef
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 8
_NAME = "telephone"
_ON_PAPER = "recovery codes"


def is_set_up(column: str = "pk") -> Exists:
    """Give the condition, on rows that name a user by this column, that the user has set up a second factor."""
    return Exists(TOTPDevice.objects.filter(user=OuterRef(column), confirmed=True))


def device_of(user: Any) -> TOTPDevice | None:
    """Give the telephone that a user has confirmed."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def device_to_confirm(user: Any) -> TOTPDevice:
    """Give the telephone that a user is about to confirm: the same until it is, so that a reload changes no code."""
    device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": _NAME})
    return device


def drawing_of(device: TOTPDevice) -> str:
    """Draw the square code that a telephone reads, as the address of an image."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")


@transaction.atomic
def confirm(device: TOTPDevice) -> list[str]:
    """Make the telephone the user's second factor, and give fresh recovery codes; they are readable this once."""
    TOTPDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return fresh_codes(device.user)


@transaction.atomic
def fresh_codes(user: Any) -> list[str]:
    """Replace the recovery codes of a user."""
    # The sheet itself stays: a session may have come in by it.
    paper, _made = StaticDevice.objects.get_or_create(user=user, defaults={"name": _ON_PAPER})
    paper.token_set.all().delete()
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=paper, token=code) for code in codes)
    return codes


def codes_left(user: Any) -> int:
    """Count the recovery codes that a user has not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def matched(user: Any, code: str) -> TOTPDevice | StaticDevice | None:
    """Give what a code comes from; None if it is wrong, or if too many wrong ones came just before.

    Six digits come from the telephone, everything else from paper: a wrong one slows down only what was tried.
    """
    plain = "".join(code.split()).lower()
    kind: type[TOTPDevice] | type[StaticDevice] = TOTPDevice if len(plain) == 6 else StaticDevice
    device = kind._default_manager.select_for_update().filter(user=user, confirmed=True).first()
    if device is None or not device.verify_token(plain):
        return None
    return device


@transaction.atomic
def remove(user: Any) -> None:
    """Take the second factor away."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def key_of(device: TOTPDevice) -> str:
    """Write the telephone's key for typing, in groups of four."""
    key = b32encode(device.bin_key).decode()
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
