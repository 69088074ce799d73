"""Check numbers against ranges that lie elsewhere: those of traits and parameters, and the scales of issues."""

from __future__ import annotations

from collections.abc import Iterator

from virtu.errors import Fault
from virtu.scenario.distributions import KINDS, Level, flaws
from virtu.scenario.nodes import Node, label, shown
from virtu.scenario.setting import Setting
from virtu.scenario.vocabulary import traits

DEFAULT_ISSUE = "policy"
_DEFAULT_SCALE = (0.0, 100.0)


def _levels(setting: Setting) -> Iterator[tuple[str, str, Node]]:
    """Yield the path, the trait and the node of every number or distribution of a trait."""
    population = setting.root.child("population")
    owners = [(["population"], population)]
    owners += [(["actors", name, "traits"], actor.child("traits")) for name, actor in setting.root.child("actors").items().items()]
    for path, owner in owners:
        for trait, node in owner.items().items():
            yield label([*path, trait]), trait, node.child("value") if "value" in node.items() else node


def _level(node: Node) -> Level | None:
    if not isinstance(node.value, dict):
        return node.number()
    if len(node.value) != 1 or not node.value.keys() <= set(KINDS):
        return None
    (kind, listed), *_ = node.value.items()
    numbers = [number for each in listed.each() if (number := each.number()) is not None]
    whole = isinstance(listed.value, tuple) and len(numbers) == len(listed.value)
    return {kind: numbers} if whole else None


def traits_out_of_range(setting: Setting) -> Iterator[Fault]:
    """Yield traits outside their range, and distributions that are none."""
    for path, trait, node in _levels(setting):
        known = traits().get(trait)
        if known is not None:
            yield from level_flaws(path, node, known.low, known.high, f"{trait}: {known.doc}")


def level_flaws(path: str, node: Node, low: float, high: float, doc: str) -> Iterator[Fault]:
    """Yield what is wrong with a number or a distribution.

    Parameters
    ----------
    path : str
        What to call it.
    node : Node
        The number or the distribution.
    low, high : float
        Its range.
    doc : str
        The hint where the flaw has none.
    """
    level = _level(node)
    for flaw in flaws(level, low, high) if level is not None else ():
        listed = next(iter(node.items().values()), node)
        place = node.place if flaw.argument is None else listed.each()[flaw.argument].place
        yield Fault(f"{path}: {flaw.message}", place, flaw.hint or doc)


def parameters_out_of_range(setting: Setting) -> Iterator[Fault]:
    """Yield parameters outside their range."""
    for name, node in setting.root.child("parameters").items().items():
        knob, number = setting.parameters.get(name), node.number()
        if knob is not None and number is not None and not knob.low <= number <= knob.high:
            rule = f"must lie between {knob.low:g} and {knob.high:g}"
            yield Fault(f"parameters.{name} {rule}, found {number:g}", node.place, f"{name}: {knob.doc}")


def _scale(issue: Node) -> tuple[float, float] | None:
    if "scale" not in issue.items():
        return _DEFAULT_SCALE
    numbers = [node.number() for node in issue.child("scale").each()]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None or not numbers[0] < numbers[1]:
        return None
    return numbers[0], numbers[1]


def positions_on_scale(setting: Setting) -> Iterator[Fault]:
    """Yield scales that do not ascend, and positions that do not lie on theirs."""
    issues = setting.root.child("issues").items()
    scales = {key: _scale(issue) for key, issue in issues.items()} or {DEFAULT_ISSUE: _DEFAULT_SCALE}
    for key, issue in issues.items():
        numbers = [node.number() for node in issue.child("scale").each()]
        if scales[key] is None and len(numbers) == 2 and None not in numbers:
            yield Fault(f"{label(['issues', key])}.scale must ascend, found {numbers[0]:g} to {numbers[1]:g}", issue.child("scale").place)
    points = [(label(["issues", key, "status_quo"]), key, issue.child("status_quo")) for key, issue in issues.items()]
    points += [
        (label(["actors", name, "positions", key]), key, node)
        for name, actor in setting.root.child("actors").items().items()
        for key, node in actor.child("positions").items().items()
    ]
    for path, key, node in points:
        number, scale = node.number(), scales.get(key)
        if number is not None and scale is not None and not scale[0] <= number <= scale[1]:
            yield Fault(
                f"{path} must lie between {scale[0]:g} and {scale[1]:g}, found {number:g}", node.place, f"the scale of {shown(key)}"
            )


def issue_weights(setting: Setting) -> Iterator[Fault]:
    """Yield that no issue can come up."""
    weights = [
        issue.child("weight").number() if "weight" in issue.items() else 1.0 for issue in setting.root.child("issues").items().values()
    ]
    if weights and all(weight == 0 for weight in weights):
        yield Fault("some issue needs a weight above 0, found none", setting.root.keys["issues"])
