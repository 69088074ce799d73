"""Check moments: that they mean something in the calendar, lie within the horizon, and come in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from virtu.errors import Fault, InputError
from virtu.scenario.calendar import Horizon, day, is_tick, tick_of
from virtu.scenario.nodes import Node, plain
from virtu.scenario.parts import Calendar
from virtu.scenario.setting import Setting, nodes_at


def horizon_in(root: Node, calendar: type[Calendar]) -> tuple[Horizon | None, list[Fault]]:
    """Return the horizon of a tree, or None with what is wrong with it beyond what the schema says."""
    node = root.child("calendar")
    try:
        return calendar.model_validate(plain(node)).horizon, []
    except ValidationError:
        return None, []
    except InputError as error:
        place = node.items().get("end", node).place
        return None, [Fault(error.message, place, error.hint)]


def tick_in(setting: Setting, node: Node) -> int | None:
    """Return the tick of a moment that can be read, or None."""
    when = node.value
    if setting.horizon is None or isinstance(when, bool) or not isinstance(when, int | str):
        return None
    try:
        return tick_of(when, setting.horizon)
    except InputError:
        return None


def moments_at(setting: Setting, inside: Sequence[str], anywhere: Sequence[str]) -> Iterator[Fault]:
    """Yield moments without a tick, and those outside the horizon that must lie inside.

    Parameters
    ----------
    setting : Setting
        The tree.
    inside, anywhere : sequence of str
        Where moments stand that must lie within the horizon, and those that need not; as for `nodes_at`.
    """
    horizon = setting.horizon
    if horizon is None:
        return
    for pattern in (*inside, *anywhere):
        *steps, last = pattern.split(".")
        for node in (parent.child(last) for parent in nodes_at(setting.root, steps)):
            tick = tick_in(setting, node)
            if tick is None:
                yield from _meaningless(node, horizon)
            elif pattern in inside and not 0 <= tick < horizon.ticks:
                yield Fault(f"{node.value} lies outside the horizon of {horizon.ticks} ticks", node.place, _span(horizon, node))


def _span(horizon: Horizon, node: Node) -> str:
    from_start = f" from {horizon.start}" if horizon.start else ""
    date_meant = horizon.start is not None and isinstance(node.value, int)
    return f"ticks 0 to {horizon.ticks - 1}{from_start}" + ("; a date is written 1922-04" if date_meant else "")


def _meaningless(node: Node, horizon: Horizon) -> Iterator[Fault]:
    """Yield why a well-formed date has no tick."""
    if not isinstance(node.value, str) or is_tick(node.value):
        return
    try:
        day(node.value)
    except InputError:
        return
    try:
        tick_of(node.value, horizon)
    except InputError as error:
        yield Fault(error.message, node.place, error.hint)
