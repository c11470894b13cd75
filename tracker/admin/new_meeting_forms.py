"""The forms of a meeting's day: the meeting, what holds for all that was said, one thing said, one new ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.admin.forms import MeetingForm, WhenField
from tracker.admin.new_meeting_picks import Directory, PickField, Speaker
from tracker.choices import ANSWERS, Act, MeetingState, Nature, Precision, Publication, Side, Stance
from tracker.entry import languages
from tracker.meeting_day import NewAsk, other_side
from tracker.models import Deadline, Meeting, Proposal, Statement, Theme
from tracker.models.addresses import free_slug
from tracker.models.base import SUFFIXES
from tracker.names import Named

LANGUAGE_NAMES = dict(zip(SUFFIXES, ("English", "Tiếng Việt", "中文"), strict=True))
_OPTION = [("", "–")]


class Tick(TextChoices):
    """What a meeting did with a matter; nothing ticked says that nobody mentioned it."""

    RAISED = "raised", gettext_lazy("Raised again")
    ANSWERED = "answered", gettext_lazy("Answered")
    REPORTED = "reported", gettext_lazy("Reported done")

    @property
    def stances(self) -> tuple[Stance, ...]:
        """What the speaker can have done."""
        return {
            Tick.RAISED: (Stance.REQUESTED, Stance.PROPOSED, Stance.WELCOMED, Stance.REAFFIRMED),
            Tick.ANSWERED: ANSWERS,
            Tick.REPORTED: (Stance.REPORTED,),
        }[self]


def _texts(name: str, label: Any, *, rows: int = 2, **of_english: Any) -> dict[str, forms.Field]:
    """Make a text field for each language, the reader's first; English is the one that may be needed."""
    made: dict[str, forms.Field] = {}
    for suffix in languages.readers_first():
        widget = forms.Textarea(attrs={"rows": rows, "cols": 30}) if rows > 1 else forms.TextInput()
        widget.attrs |= {"lang": suffix.replace("_", "-")}
        given = of_english if suffix == languages.ENGLISH else {}
        named = {"required": False, "label": _label(label, suffix)}
        made[f"{name}_{suffix}"] = forms.CharField(widget=widget, **{**named, **given})
    return made


def _label(label: Any, suffix: str) -> str:
    """Name a text's field: the reader's own by text and language, those beside it by their language."""
    return languages.labelled(label, suffix) if suffix == languages.of_reader() else LANGUAGE_NAMES[suffix]


def _in_languages(form: forms.BaseForm, name: str) -> list[BoundField]:
    """Give the fields of a text as they stand side by side."""
    return [form[f"{name}_{suffix}"] for suffix in languages.readers_first()]


