"""The sheet for the next meeting: who owes what, what was said of it last, and what changed. No queries, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.choices import Act, AnswerKind, Bears, Side, Stance, Status, Visibility
from tracker.metrics.answers import answer_to_newest, answers_to
from tracker.metrics.changes import Change, Kind, Record, Window, changes
from tracker.metrics.records import Item
from tracker.metrics.suggestions import Case, Limits, Line, Owed, Reason, is_late, reason_for

_DONE = (Status.PARTLY_DONE, Status.COMPLETED)
_TOLD_IN_A_LINE = (Reason.STALLED, Reason.NEXT_STEP, Reason.NO_TERMS, Reason.NO_DATE, Reason.NO_LEAD)
_CONSENT = (Stance.AGREED, Stance.PLEDGED)


@dataclass(frozen=True, slots=True)
class Word:
    """A statement between the two sides, with what the sheet prints of it."""

    id: int
    proposal_id: int
    meeting_id: int
    said_on: date
    precision: str
    organization_id: int
    side: str
    addressee_id: int | None
    addressee_side: str | None
    stance: str
    blanket: bool
    answers_id: int | None
    summary: str = ""
    speaker: str | None = None
    organization: str = ""
    source: str = ""
    paragraph: int | None = None
    counterpart_id: int | None = None

    @property
    def act(self) -> Act:
        """What it does in the exchange."""
        return Stance(self.stance).act


@dataclass(frozen=True, slots=True)
class Told:
    """A development that bears on a proposal; `account` is the side that says so, where the record names one."""

    proposal_id: int
    id: int
    on: date
    precision: str
    bears: str
    summary: str
    visibility: str = Visibility.PUBLIC
    account: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A note on a proposal."""

    proposal_id: int
    on: date
    text: str
    visibility: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A source as the list at the end of the sheet names it."""

    slug: str
    publisher: str
    title: str
    published_on: date | None
    precision: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What is on record about what lies between the two sides; the mappings go by the proposal's id."""

    record: Record
    words: Mapping[int, Sequence[Word]] = field(default_factory=dict)
    told: Mapping[int, Sequence[Told]] = field(default_factory=dict)
    remarks: Mapping[int, Sequence[Remark]] = field(default_factory=dict)
    leads: Mapping[int, frozenset[str]] = field(default_factory=dict)
    asked: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal on the sheet: its number, the line and why, what was said, what changed since the last meeting."""

    number: int
    case: Case
    reason: Reason
    said: tuple[Word, ...]
    is_silent: bool
    changed: tuple[Change, ...]
    told: tuple[Told, ...]
    remarks: tuple[Remark, ...]

    @property
    def item(self) -> Item:
        """The proposal."""
        return self.case.item

    @property
    def is_late(self) -> bool:
        """Whether it is open and late."""
        return is_late(self.item)

    @property
    def in_full(self) -> bool:
        """Whether it gets more than a line."""
        return told_in_full(self.reason, self.changed, [*self.remarks, *inside_of(self.told)])


@dataclass(frozen=True, slots=True)
class Brief:
    """The sheet: what is open by who owes it, and what was closed since the last meeting. Numbered through."""

    owed: Mapping[Owed, tuple[Entry, ...]]
    closed: tuple[Entry, ...]
    closed_before: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, in the order of their numbers."""
        return tuple(entry for some in (*self.owed.values(), self.closed) for entry in some)


def inside_of(told: Iterable[Told]) -> list[Told]:
    """Keep the developments that are not public."""
    return [one for one in told if one.visibility != Visibility.PUBLIC]


def told_in_full(reason: Reason, changed: Sequence[Change], inside: Sequence[Told | Remark]) -> bool:
    """Tell whether a proposal gets more than a line.

    It does if something is late, unanswered, disputed or to be thanked for, if something changed, or if there is
    something that only the staff knows. That nothing happened, or that terms are missing, is told in a line.
    """
    is_urgent = reason.line in (Line.PRESS, Line.THANK, Line.WELCOME, Line.SETTLE) and reason not in _TOLD_IN_A_LINE
    return is_urgent or bool(changed or inside)


def owed_by(words: Iterable[Word], leads: frozenset[str], asked: frozenset[str], us: Side) -> Owed:
    """Say who has to do something: the lead; else whoever was asked or pledged, both where both agreed.

    Args:
        words: what was said between the two sides.
        leads: the sides of the organizations that lead it.
        asked: the sides of those that it is addressed to: they decide where nobody said anything.
        us: our side.
    """
    sides = set(leads)
    if not sides:
        for one in words:
            sides |= _bound_by(one)
    sides = sides or set(asked)
    if sides == {us.value}:
        return Owed.US
    return Owed.THEM if sides and us not in sides and Side.JOINT not in sides else Owed.BOTH


