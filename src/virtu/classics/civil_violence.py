r"""Civil violence: who is aggrieved rebels once enough others around him do, and quiet turns into outbursts without a cause to point at.

Epstein (2002), "Modeling civil violence: an agent-based computational approach", PNAS 99 (suppl. 3), 7243-7250. On a torus stand citizens
and cops. A citizen's grievance is H (1 - L), hardship by what the regime lacks in legitimacy; the risk he sees is R P Jᵅ, his aversion to
risk by the chance of arrest and the length of jail. With C cops and A actives in sight, himself among them,

    P = 1 - exp(-k C/A),    active iff H (1 - L) - R P Jᵅ > T.

One after another they move to a random empty cell in sight and act: citizens turn active or quiet, a cop arrests a random active in sight,
for 0 to J steps. Whose turn it is is drawn each time, as often in a step as there are people (or, by choice, all have one turn in random
order). Model II has two groups and takes L as the right to exist each grants the other: who is active kills a random member of the other
group in sight; citizens have children beside them and die of age.

**The rounding of C/A decides whether there are outbursts at all.** The paper's formula has none, and unrounded almost nothing happens;
rounded down, a single active per cop short is enough to feel safe. Turns matter too: with one turn for each there are half as many
outbursts again. So all of this can be chosen, as can the order of moving and acting, and whether the jailed leave the lattice or block
their cells. Traits are drawn once, so that histories differ by more than their chance: mean numbers of actives spread by 8 % over seeds.

Where H and R are uniform in [0, 1] and all see the same P, a share q(P) is active: with a = 1 - L,

    q = 1 - T/a - P/(2a)  if P ≤ a - T,    (a - T)²/(2aP)  otherwise (derived).

What the paper leaves open about model II is settled thus: the first cohort starts at age 0, lives of 1 … the longest are equally likely, a
child is put in one of the four cells beside its parent, has its group and hardship, draws its own aversion to risk, and first acts in the
next step. Killing comes last in a turn. The jailed grow old, and cannot be killed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from virtu.classics import unrest_kernel as kernel
from virtu.classics.unrest_kernel import FREE, NOBODY, ROUNDINGS
from virtu.errors import InputError

LARGEST_SEED = 2**64 - 1

Rounding: TypeAlias = Literal["floor", "round", "even", "none"]
"""Of C/A: down; to the nearest, halves up; to the nearest, halves to the even number; not at all."""


class Rules(NamedTuple):
    """What both models share; the defaults are those of model I's punctuated equilibrium."""

    height: int = 40  # cells
    width: int = 40  # cells
    density: float = 0.70  # citizens per cell, 0 … 1
    cops: float = 0.04  # cops per cell, 0 … 1
    legitimacy: float = 0.82  # L, 0 … 1
    longest_term: int = 30  # J, steps, ≥ 0
    vision: float = 7.0  # of citizens, cells, > 0
    cop_vision: float = 7.0  # cells, > 0
    threshold: float = 0.1  # T
    k: float = 2.3  # with one cop and one active, P = .9
    deterrence: float = 0.0  # α: how the length of jail adds to its risk
    rounding: Rounding = "floor"
    sight: Literal["von Neumann", "Euclidean"] = "von Neumann"  # |dx| + |dy| ≤ vision, or dx² + dy² ≤ vision²
    turns: Literal["drawn", "shuffled"] = "drawn"  # in a step, as many as there are people: with replacement, or one for each
    order: Literal["move, act", "act, move", "act"] = "move, act"  # of a turn
    jailed: Literal["removed", "in place"] = "removed"  # from their cells, to return to random ones


class Groups(NamedTuple):
    """What model II adds; the defaults are the paper's, from memory."""

    share: float = 0.5  # of group 0 among the first citizens, 0 … 1
    birth: float = 0.05  # chance of a child in a step, 0 … 1
    longest_life: int = 200  # steps; 0 for lives without end


class Unrest(NamedTuple):
    """Citizens at the end of each step, shape (groups, steps): one group in model I, two in model II."""

    active: np.ndarray
    jailed: np.ndarray
    living: np.ndarray  # wherever they are
    arrested: np.ndarray  # in this step
    killed: np.ndarray  # in this step, by group of the victim


