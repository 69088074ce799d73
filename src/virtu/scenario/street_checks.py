"""Check how the fields of a scenario of the street fit together: words, shares of wholes, leaders, the matrix of branching, dates.

As `checks` for the organisation: the checks read the tree of the file, so that they also run where some field has failed on its own, and
pass over whatever they cannot read, because the schema has reported that already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import hypot, inf

from virtu.errors import Fault, did_you_mean
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.chronology import horizon_in, moments_at, tick_in
from virtu.scenario.nodes import Node, label, shown
from virtu.scenario.ranges import level_flaws, parameters_out_of_range, traits_out_of_range
from virtu.scenario.references import unknown_among
from virtu.scenario.setting import Setting, defined, nodes_at
from virtu.scenario.street_schema import ALL, MEASURES, MOST_CELLS, SHORT_FORMS, StreetCalendar
from virtu.scenario.street_vocabulary import OTHER_OPTIONS, RULERS, street_parameters
from virtu.scenario.vocabulary import traits

_SOURCED = (
    "actors.*",
    "actors.*.traits.*",
    "population.*",
    "camps.*",
    "public",
    "public.cells.*",
    "state",
    "outsider",
    "elite",
    "elite.members.*",
    "elite.members.*.containability",
    "incidents",
    "shocks.*",
    "record",
    "record.findings.*",
    "facts.*",
)
REFERENCES: dict[str, tuple[str, ...]] = {
    "person": ("camps.*.leader", "elite.members.#"),
    "camp": ("camps.*.reach.#", "public.cells.*.core.#", "public.cells.*.leaning.#", "public.cells.*.cause.#", "outsider.camp"),
    "trait": ("population.#", "actors.*.traits.#"),
    "parameter": ("parameters.#",),
    "archetype": ("actors.*.archetype",),
    "source": tuple(f"{where}.source" for where in _SOURCED),
    "measure": ("outcome.measure", "record.findings.*.measure"),
    "ruler": ("record.on_top",),
}
"""Where a file names something: the path of the value, ``*`` for any entry, ``#`` for the keys of a mapping."""

_INSIDE = ("shocks.*.at", "shocks.*.until", "facts.*.at")
_ANYWHERE = ("record.since", "record.findings.*.since", "record.findings.*.at")
_ROUNDING = 1e-9
WHOLE = 1e-6
"""How far the shares of the cells may be from summing to 1."""

WHOLES: tuple[tuple[str, ...], ...] = (("undecided_state", "undecided_abstain", "undecided_outsider"), ("victims_rivals", "victims_state"))
"""Parameters that are shares of one whole."""

_RESERVED = {
    **dict.fromkeys(OTHER_OPTIONS, "results use the word for what people support beside the camps"),
    **dict.fromkeys(RULERS, "results use the word for who rules"),
    ALL: "interventions use the word for every camp",
}
_SQUARINGS = 40


def cross_faults(root: Node) -> Iterator[Fault]:
    """Yield every fault in how the fields of a tree fit together.

    Parameters
    ----------
    root : Node
        The mapping of a whole scenario of the street, everything it extends merged in.
    """
    horizon, wrong = horizon_in(root, StreetCalendar)
    yield from wrong
    camps = defined(root, "camps", needed=True)
    known = {
        "person": defined(root, "actors", needed=True),
        "camp": camps,
        "option": None if camps is None else camps | {*OTHER_OPTIONS},
        "ruler": None if camps is None else camps | {*RULERS},
        "trait": traits(),
        "parameter": street_parameters(),
        "archetype": ARCHETYPES,
        "source": defined(root, "sources"),
        "measure": MEASURES,
    }
    setting = Setting(root, known, street_parameters(), horizon)
    for check in CHECKS:
        yield from check(setting)


def unknown_words(setting: Setting) -> Iterator[Fault]:
    """Yield the words that name nothing the file or the vocabulary defines."""
    yield from unknown_among(setting, REFERENCES, {})


def measures_of(setting: Setting) -> Iterator[Fault]:
    """Yield measures without what they are of, or of something they cannot be of."""
    for node in chain(nodes_at(setting.root, ["outcome"]), nodes_at(setting.root, ["record", "findings", "*"])):
        measure, of = node.child("measure"), node.child("of")
        name = measure.text() if "measure" in node.items() else "order"
        if name not in MEASURES:
            continue
        kind, whose = MEASURES[name], of.text()
        if kind and of.value is None:
            yield Fault(f"the measure {name} is of one {kind}, found none", measure.place, "add 'of'")
        elif not kind and of.value is not None:
            yield Fault(f"the measure {name} is of nothing in particular", of.place, "remove 'of'")
        elif whose is not None and (allowed := setting.known[kind]) is not None and whose not in allowed:
            yield Fault(f"unknown {kind} {whose[:80]!r}", of.place, did_you_mean(whose[:80], allowed))