def _bound_by(one: Word) -> set[str]:
    """Give the sides that a statement binds: who is asked, who pledges, who agrees together."""
    if one.act == Act.JOINT:
        return {Side.JOINT.value}
    if one.stance == Stance.PLEDGED:
        return {one.side}
    if one.act != Act.ASK:
        return set()
    if Side.JOINT in (one.side, one.addressee_side):
        return {Side.JOINT.value}
    return {one.addressee_side or (Side.CHINA.value if one.side == Side.VIETNAM else Side.VIETNAM.value)}


def case_of(item: Item, material: Material, us: Side, changed: Sequence[Change], since: Window | None) -> Case:
    """Gather what the rules ask about a proposal."""
    words = material.words.get(item.id, ())
    asks = [one for one in words if one.act == Act.ASK]
    ours = [one for one in asks if one.side == us]
    theirs = [one for one in asks if one.side not in (us, Side.JOINT)]
    our_ask = answer_to_newest(ours, words) if ours else None
    newer = _after(since, _newest(ours).said_on if our_ask == AnswerKind.NONE else None)
    signs = [(one.on, sign) for one in changed if newer(one.on) and (sign := _sign(one, item.id))]
    advanced = bool(signs) and all(sign > 0 for on, sign in signs if on == max(signs)[0])
    set_back = bool(signs) and not advanced
    done = item.facts.status in _DONE and any(one.new in _DONE and newer(one.on) for one in changed)
    return Case(
        item=item,
        owed=owed_by(words, material.leads.get(item.id, frozenset()), material.asked.get(item.id, frozenset()), us),
        our_ask=our_ask,
        their_ask=answer_to_newest(theirs, words) if theirs else None,
        declined_at=len({one.meeting_id for one in words if one.stance == Stance.DECLINED}),
        is_agreed=any(one.act == Act.JOINT for one in words)
        or (item.facts.status.is_open and item.facts.status != Status.PROPOSED),
        changed_since=bool(changed),
        their_step_since=not set_back
        and bool(_consents(words, us, newer) or _told_by_them(material.told.get(item.id, ()), us, newer)),
        done_since=done and not set_back,
        advanced_since=item.facts.status.is_open and advanced,
    )


def _after(since: Window | None, ask: date | None) -> Callable[[date], bool]:
    """Tell whether a day lies after the last meeting, and after an ask that has no answer."""
    return lambda day: since is not None and since.holds(day) and (ask is None or day > ask)


def _sign(change: Change, proposal: int) -> int:
    """Say whether a change brought a proposal forward (1) or back (-1)."""
    if change.kind == Kind.MOVED and change.old and change.new:
        scale = list(Status)
        return 1 if scale.index(change.old) < scale.index(change.new) else -1
    signs = {Bears.ADVANCES: 1, Bears.SETS_BACK: -1}
    return next((signs.get(bears, 0) for one, bears in change.bears if one.id == proposal), 0)


def _consents(words: Iterable[Word], us: Side, newer: Callable[[date], bool]) -> list[Word]:
    """Keep where they agreed to it or pledged it by name."""
    theirs = (one for one in words if one.side not in (us, Side.JOINT) and one.stance in _CONSENT and not one.blanket)
    return [one for one in theirs if newer(one.said_on)]


def _told_by_them(told: Iterable[Told], us: Side, newer: Callable[[date], bool]) -> list[Told]:
    """Keep the steps forward that their account tells of, as everybody may read them."""
    theirs = (one for one in told if one.account not in (us, Side.JOINT, "") and one.visibility == Visibility.PUBLIC)
    return [one for one in theirs if one.bears == Bears.ADVANCES and newer(one.on)]


def brief(material: Material, us: Side, since: Window | None, today: date, limits: Limits) -> Brief:
    """Make the sheet.

    Args:
        material: what is on record by the day.
        us: the side that will read the sheet in the room.
        since: the time since the last meeting; None if none is on record.
        today: the day looked at.
        limits: the settings of the rules.
    """
    changed = _changed(material.record, since)
    cases = [case_of(item, material, us, changed[item.id], since) for item in material.record.items]
    reasons = {case.item.id: reason_for(case, today, limits) for case in cases}
    shown = [case for case in cases if case.item.facts.status.is_open]
    closed = [case for case in cases if not case.item.facts.status.is_open]
    since_then = [one for one in closed if since and since.holds(one.item.facts.status_since)]
    place = _order(material, changed)
    parts: list[list[Case]] = [[case for case in shown if case.owed == owed] for owed in Owed]
    numbered: list[tuple[Entry, ...]] = []
    count = 0
    for part in [*parts, since_then]:
        ordered = sorted(part, key=lambda case: place(case, reasons[case.item.id]))
        numbered.append(
            tuple(
                _entry(number, case, reasons[case.item.id], material, changed[case.item.id], us)
                for number, case in enumerate(ordered, count + 1)
            )
        )
        count += len(ordered)
    return Brief(dict(zip(Owed, numbered[:-1], strict=True)), numbered[-1], len(closed) - len(since_then))


