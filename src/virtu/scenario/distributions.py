"""Distributions of traits: what is allowed, and their inverse distribution functions on a grid.

Every distribution is truncated to the range of its trait and then sampled by inverting it, so that one uniform draw is
one trait. ``types`` is a finite mixture, ``[share, value, share, value, …]`` in ascending order of value; two traits
with the same shares that use the same draw therefore give a person the same type in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from virtu.errors import InputError, did_you_mean
from virtu.scenario.vocabulary import DISTRIBUTIONS

if TYPE_CHECKING:
    import numpy as np

Level: TypeAlias = float | Mapping[str, Sequence[float]]
"""A number, or one distribution by its name with its arguments."""

KINDS: tuple[str, ...] = (*DISTRIBUTIONS, "types")
WIDEST = 100.0  # standard deviations, in widths of the range: beyond, a normal is a uniform
WIDEST_LOG = 10.0
SHAPES = (0.01, 10_000.0)  # arguments of a beta
_ROUNDING = 1e-6

_Function: TypeAlias = Callable[[Any], Any]
_Check: TypeAlias = "Callable[[Sequence[float], float, float], Iterator[Flaw]]"


class Flaw(NamedTuple):
    """What is wrong with a distribution, the argument that is at fault (or None for the whole), and a hint."""

    message: str
    argument: int | None = None
    hint: str = ""


def flaws(level: Level, low: float, high: float) -> Iterator[Flaw]:
    """Yield what is wrong with a number or a distribution for a trait.

    Parameters
    ----------
    level : float or mapping
        Finite numbers only; a distribution is a mapping with one key.
    low, high : float
        Range of the trait, low < high.
    """
    wrong = kind_flaw(level)
    if wrong is not None:
        yield wrong
    elif not isinstance(level, Mapping):
        yield from _outside("the value", [level], [None], low, high)
    else:
        (kind, arguments), *_ = level.items()
        yield from _FLAWS[kind](arguments, low, high)


def kind_flaw(level: float | Mapping[str, object]) -> Flaw | None:
    """Return what is wrong with the name of a distribution, whatever its arguments, or None for a number."""
    if not isinstance(level, Mapping):
        return None
    if len(level) != 1:
        found = f"found {', '.join(repr(kind)[:40] for kind in level)}" if level else "found none"
        return Flaw(f"a value needs exactly one distribution, {found}", None, f"known: {', '.join(KINDS)}")
    (kind,) = level
    hint = "" if kind in KINDS else did_you_mean(kind[:40], [*KINDS, "value"])
    return None if kind in KINDS else Flaw(f"unknown distribution {kind[:40]!r}", None, hint)


def quantiles(level: Level, low: float, high: float, knots: int = 257) -> np.ndarray:
    """Return the inverse distribution function of a truncated distribution at equally spaced probabilities.

    Parameters
    ----------
    level : float or mapping
        A number, or one distribution by its name with its arguments.
    low, high : float
        Range to which it is truncated.
    knots : int
        Number of probabilities (k + ½) / knots, k = 0 … knots − 1; none is 0 or 1, so unbounded tails stay finite.

    Returns
    -------
    numpy.ndarray
        Shape (knots,), ascending, within [low, high].

    Raises
    ------
    InputError
        If it is no distribution, or leaves no probability to the range.
    """
    import numpy as np

    probabilities = (np.arange(knots) + 0.5) / knots
    if not isinstance(level, Mapping):
        return np.full(knots, np.clip(float(level), low, high))
    wrong = kind_flaw(level)
    if wrong is not None:
        raise InputError(wrong.message, wrong.hint)
    (kind, arguments), *_ = level.items()
    if kind == "types":
        return _steps(arguments, probabilities)
    distribution, inverse = _FUNCTIONS[kind](*arguments)
    below, above = distribution(low), distribution(high)
    if not above > below:
        raise InputError(f"{kind} {list(arguments)} leaves no probability to the range {low} to {high}")
    return np.clip(inverse(below + probabilities * (above - below)), low, high)


def _steps(arguments: Sequence[float], probabilities: Any) -> np.ndarray:
    import numpy as np

    shares, values = np.asarray(arguments[::2], float), np.asarray(arguments[1::2], float)
    ends = np.cumsum(shares / shares.sum())
    return values[np.minimum(np.searchsorted(ends, probabilities, side="right"), len(values) - 1)]


def _uniform(low: float, high: float) -> tuple[_Function, _Function]:
    import numpy as np

    return lambda x: np.clip((x - low) / (high - low), 0.0, 1.0), lambda p: low + p * (high - low)


def _normal(mean: float, sd: float) -> tuple[_Function, _Function]:
    from scipy.special import ndtr, ndtri

    return lambda x: ndtr((x - mean) / sd), lambda p: mean + sd * ndtri(p)


def _lognormal(median: float, log_sd: float) -> tuple[_Function, _Function]:
    import numpy as np
    from scipy.special import ndtr, ndtri

    def distribution(x: float) -> float:
        return float(ndtr(np.log(x / median) / log_sd)) if x > 0 else 0.0

    return distribution, lambda p: median * np.exp(log_sd * ndtri(p))


def _beta(a: float, b: float) -> tuple[_Function, _Function]:
    import numpy as np
    from scipy.special import betainc, betaincinv

    return lambda x: betainc(a, b, np.clip(x, 0.0, 1.0)), lambda p: betaincinv(a, b, p)


def _triangular(low: float, mode: float, high: float) -> tuple[_Function, _Function]:
    import numpy as np

    width, peak = high - low, (mode - low) / (high - low)

    def distribution(x: float) -> float:
        share = min(max((x - low) / width, 0.0), 1.0)
        return share**2 / peak if share < peak else 1.0 - (1.0 - share) ** 2 / (1.0 - peak) if share < 1.0 else 1.0

    def inverse(p: Any) -> Any:
        return low + width * np.where(p < peak, np.sqrt(p * peak), 1.0 - np.sqrt((1.0 - p) * (1.0 - peak)))

    return distribution, inverse


_FUNCTIONS: dict[str, Callable[..., tuple[_Function, _Function]]] = {
    "uniform": _uniform,
    "normal": _normal,
    "triangular": _triangular,
    "beta": _beta,
    "lognormal": _lognormal,
}


def _outside(name: str, values: Sequence[float], places: Sequence[int | None], low: float, high: float) -> Iterator[Flaw]:
    for value, place in zip(values, places, strict=True):
        if not low <= value <= high:
            yield Flaw(f"{name} must lie between {low:g} and {high:g}, found {value:g}", place)


def _ascending(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
    yield from _outside("every bound", arguments, range(len(arguments)), low, high)
    if list(arguments) != sorted(arguments) or arguments[0] == arguments[-1]:
        yield Flaw(
            f"the bounds must ascend, found {', '.join(f'{value:g}' for value in arguments)}", None, "for one value write the bare number"
        )


def _normal_flaws(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
    mean, sd = arguments
    yield from _outside("the mean", [mean], [0], low, high)
    widest = WIDEST * (high - low)
    if not 0 < sd <= widest:
        yield Flaw(
            f"sd must be above 0 and at most {widest:g}, found {sd:g}", 1, "write the bare number for no spread, uniform for no peak"
        )


def _lognormal_flaws(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
    median, log_sd = arguments
    if median <= 0:
        yield Flaw(f"the median must be above 0, found {median:g}", 0)
    else:
        yield from _outside("the median", [median], [0], low, high)
    if not 0 < log_sd <= WIDEST_LOG:
        yield Flaw(f"log_sd must be above 0 and at most {WIDEST_LOG:g}, found {log_sd:g}", 1)


def _beta_flaws(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
    for place, (name, value) in enumerate(zip(DISTRIBUTIONS["beta"], arguments, strict=True)):
        if not SHAPES[0] <= value <= SHAPES[1]:
            yield Flaw(f"{name} must lie between {SHAPES[0]:g} and {SHAPES[1]:g}, found {value:g}", place)
    if low > 0 or high < 1:
        yield Flaw(f"beta spans 0 to 1, but the range is {low:g} to {high:g}", None, "use triangular")


def _types_flaws(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
    if not arguments or len(arguments) % 2:
        yield Flaw(
            f"types needs pairs of share and value, found {len(arguments)} numbers", None, "write {types: [share, value, share, value]}"
        )
        return
    shares, values = arguments[::2], arguments[1::2]
    yield from _outside("every share", shares, range(0, len(arguments), 2), 0.0, 1.0)
    yield from _outside("every value", values, range(1, len(arguments), 2), low, high)
    if abs(sum(shares) - 1.0) > _ROUNDING:
        yield Flaw(f"the shares must sum to 1, found {sum(shares):g}")
    if list(values) != sorted(values):
        yield Flaw("the values must ascend", None, "order the pairs of share and value by value")


def _counted(kind: str, check: _Check) -> _Check:
    """Return the check of a distribution, preceded by a count of its arguments."""
    wanted = DISTRIBUTIONS[kind]

    def counted(arguments: Sequence[float], low: float, high: float) -> Iterator[Flaw]:
        if len(arguments) == len(wanted):
            yield from check(arguments, low, high)
        else:
            yield Flaw(f"{kind} needs {len(wanted)} numbers, found {len(arguments)}", None, f"write {{{kind}: [{', '.join(wanted)}]}}")

    return counted


_FLAWS: dict[str, _Check] = {
    "uniform": _counted("uniform", _ascending),
    "triangular": _counted("triangular", _ascending),
    "normal": _counted("normal", _normal_flaws),
    "lognormal": _counted("lognormal", _lognormal_flaws),
    "beta": _counted("beta", _beta_flaws),
    "types": _types_flaws,
}
