"""Set each ask beside its answer. Works on anything that reads like a statement; no queries, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from tracker.choices import Act, AnswerKind, Stance


class Spoken(Protocol):
    """What the matching needs to know of a statement."""

    id: Any
    proposal_id: Any
    meeting_id: Any
    stance: Any
    blanket: Any
    answers_id: Any


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


def match(statements: Sequence[Said]) -> list[Answered[Said]]:
    """Pair asks and answers, in the order given.

    An answer goes to the ask that it names; a blanket one, and one that names none or an ask of another meeting, goes
    to every ask about its proposal at its own meeting. What no ask of the meeting called for stands alone.
    """
    asks = [said for said in statements if Stance(said.stance).act == Act.ASK]
    met: dict[int, list[Said]] = {ask.id: [] for ask in asks}
    alone: list[Said] = []
    for said in statements:
        if Stance(said.stance).act == Act.ASK:
            continue
        named = [ask for ask in asks if ask.id == said.answers_id and ask.meeting_id == said.meeting_id]
        near = [ask for ask in asks if (ask.proposal_id, ask.meeting_id) == (said.proposal_id, said.meeting_id)]
        is_answer = Stance(said.stance).act in (Act.ANSWER, Act.JOINT)
        called_for = (near if said.blanket else named or near) if is_answer else []
        for ask in called_for:
            met[ask.id].append(said)
        if not called_for:
            alone.append(said)
    paired: list[Answered[Said]] = [Answered(ask, tuple(met[ask.id])) for ask in asks]
    return paired + [Answered(None, (said,)) for said in alone]