def reserved_names(setting: Setting) -> Iterator[Fault]:
    """Yield camps whose names would mean two things."""
    camps = setting.root.child("camps")
    for name in camps.items().keys() & _RESERVED.keys():
        yield Fault(f"no camp may be called {name!r}", camps.keys[name], _RESERVED[name])


def containability_out_of_range(setting: Setting) -> Iterator[Fault]:
    """Yield beliefs in containability that are no chances."""
    for name, member in setting.root.child("elite").child("members").items().items():
        node = member.child("containability")
        stated = node.child("value") if "value" in node.items() else node
        path = label(["elite", "members", name, "containability"])
        yield from level_flaws(path, stated, 0.0, 1.0, "believed chance that a bargain contains the outsider")


def short_forms(setting: Setting) -> Iterator[Fault]:
    """Yield short forms of parameters that are out of range, or stand beside the parameter."""
    parameters = setting.root.child("parameters")
    for steps, name in SHORT_FORMS.items():
        *parents, last = steps
        for node in (parent.child(last) for parent in nodes_at(setting.root, parents)):
            number, knob = node.number(), setting.parameters[name]
            if number is not None and name in parameters.items():
                yield Fault(f"{label(steps)} is the parameter {name}, which stands twice", node.place, _other(parameters, name))
            if number is not None and number >= 0 and not knob.low <= number <= knob.high:
                rule = f"must lie between {knob.low:g} and {knob.high:g}"
                yield Fault(f"{label(steps)} {rule}, found {number:g}", node.place, f"{name}: {knob.doc}")


def _other(parameters: Node, name: str) -> str:
    return f"it stands on line {parameters.keys[name].line} of {parameters.keys[name].file} too; remove one"


def shares_of_wholes(setting: Setting) -> Iterator[Fault]:
    """Yield parameters that are shares of one whole and together more than it."""
    parameters = setting.root.child("parameters")
    for group in WHOLES:
        stated = [name for name in group if name in parameters.items()]
        numbers = [parameters.child(name).number() if name in stated else setting.parameters[name].default for name in group]
        total = sum(number for number in numbers if number is not None)
        if stated and total > 1.0 + _ROUNDING:
            message = f"{', '.join(group)} may sum to 1, found {total:g}"
            yield Fault(message, parameters.child(stated[-1]).place, "they are shares of one whole")


def leaders(setting: Setting) -> Iterator[Fault]:
    """Yield persons who lead two camps, or lead one and decide for the elite."""
    led: dict[str, str] = {}
    for key, camp in setting.root.child("camps").items().items():
        leader, place = camp.child("leader").text(), camp.child("leader").place
        if leader is not None and leader in led:
            yield Fault(f"{shown(leader)} cannot lead two camps, {shown(led[leader])} and {shown(key)}", place, "name another leader")
        elif leader is not None:
            led[leader] = key
    members = setting.root.child("elite").child("members")
    for name in members.items():
        if name in led:
            yield Fault(f"{shown(name)} leads {shown(led[name])} and cannot decide for the elite too", members.keys[name], "remove one")


def own_reach(setting: Setting) -> Iterator[Fault]:
    """Yield camps that are to react to themselves."""
    for key, camp in setting.root.child("camps").items().items():
        reach = camp.child("reach")
        if key in reach.items():
            yield Fault(f"the camp {shown(key)} has no reach to itself", reach.keys[key], "remove the entry")


def cells(setting: Setting) -> Iterator[Fault]:
    """Yield cells that are not together the whole public, that are too many, or in which more people stand than there are."""
    section = setting.root.child("public").child("cells")
    parts = [cell for cell in section.items().values() if isinstance(cell.value, dict)]
    if not parts or len(parts) < len(section.items()):
        return
    shares = [cell.child("share").number() if "share" in cell.items() else 1.0 for cell in parts]
    known = [share for share in shares if share is not None and 0 <= share <= 1]
    total, at = sum(known), setting.root.child("public").keys["cells"]
    if len(known) == len(shares) and abs(total - 1.0) > WHOLE:
        yield Fault(f"the shares of the cells must sum to 1, found {total:.6g}", at, "a cell without a share has all people")
    count = sum(cell.child("divided").number() or 1.0 for cell in parts)
    if count > MOST_CELLS >= max(cell.child("divided").number() or 1.0 for cell in parts):
        yield Fault(f"the public may have {MOST_CELLS:,} cells when all are divided, found {count:,.0f}", at)
    for key, cell in section.items().items():
        yield from _taken(key, cell)


def _taken(key: str, cell: Node) -> Iterator[Fault]:
    """Yield that more people of a cell are core or leaning than there are."""
    groups = [cell.child(group) for group in ("core", "leaning")]
    numbers = [number for group in groups for node in group.items().values() if (number := node.number()) is not None]
    if sum(numbers) > 1.0 + _ROUNDING and max(numbers) <= 1.0:
        path = label(["public", "cells", key])
        yield Fault(f"core and leaning of {path} may sum to 1, found {sum(numbers):g}", cell.place, "the rest are undecided")