def arrest_probability(cops: npt.ArrayLike, actives: npt.ArrayLike, k: float = 2.3, rounding: Rounding = "none") -> np.ndarray:
    """Return the chance of arrest a citizen reckons with.

    Parameters
    ----------
    cops, actives : array_like
        C ≥ 0 and A ≥ 1 in sight, who reckons being among the actives.
    k : float
        How fast it grows, ≥ 0.
    rounding : str
        Of C/A, see `Rounding`.

    Returns
    -------
    np.ndarray
        0 … 1.
    """
    _one_of("rounding", rounding, ROUNDINGS)
    c, a = np.asarray(cops, float), np.asarray(actives, float)
    if not (np.all(c >= 0) and np.all(a >= 1) and k >= 0):
        raise InputError("needs at least 0 cops, at least 1 active, and k of at least 0", "who reckons counts himself among the actives")
    ratio = c / a
    rounded = {"floor": np.floor(ratio), "round": np.floor(ratio + 0.5), "even": np.rint(ratio), "none": ratio}
    return -np.expm1(-k * rounded[rounding])


def active_fraction(arrest: npt.ArrayLike, legitimacy: npt.ArrayLike = 0.82, threshold: npt.ArrayLike = 0.1) -> np.ndarray:
    """Return q(P), the share of citizens active where all reckon with the same chance of arrest.

    Parameters
    ----------
    arrest : array_like
        P, times Jᵅ where jail deters; ≥ 0.
    legitimacy : array_like
        L, 0 … 1.
    threshold : array_like
        T ≥ 0.

    Returns
    -------
    np.ndarray
        0 … 1.
    """
    p, a, t = np.broadcast_arrays(np.asarray(arrest, float), 1 - np.asarray(legitimacy, float), np.asarray(threshold, float))
    if not (np.all(p >= 0) and np.all((a >= 0) & (a <= 1)) and np.all(t >= 0)):
        raise InputError("needs P of at least 0, a legitimacy in [0, 1] and a threshold of at least 0")
    rest = np.maximum(a - t, 0.0)
    width = np.where(a > 0, a, 1.0)
    low, high = (rest - p / 2) / width, rest / np.where(p > rest, p, 1.0) * rest / (2 * width)
    return np.where(p <= rest, low, high) * (rest > 0)


def outbursts(active: npt.ArrayLike, above: float = 50.0) -> np.ndarray:
    """Return how many times the number of actives rises above a level.

    Parameters
    ----------
    active : array_like
        (…, steps) actives.
    above : float
        Level; a run that starts above it starts with an outburst.

    Returns
    -------
    np.ndarray
        (…,) outbursts.
    """
    high = np.asarray(active) > above
    return high[..., 0] + (high[..., 1:] & ~high[..., :-1]).sum(axis=-1)


def simulate(rules: Rules, steps: int, seed: int, groups: Groups | None = None, legitimacy: npt.ArrayLike | None = None) -> Unrest:
    """Live through some steps.

    Parameters
    ----------
    rules : Rules
        Of the lattice.
    steps : int
        ≥ 1.
    seed : int
        0 … 2⁶⁴ - 1; one seed, one history, whatever else is asked for.
    groups : Groups, optional
        For model II; model I without.
    legitimacy : array_like, optional
        L where it changes, or where the groups differ in it, in place of that of the rules: of a shape that fits (groups, steps), 0 … 1.

    Raises
    ------
    InputError
        If a quantity is out of range or there are more people than cells.
    """
    _check(rules, steps, seed)
    peoples = 1 if groups is None else 2
    path = np.full((2, steps), rules.legitimacy)
    if legitimacy is not None:
        path[:peoples] = _path(legitimacy, (peoples, steps))
    views, record = _views(rules), np.zeros((len(kernel.COUNTS), 2, steps), np.int64)
    conduct = _conduct(rules, groups, [len(down) for down, _ in views])
    cells, members, sights, key = _empty_cells(rules), _members(rules, groups), _packed(views), np.uint64(seed)
    people = _unused(sum(members) if groups is None else 2 * cells.size)
    kernel.populate(cells, people, sights, conduct, members, key)
    step = 0
    while (step := kernel.run(cells, people, sights, conduct, path, key, record, step)) < steps:
        people = np.concatenate([people, _unused(people.size)])
    return Unrest(*(counts[:peoples] for counts in record))


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"the {name} must be one of {', '.join(known)}, not {value!r}")