_SAID_FIRST = (Line.PRESS, Line.SETTLE, Line.THANK, Line.WELCOME, Line.KEEP, Line.DROP)
_WEIGHT = {line: place for place, line in enumerate(_SAID_FIRST)}


Place = tuple[bool, int, int, int, date, str]


def _order(material: Material, changed: Mapping[int, Sequence[Change]]) -> Callable[[Case, Reason], Place]:
    """Give the order of a part: what is told in full first, by theme, then by the line and its rule; then the rest.

    Nothing in it depends on a language, so that a number means the same matter to everyone in the room.
    """
    themes = list(dict.fromkeys(item.theme for item in material.record.items))

    def place(case: Case, reason: Reason) -> Place:
        item = case.item
        inside: list[Told | Remark] = [*material.remarks.get(item.id, ()), *inside_of(material.told.get(item.id, ()))]
        in_short = not told_in_full(reason, changed[item.id], inside)
        theme = 0 if in_short else themes.index(item.theme)
        return (
            in_short,
            theme,
            _WEIGHT[reason.line],
            list(Reason).index(reason),
            item.facts.first_raised or date.max,
            item.slug,
        )

    return place


def _changed(record: Record, since: Window | None) -> defaultdict[int, list[Change]]:
    """Give what changed about each proposal since the last meeting; going late is not anybody's doing."""
    found: defaultdict[int, list[Change]] = defaultdict(list)
    if since is None:
        return found
    for kind, some in changes(record, since).items():
        for change in some if kind != Kind.LATE else ():
            for number in {one.id for one, _bears in change.bears} or {change.item.id}:
                found[number].append(change)
    return found


def _entry(number: int, case: Case, reason: Reason, material: Material, changed: Sequence[Change], us: Side) -> Entry:
    words = material.words.get(case.item.id, ())
    said, is_silent = _exchange(words, _asker(case, reason, us))
    told = material.told.get(case.item.id, ())
    public = [one for one in told if one.visibility == Visibility.PUBLIC]
    steps = [one for one in public if one.bears == Bears.ADVANCES and reason.line == Line.WELCOME]
    newest = (steps or public)[:1]
    if reason == Reason.THEIR_STEP:
        said, newest = _with_their_step(said, newest, words, told, us)
    remarks = tuple(material.remarks.get(case.item.id, ()))
    return Entry(number, case, reason, said, is_silent, tuple(changed), (*newest, *inside_of(told)), remarks)


def _with_their_step(
    said: tuple[Word, ...], newest: list[Told], words: Sequence[Word], told: Sequence[Told], us: Side
) -> tuple[tuple[Word, ...], list[Told]]:
    """Add what they are thanked for, where it is not printed anyway."""
    consents = sorted(_consents(words, us, lambda _day: True), key=lambda one: (one.said_on, one.id))[-1:]
    steps = _told_by_them(told, us, lambda _day: True)[:1]
    spoken = sorted({*said, *consents}, key=lambda one: (one.said_on, one.act != Act.ASK, one.id))
    return tuple(spoken), [*newest, *(one for one in steps if one not in newest)]


def _asker(case: Case, reason: Reason, us: Side) -> str | None:
    """Say whose newest ask is printed; None: the newest of either."""
    them = Side.CHINA if us == Side.VIETNAM else Side.VIETNAM
    if reason == Reason.UNANSWERED or (case.owed == Owed.THEM and case.our_ask):
        return us
    return them if reason == Reason.OWN_ANSWER or (case.owed == Owed.US and case.their_ask) else None


def _exchange(words: Sequence[Word], asker: str | None) -> tuple[tuple[Word, ...], bool]:
    """Pick the newest ask, what answers it, and the newest word after both; and say whether nothing answers it."""
    asks = [one for one in words if one.act == Act.ASK and asker in (None, one.side)]
    if not asks:
        bound = [one for one in words if one.act == Act.JOINT or one.stance == Stance.PLEDGED]
        return _with_later([_newest(bound)] if bound else [], words), False
    ask = _newest(asks)
    answers = answers_to(ask, words, {one.id: one.meeting_id for one in words})
    shown = [ask, max(answers, key=lambda one: (not one.blanket, one.said_on, one.id))] if answers else [ask]
    return _with_later(shown, words), not answers


def _newest(words: Sequence[Word]) -> Word:
    return max(words, key=lambda one: (one.said_on, one.id))


def _with_later(shown: list[Word], words: Sequence[Word]) -> tuple[Word, ...]:
    last = max((one.said_on for one in shown), default=date.min)
    later = [one for one in words if one.said_on > last]
    return (*shown, _newest(later)) if later else tuple(shown)