def branching(setting: Setting) -> Iterator[Fault]:
    """Yield a matrix that has not a row and a column for each camp, or by which incidents would run away."""
    node, camps = setting.root.child("incidents").child("branching"), setting.known["camp"]
    if not isinstance(node.value, tuple) or camps is None:
        return
    size = len(camps)
    wrong = [row for row in node.each() if isinstance(row.value, tuple) and len(row.each()) != size]
    if len(node.each()) != size:
        yield Fault(f"incidents.branching needs {size} rows, one for each camp, found {len(node.each())}", node.place, _SHAPE)
    for row in wrong:
        yield Fault(f"a row of incidents.branching needs {size} numbers, one for each camp, found {len(row.each())}", row.place, _SHAPE)
    numbers = [[each.number() for each in row.each()] for row in node.each()]
    matrix = [[number for number in row if number is not None and number >= 0] for row in numbers]
    if len(matrix) != size or any(len(row) != size for row in matrix):
        return
    radius = spectral_radius(matrix)
    if radius >= 1.0 - _ROUNDING:
        yield Fault(f"the spectral radius of incidents.branching must be below 1, found {radius:.4g}", node.place, _RUNAWAY)


_SHAPE = "row: the camp whose incidents follow; column: the camp whose incident they follow; camps in the order of the file"
_RUNAWAY = "an incident would set off one or more on average, and incidents would run away; lower the numbers"


def spectral_radius(matrix: Sequence[Sequence[float]]) -> float:
    """Return the largest absolute eigenvalue of a square matrix of numbers ≥ 0.

    By squaring: ρ(A) = lim ‖Aᵏ‖^(1/k) (Gelfand), k = 2⁴⁰, each power scaled back to norm 1.

    Parameters
    ----------
    matrix : sequence of sequence of float
        Shape (n, n), entries ≥ 0.

    Returns
    -------
    float
        ≥ 0; infinite where the numbers are too large to square.
    """
    power, radius, weight = [list(map(float, row)) for row in matrix], 1.0, 1.0
    for _ in range(_SQUARINGS):
        size = hypot(*chain.from_iterable(power))
        if size in (0.0, inf):
            return size
        radius *= size**weight
        scaled = [[entry / size for entry in row] for row in power]
        columns = list(zip(*scaled, strict=True))
        power = [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in scaled]
        weight /= 2
    return radius


def outsider(setting: Setting) -> Iterator[Fault]:
    """Yield an outsider named twice: as a camp and in its own words."""
    node = setting.root.child("outsider")
    if node.child("camp").value is None:
        return
    for field in ("label", "promise"):
        if node.child(field).value is not None:
            message = f"the outsider is named twice: as a camp and by its own {field}"
            yield Fault(message, node.keys[field], f"the camp's {field} holds; remove one")


def elite(setting: Setting) -> Iterator[Fault]:
    """Yield an elite in which nobody decides, or which is poorer than the people."""
    node = setting.root.child("elite")
    members = [member for member in node.child("members").items().values() if isinstance(member.value, dict)]
    if members and all("weight" in member.items() and member.child("weight").number() == 0 for member in members):
        yield Fault("some member of the elite needs a weight above 0, found none", node.keys["members"])
    share, inequality = (node.child(field).number() if field in node.items() else usual for field, usual in _RICH)
    if share is not None and inequality is not None and 0 < inequality <= share < _HALF:
        place = node.items().get("inequality", node.child("share")).place
        message = f"elite.inequality must be above elite.share, found {inequality:g} and {share:g}"
        yield Fault(message, place, "the elite has more of the income than its share of the people")


_RICH = (("share", 0.05), ("inequality", 0.4))
_HALF = 0.5


def shocks(setting: Setting) -> Iterator[Fault]:
    """Yield shocks that end before they begin, or bring nothing."""
    for shock in setting.root.child("shocks").each():
        first, last = tick_in(setting, shock.child("at")), tick_in(setting, shock.child("until"))
        if first is not None and last is not None and last < first:
            yield Fault("a shock must not end before it begins", shock.child("until").place)
        if shock.items() and not {"hardship", "disorder", "legitimacy"} & shock.items().keys():
            yield Fault("a shock must bring something, found none of hardship, disorder, legitimacy", shock.place)


def moments(setting: Setting) -> Iterator[Fault]:
    """Yield moments without a tick and, but for what is recorded, those outside the horizon."""
    yield from moments_at(setting, _INSIDE, _ANYWHERE)
    for finding in setting.root.child("record").child("findings").each():
        since, at = tick_in(setting, finding.child("since")), tick_in(setting, finding.child("at"))
        if since is not None and at is not None and at < since:
            yield Fault("a finding must not end before it begins", finding.child("at").place)


CHECKS = (
    unknown_words,
    measures_of,
    reserved_names,
    traits_out_of_range,
    containability_out_of_range,
    parameters_out_of_range,
    short_forms,
    shares_of_wholes,
    leaders,
    own_reach,
    cells,
    branching,
    outsider,
    elite,
    shocks,
    moments,
)
"""All checks, in the order in which they run."""