def _check(rules: Rules, steps: int, seed: int) -> None:
    _one_of("rounding", rules.rounding, ROUNDINGS)
    _one_of("sight", rules.sight, ("von Neumann", "Euclidean"))
    _one_of("way of giving turns", rules.turns, ("drawn", "shuffled"))
    _one_of("order of a turn", rules.order, ("move, act", "act, move", "act"))
    _one_of("place of the jailed", rules.jailed, ("removed", "in place"))
    for name in ("density", "cops", "legitimacy"):
        if not 0 <= getattr(rules, name) <= 1:
            raise InputError(f"{name} must be in [0, 1], not {getattr(rules, name):g}")
    if rules.density + rules.cops > 1:
        raise InputError(f"{rules.density + rules.cops:g} people per cell do not fit", "density and cops must not exceed 1 together")
    if min(rules.height, rules.width, steps) < 1 or not min(rules.vision, rules.cop_vision) > 0:
        raise InputError("height, width and steps must be at least 1, and both visions above 0")
    if rules.longest_term < 0 or not (rules.k >= 0 and rules.deterrence >= 0):
        raise InputError("the longest term, k and deterrence must be at least 0")
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"the seed must be in 0 … 2⁶⁴ - 1, not {seed}")


def _path(legitimacy: npt.ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    found = np.asarray(legitimacy, float)
    if not np.all((found >= 0) & (found <= 1)):
        raise InputError("legitimacy must be in [0, 1] at each step")
    try:
        return np.broadcast_to(found, shape)
    except ValueError as error:
        raise InputError(f"legitimacy of shape {found.shape} does not fit (groups, steps) = {shape}") from error


def _members(rules: Rules, groups: Groups | None) -> tuple[int, int, int]:
    cells = rules.height * rules.width
    citizens, cops = round(rules.density * cells), round(rules.cops * cells)
    first = citizens
    if groups is not None:
        if not (0 <= groups.share <= 1 and 0 <= groups.birth <= 1 and groups.longest_life >= 0):
            raise InputError("a group's share and the chance of birth must be in [0, 1], the longest life at least 0")
        first = round(groups.share * citizens)
    return first, citizens - first, min(cops, cells - citizens)


def _conduct(rules: Rules, groups: Groups | None, sizes: list[int]) -> np.void:
    deterrence = float(rules.longest_term) ** rules.deterrence
    found = (rules.height, rules.width, *sizes, rules.threshold, rules.k, deterrence, ROUNDINGS.index(rules.rounding), rules.longest_term)
    found += (rules.turns == "drawn", "move" in rules.order, rules.order.startswith("move"), rules.jailed == "in place")
    found += (-1.0, 0) if groups is None else (groups.birth, groups.longest_life)
    return np.array([found], kernel.CONDUCT)[0]


def in_sight(rules: Rules, vision: float, sight: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what is in sight of a cell on the torus, each cell once and the cell itself left out.

    Parameters
    ----------
    rules : Rules
        For the size of the torus.
    vision : float
        Cells.
    sight : str
        "von Neumann" or "Euclidean".

    Returns
    -------
    tuple of np.ndarray
        (n,) cells down, 0 … height - 1, and (n,) to the right, 0 … width - 1.
    """
    reach = int(min(vision, rules.height + rules.width))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    near = np.abs(down) + np.abs(right) <= vision if sight == "von Neumann" else down**2 + right**2 <= vision**2
    cells = np.unique(down[near] % rules.height * rules.width + right[near] % rules.width)
    return np.divmod(cells[cells > 0], rules.width)


def _views(rules: Rules) -> list[tuple[np.ndarray, np.ndarray]]:
    kinds = ((rules.vision, rules.sight), (rules.cop_vision, rules.sight), (1.0, "von Neumann"))
    return [in_sight(rules, vision, sight) for vision, sight in kinds]


def _packed(views: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    packed = np.zeros((len(views), 2, max(len(down) for down, _ in views)), np.int64)
    for view, steps in zip(packed, views, strict=True):
        view[:, : len(steps[0])] = steps
    return packed


def _empty_cells(rules: Rules) -> np.ndarray:
    cells = np.zeros(rules.height * rules.width, kernel.CELL)
    cells["person"] = NOBODY
    return cells


def _unused(places: int) -> np.ndarray:
    people = np.zeros(places, kernel.PERSON)
    people["group"], people["cell"], people["term"] = NOBODY, NOBODY, FREE
    return people
