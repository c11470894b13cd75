"""The groups whose names are the roles. What each may is in `tracker.access`; the groups carry no permissions."""

from django.db import migrations

ROLES = ("viewer", "contributor", "editor", "administrator")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0003_workplace"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
