"""Check moments: that they mean something in the calendar, lie within the horizon, and come in order."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from virtu.errors import Fault, InputError
from virtu.scenario.calendar import Horizon, day, is_tick, tick_of
from virtu.scenario.nodes import Node, plain
from virtu.scenario.schema import Calendar
from virtu.scenario.setting import Setting, nodes_at

_INSIDE = ("founder.strokes.*.at", "founder.death", "founder.testament.dictated", "founder.testament.read", "facts.*.at")
_ANYWHERE = ("record.exits.*.at",)


def horizon_in(root: Node) -> tuple[Horizon | None, list[Fault]]:
    """Return the horizon of a tree, or None with what is wrong with it beyond what the schema says."""
    node = root.child("calendar")
    try:
        return Calendar.model_validate(plain(node)).horizon, []
    except ValidationError:
        return None, []
    except InputError as error:
        place = node.items().get("end", node).place
        return None, [Fault(error.message, place, error.hint)]


def _tick(setting: Setting, node: Node) -> int | None:
    """Return the tick of a moment that can be read, or None."""
    when = node.value
    if setting.horizon is None or isinstance(when, bool) or not isinstance(when, int | str):
        return None
    try:
        return tick_of(when, setting.horizon)
    except InputError:
        return None


def moments(setting: Setting) -> Iterator[Fault]:
    """Yield moments without a tick and, but for recorded exits, those outside the horizon."""
    horizon = setting.horizon
    if horizon is None:
        return
    for pattern in (*_INSIDE, *_ANYWHERE):
        *steps, last = pattern.split(".")
        for node in (parent.child(last) for parent in nodes_at(setting.root, steps)):
            tick = _tick(setting, node)
            if tick is None:
                yield from _meaningless(node, horizon)
            elif pattern in _INSIDE and not 0 <= tick < horizon.ticks:
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


def order_of_events(setting: Setting) -> Iterator[Fault]:
    """Yield testaments not dictated in life and read out later, and strokes out of order or after death."""
    founder = setting.root.child("founder")
    testament, death = founder.child("testament"), _tick(setting, founder.child("death"))
    dictated, read = (_tick(setting, testament.child(key)) for key in ("dictated", "read"))
    if dictated is not None and read is not None and read <= dictated:
        yield Fault("the testament must be read after it is dictated, at least a tick later", testament.child("read").place)
    if dictated is not None and death is not None and dictated > death:
        yield Fault("the testament must be dictated before the founder dies", testament.child("dictated").place)
    latest = None
    for stroke in founder.child("strokes").each():
        at, place = _tick(setting, stroke.child("at")), stroke.child("at").place
        if at is not None and latest is not None and at < latest:
            yield Fault("strokes must be in order of time", place)
        if at is not None and death is not None and at > death:
            yield Fault("a stroke must come before the founder dies", place)
        latest = at if at is not None else latest
