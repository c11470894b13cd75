from django.db import migrations, models


def meet_the_rules(apps, _editor):
    """Bring rows in line that were entered before these rules.

    What was restricted to nobody in particular was read by all staff: it is internal. A keeper of what is not
    restricted kept it from nobody, and no ask answers everything.
    """
    for name in ("Development", "Note"):
        rows = apps.get_model("tracker", name).objects
        rows.filter(visibility="restricted", held_by__isnull=True).update(visibility="internal")
        rows.exclude(visibility="restricted").filter(held_by__isnull=False).update(held_by=None)
    apps.get_model("tracker", "Statement").objects.filter(blanket=True).exclude(stance__in=ANSWERS).update(
        blanket=False
    )


ANSWERS = ["agreed", "agreed_jointly", "declined", "deferred", "noted", "pledged", "supported"]
KEPT = models.Q(
    models.Q(("visibility", "restricted"), ("held_by__isnull", False)),
    models.Q(models.Q(("visibility", "restricted"), _negated=True), ("held_by__isnull", True)),
    _connector="OR",
)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0005_second_person")]

    operations = [
        migrations.RunPython(meet_the_rules, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="development",
            constraint=models.CheckConstraint(
                condition=KEPT,
                name="development_keeper_of_the_restricted",
                violation_error_message="What is restricted is kept by an organization: choose it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=KEPT,
                name="note_keeper_of_the_restricted",
                violation_error_message="What is restricted is kept by an organization: choose it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("blanket", False), ("stance__in", ANSWERS), _connector="OR"),
                name="statement_blanket_answers",
                violation_error_message="Only an answer can be blanket; these stances answer: Agreed, Pledged, "
                "Supported, Noted, Deferred to a higher authority, Declined, Agreed jointly.",
            ),
        ),
    ]
