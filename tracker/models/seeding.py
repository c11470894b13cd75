"""What the seeds last wrote, so that a later load can tell what staff have changed since."""

from __future__ import annotations

from django.db import models


class SeedRecord(models.Model):
    """The fingerprint of a row as the seeds left it."""

    model = models.CharField(max_length=60)
    key = models.CharField(max_length=150)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("model", "key"), name="seedrecord_once"),)

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