class MeetingDayForm(MeetingForm):
    """The meeting itself. An empty address is made from the name."""

    class Meta:
        model = Meeting
        fields = (
            "name_en", "name_vi", "name_zh_hans", "slug", "number", "state", "place_en", "place_vi", "place_zh_hans",
        )  # fmt: skip

    organizations = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Organizations"), widget=forms.CheckboxSelectMultiple
    )
    others = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Other organizations"), widget=forms.SelectMultiple
    )
    published = forms.BooleanField(
        required=False,
        label=gettext_lazy("Publish the meeting"),
        help_text=gettext_lazy("Viewers see what was said there at once."),
    )
    another = forms.BooleanField(required=False, label=gettext_lazy("It is another meeting of the same day"))

    def __init__(self, *args: Any, organizations: Sequence[Named], attended: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = set(attended)
        names = [(one.id, one.label) for one in organizations]
        usual: Any = self.fields["organizations"]
        usual.choices = [pair for pair in names if pair[0] in known]
        further: Any = self.fields["others"]
        further.choices = [pair for pair in names if pair[0] not in known]
        further.widget.attrs["size"] = 6
        self.fields["slug"].required = False
        self.fields["slug"].label = _("Short name in the address")
        self.fields["slug"].help_text = _("Empty: made from the English name.")
        self.fields["when"].help_text = _("As finely as a source says: 2026-11-06/2026-11-07, 2026-11-06, 2026-11.")
        for name, label in (("name", _("Name")), ("place", _("Place"))):
            for suffix in LANGUAGE_NAMES:
                self.fields[f"{name}_{suffix}"].label = _label(label, suffix)

    def clean(self) -> dict[str, Any]:
        """Make the address; a meeting that is seen by all once it is kept is published."""
        cleaned = super().clean()
        if not cleaned.get("slug") and cleaned.get("name_en") and "slug" not in self.errors:
            cleaned["slug"] = free_slug(Meeting, cleaned["name_en"])
        if cleaned.get("published"):
            self.instance.publication = Publication.PUBLISHED
        return cleaned

    @property
    def names(self) -> list[BoundField]:
        """The meeting's name in each language."""
        return _in_languages(self, "name")

    @property
    def places(self) -> list[BoundField]:
        """The place in each language."""
        return _in_languages(self, "place")

    @property
    def chosen(self) -> list[int]:
        """Give the organizations chosen, by id."""
        return [*self.cleaned_data.get("organizations", []), *self.cleaned_data.get("others", [])]


class CommonForm(forms.Form):
    """What holds for all that was said, unless a line says otherwise."""

    def __init__(self, *args: Any, directory: Directory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vietnam"] = PickField(directory.speakers, label=_("Speaker for Vietnam"))
        self.fields["china"] = PickField(directory.speakers, label=_("Speaker for China"))
        self.fields["source"] = PickField(directory.sources, label=_("Source"))

    def clean(self) -> dict[str, Any]:
        """Keep each speaker on the own side."""
        cleaned = super().clean() or self.cleaned_data
        for side in (Side.VIETNAM, Side.CHINA):
            speaker = cleaned.get(side.value)
            if speaker is not None and speaker.side != side:
                message = _("%(organization)s belongs to the side “%(side)s”.")
                told = {"organization": speaker.organization.name, "side": speaker.organization.get_side_display()}
                self.add_error(side.value, message % told)
        return cleaned

    def speaker(self, side: str) -> Speaker | None:
        """Give who speaks for a side unless a line says otherwise."""
        return self.cleaned_data.get(side) if side else None


def usual_speaker(side: str) -> str:
    """Say who speaks for a side where a line names nobody."""
    if side == Side.VIETNAM:
        return _("the speaker for Vietnam")
    return _("the speaker for China") if side == Side.CHINA else ""


class LineForm(forms.Form):
    """One thing said: by whom, to whom, how, in our own words, and where it stands in the source."""

    def __init__(
        self, *args: Any, tick: Tick, directory: Directory, today: date, side: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.tick, self.side, self.today = tick, side, today
        self.fields["speaker"] = PickField(directory.speakers, label=_("Who spoke"))
        self.fields["speaker"].widget.attrs["placeholder"] = usual_speaker(side)
        self.fields["addressee"] = PickField(directory.organizations, label=_("To whom"))
        self.fields["addressee"].widget.attrs["placeholder"] = _("the other side")
        if len(tick.stances) > 1:
            stances = [(stance.value, str(stance.label)) for stance in tick.stances]
            self.fields["stance"] = forms.ChoiceField(
                choices=stances if tick == Tick.RAISED else _OPTION + stances,
                required=tick != Tick.RAISED,
                label=_("Stance"),
                error_messages={"required": _("Say how it was answered: pick the stance.")},
            )
        self.fields["paragraph"] = forms.IntegerField(
            min_value=1, max_value=32767, required=False, label=_("Paragraph")
        )
        self.fields["source"] = PickField(directory.sources, label=_("Other source"))
        missing = {"required": _("Say in our own words what was said.")}
        self.fields |= _texts("summary", _("Summary, in our own words"), required=True, error_messages=missing)

    @property
    def summaries(self) -> list[BoundField]:
        """What was said, in each language."""
        return _in_languages(self, "summary")

    def statement(self, common: CommonForm) -> Statement | None:
        """Make the statement, unsaved; None where the form, or what it takes over from above, has a fault."""
        if not self.is_valid() or not common.is_valid():
            return None
        given = self.cleaned_data
        speaker = given["speaker"] or common.speaker(self.side)
        if speaker is None:
            self.add_error("speaker", _("Say who spoke: here, or above for all that the side said."))
            return None
        stance = Stance(given.get("stance") or self.tick.stances[0])
        across = common.speaker(other_side(speaker.side)) if stance.act != Act.JOINT else None
        return Statement(
            post=speaker.post,
            organization=speaker.organization,
            addressee=given["addressee"] or (across.organization if across else None),
            stance=stance.value,
            paragraph=given["paragraph"],
            **({"source": given["source"]} if given["source"] else {}),
            **{f"summary_{suffix}": given[f"summary_{suffix}"] or None for suffix in SUFFIXES},
        )


class BlanketForm(LineForm):
    """One sentence that answers many asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, tick=Tick.ANSWERED, **kwargs)
        stance: Any = self.fields["stance"]
        stance.choices = [(one.value, one.label) for one in ANSWERS]
        self.fields["everything"] = forms.BooleanField(
            required=False, label=_("It answers everything that the other side asked at this meeting")
        )

    def is_meant(self) -> bool:
        """Tell whether anything of it was filled in."""
        return bool(set(self.changed_data) - {"stance", "speaker"})


class AskForm(forms.Form):
    """Something asked for the first time: the new proposal. How it was asked is a line of its own."""

    def __init__(self, *args: Any, themes: Sequence[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_permitted": True, "use_required_attribute": False} | kwargs)
        missing = {"required": _("Name the one thing that is asked, beginning with a verb.")}
        self.fields |= _texts("title", _("Title"), rows=1, required=True, max_length=300, error_messages=missing)
        self.fields["theme"] = forms.TypedChoiceField(
            choices=_OPTION + [(theme.pk, theme.name) for theme in themes],
            coerce=lambda key: next(theme for theme in themes if str(theme.pk) == str(key)),
            label=_("Theme"),
            error_messages={"required": _("Pick the theme.")},
        )
        self.fields["nature"] = forms.ChoiceField(
            choices=_OPTION + list(Nature.choices),
            label=_("Nature"),
            error_messages={"required": _("Pick the nature.")},
        )
        self.fields["completion_test_en"] = forms.CharField(
            required=False,
            label=languages.labelled(_("Completion test"), languages.ENGLISH),
            widget=forms.TextInput(),
            help_text=_("How anybody can tell."),
        )
        self.fields["phrase"] = forms.CharField(
            required=False, max_length=200, label=languages.labelled(_("Deadline, as said"), languages.ENGLISH)
        )
        self.fields["due"] = WhenField(label=_("Deadline, dated"), help_text="", widget=forms.TextInput())

    def clean(self) -> dict[str, Any]:
        """A dated deadline keeps the phrase that it was stated in."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("due") and not cleaned.get("phrase"):
            self.add_error("phrase", _("Give the words of the deadline, as said."))
        return cleaned

    @property
    def titles(self) -> list[BoundField]:
        """The title in each language."""
        return _in_languages(self, "title")

    def new_ask(self, said: list[Statement], *, publish: bool) -> NewAsk:
        """Make the proposal, unsaved, with what was said about it, the ask first."""
        given = self.cleaned_data
        proposal = Proposal(
            theme=given["theme"],
            nature=given["nature"],
            completion_test_en=given["completion_test_en"],
            **{f"title_{suffix}": given[f"title_{suffix}"] or None for suffix in SUFFIXES},
        )
        return NewAsk(
            proposal=proposal,
            proposer=said[0].organization,
            addressee=said[0].addressee,
            said=said,
            deadline=self._deadline() if given["phrase"] else None,
            publish=publish,
        )

    def _deadline(self) -> Deadline:
        due = self.cleaned_data["due"]
        return Deadline(
            phrase_en=self.cleaned_data["phrase"],
            first_day=due.first if due else None,
            last_day=due.last if due else None,
            precision=due.precision.value if due else Precision.NONE.value,
        )


def refuse_unless_held(form: MeetingDayForm) -> None:
    """Say that something can be said only at a meeting that was held."""
    message = _("What was said is recorded once the meeting was held: set the state to “%(held)s”.")
    form.add_error("state", ValidationError(message % {"held": MeetingState.HELD.label}))
