"""Set each ask beside its answer. Works on anything that reads like a statement; no queries, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tracker.choices import Act, AnswerKind, Stance


class Spoken(Protocol):
    """What the matching needs to know of a statement."""

    @property
    def id(self) -> Any:
        """The statement's number."""

    @property
    def proposal_id(self) -> Any:
        """The proposal it is about."""

    @property
    def meeting_id(self) -> Any:
        """The meeting it was said at."""

    @property
    def said_on(self) -> Any:
        """The day it was said."""

    @property
    def side(self) -> Any:
        """The side for which it was said."""

    @property
    def stance(self) -> Any:
        """What the speaker did with the proposal."""

    @property
    def blanket(self) -> Any:
        """Whether it answers everything asked at the meeting."""

    @property
    def answers_id(self) -> Any:
        """The ask that it answers, if it names one."""


Said = TypeVar("Said", bound=Spoken)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Said]):
    """An ask with the answers it got at its meeting; or, where `ask` is None, what was said without being asked."""

    ask: Said | None
    answers: tuple[Said, ...]

    @property
    def kind(self) -> AnswerKind:
        """How the ask was met: the most specific answer decides."""
        return kind_of(self.answers)


def kind_of(answers: Iterable[Spoken]) -> AnswerKind:
    """Give the most specific kind among the answers."""
    kinds = {_kind(said) for said in answers}
    return next((kind for kind in AnswerKind if kind in kinds), AnswerKind.NONE)


def _kind(said: Spoken) -> AnswerKind:
    act = Stance(said.stance).act
    if act == Act.JOINT:
        return AnswerKind.JOINT
    if act != Act.ANSWER:
        return AnswerKind.NONE
    return AnswerKind.BLANKET if said.blanket else AnswerKind.SPECIFIC


def can_answer(said: Spoken, ask: Spoken) -> bool:
    """Whether a statement is an answer that the ask's own side did not give: nobody answers themselves."""
    act = Stance(said.stance).act
    return act == Act.JOINT or (act == Act.ANSWER and said.side != ask.side)


def match(statements: Sequence[Said]) -> list[Answered[Said]]:
    """Pair asks and answers, in the order given.

    An answer goes to the ask that it names; a blanket one, and one that names none or an ask of another meeting, goes
    to every ask about its proposal at its own meeting. Only the other side answers, or both together. What no ask of
    the meeting called for stands alone.
    """
    asks = [said for said in statements if Stance(said.stance).act == Act.ASK]
    met: dict[int, list[Said]] = {ask.id: [] for ask in asks}
    alone: list[Said] = []
    for said in statements:
        if Stance(said.stance).act == Act.ASK:
            continue
        here = [ask for ask in asks if ask.meeting_id == said.meeting_id and can_answer(said, ask)]
        named = [ask for ask in here if ask.id == said.answers_id]
        near = [ask for ask in here if ask.proposal_id == said.proposal_id]
        called_for = near if said.blanket else named or near
        for ask in called_for:
            met[ask.id].append(said)
        if not called_for:
            alone.append(said)
    paired: list[Answered[Said]] = [Answered(ask, tuple(met[ask.id])) for ask in asks]
    return paired + [Answered(None, (said,)) for said in alone]


def answer_to_newest(asks: Sequence[Said], statements: Sequence[Said]) -> AnswerKind:
    """Say how the newest of some asks about one proposal was met, at its meeting or later.

    Args:
        asks: at least one ask.
        statements: all that was said about the proposal, asks of every meeting included.
    """
    newest = max(ask.said_on for ask in asks)
    meeting_of = {said.id: said.meeting_id for said in statements}
    newest_asks = [ask for ask in asks if ask.said_on == newest]
    return kind_of(said for ask in newest_asks for said in answers_to(ask, statements, meeting_of))


def answers_to(ask: Said, statements: Iterable[Said], meeting_of: Mapping[int, int]) -> list[Said]:
    """Give what answers an ask on its day or later, of what was said about the same proposal.

    Args:
        ask: the ask.
        statements: what was said about its proposal, at its meeting or at any.
        meeting_of: the meeting of each statement that an answer may name.
    """
    return [
        said
        for said in statements
        if said.said_on >= ask.said_on and can_answer(said, ask) and _means(said, ask, meeting_of)
    ]


def _means(said: Spoken, ask: Spoken, meeting_of: Mapping[int, int]) -> bool:
    """Whether an answer that names an ask leaves this one out: it does, if it names another of the same meeting."""
    if said.blanket or said.answers_id is None or said.answers_id == ask.id:
        return True
    return meeting_of.get(said.answers_id) != ask.meeting_id
