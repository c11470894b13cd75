"""Where the border gates stand on a day: the steps each has passed, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from tracker.choices import GateClass
from tracker.gate_scale import BEFORE_OPENING, Code, GateState
from tracker.metrics.records import GateStep

_STATE_OF_CLASS = {
    GateClass.INTERNATIONAL: GateState.INTERNATIONAL,
    GateClass.MAIN: GateState.MAIN,
    GateClass.AUXILIARY: GateState.AUXILIARY,
    GateClass.TOURISM: GateState.TOURISM,
}


_OPEN = frozenset({GateState.INTERNATIONAL, GateState.MAIN, GateState.TOURISM})


def reached_by(steps: Iterable[GateStep], day: date) -> dict[str, list[GateStep]]:
    """Give the steps passed by a day, by code, each with every time it was passed, the first one first."""
    passed: dict[str, list[GateStep]] = {}
    for one in sorted(steps, key=lambda step: step.last_day):
        if one.last_day <= day:
            passed.setdefault(one.step, []).append(one)
    return passed


def is_open(gate_class: GateClass, steps: Iterable[GateStep], day: date, ahead: Collection[str] = ()) -> bool:
    """Tell whether the gate had been opened by a day: the opening is on record, or else the class says so.

    A trial and smart operation are left aside here: a gate that is open runs them as well as one that is not.
    """
    steps = list(steps)
    if any(one.step == Code.OPENED and one.last_day <= day for one in steps):
        return True
    plain = [one for one in steps if one.step not in (Code.TRIAL, Code.SMART)]
    return state_of(gate_class, plain, day, ahead) in _OPEN


def state_of(gate_class: GateClass, steps: Iterable[GateStep], day: date, ahead: Collection[str] = ()) -> GateState:
    """Say what the gate is open for on a day, by the rules in `gate_scale`.

    Args:
        gate_class: its class as it is on record now.
        steps: every step with a date, also those after the day: they tell what was not so yet.
        day: the day looked at.
        ahead: the steps on record that no source shows as reached on any day.
    """
    steps = list(steps)
    passed: dict[str, date] = {}
    for one in steps:
        if one.last_day <= day:
            passed[one.step] = max(one.last_day, passed.get(one.step, one.last_day))
    later = {one.step for one in steps} - passed.keys()
    if Code.SMART in passed:
        return GateState.SMART
    if Code.TRIAL in passed and passed.get(Code.OPENED, date.min) < passed[Code.TRIAL]:
        return GateState.SMART_TRIAL if is_open(gate_class, steps, day, ahead) else GateState.TRIAL
    is_local = gate_class == GateClass.AUXILIARY
    to_open = Code.OPENED in later or (Code.OPENED in ahead and Code.OPENED not in passed)
    if (to_open or (is_local and Code.OPENED not in passed)) and any(step in passed for step in BEFORE_OPENING):
        return GateState.BEING_OPENED
    if Code.OPENED in later or (to_open and not is_local):
        return GateState.NOT_YET
    if gate_class == GateClass.INTERNATIONAL and Code.UPGRADED in later:
        return GateState.MAIN
    return _STATE_OF_CLASS[gate_class]


def tally(states: Iterable[GateState]) -> Mapping[GateState, int]:
    """Count the gates by state, in the order of the scale; states that none has are left out."""
    states = list(states)
    return {state: states.count(state) for state in GateState if state in states}
