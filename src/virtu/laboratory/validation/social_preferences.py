"""Validation of empathy: the preferences fitted to the choices of Bruhin, Fehr & Schunk (2019), and the angles of the slider measure.

The article's tables were not at hand. Point estimates are as the project's sources quote them; parameters they leave out, log-likelihood
of the mixture and standard errors are those of the replication by Pozzi & Nunnari, which prints three digits and whose authors say that it
agrees with the article but for some standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from virtu.inference.social_preferences import Choices, Fit, Types, fit, fit_types, gather
from virtu.laboratory.validation.rows import Gap, Row, table
from virtu.minds import empathy

CHOICES, DROPPED = "minds/bruhin2019-choices-session1.csv", "minds/bruhin2019-dropped-subjects.csv"
NAMES = ("behind", "ahead", "reciprocity", "vengefulness", "precision")
"""Parameters in the order of the tables below; the article's δ is minus vengefulness."""

ARTICLE = "Bruhin, Fehr & Schunk 2019, JEEA 17(4), session 1"
REPLICATION = "Pozzi & Nunnari, Python and Julia for structural behavioral economics, replication of Bruhin, Fehr & Schunk 2019"
SLIDER = "memory: Murphy, Ackermann & Handgraaf 2011, Judgment and Decision Making 6(8)"

POOLED = (0.0835, 0.2605, 0.0717, 0.0417, 0.0156)
POOLED_ERRORS = (0.015, 0.019, 0.014, 0.011, 0.001)
POOLED_LOG_LIKELIHOOD, TYPES_LOG_LIKELIHOOD = -5472.31, -4202.71

TYPE_NAMES = ("strongly", "moderately", "averse")
SHARES = (0.405, 0.474, 0.121)
TYPES = (
    (0.159, 0.463, 0.151, 0.054, 0.018),
    (0.065, 0.130, -0.001, 0.027, 0.032),
    (-0.435, -0.145, 0.171, 0.075, 0.008),
)
TYPE_ERRORS = (
    (0.040, 0.030, 0.027, 0.027, 0.001),
    (0.013, 0.017, 0.012, 0.012, 0.002),
    (0.124, 0.159, 0.127, 0.180, 0.002),
)

IDEALS = {
    "altruist": (0.95, 0.95, 61.39),
    "joint-gain-leaning-to-other": (0.55, 0.55, 52.91),
    "joint-gain-leaning-to-self": (0.45, 0.45, 37.09),
    "averse-to-inequality": (-10.0, 10.0, 37.48),
    "individualist-leaning-to-other": (0.01, 0.01, 7.82),
    "individualist-leaning-to-self": (-0.01, -0.01, -7.82),
    "competitor": (-5.0, -5.0, -16.26),
}
"""Weights behind and ahead of ideal persons, and the angle, in degrees, that the slider measure assigns to them.

Whoever cares for the difference alone is the limit of large weights.
"""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield fitted preferences beside the published ones, and the angles of ideal persons."""
    yield from _angles()
    found = [table(data, path) for path in (CHOICES, DROPPED)]
    missing = [one for one in found if isinstance(one, Gap)]
    yield from missing
    if not missing:
        choices = read(*(one for one in found if isinstance(one, Path)))
        yield from _pooled(fit(choices))
        yield from _types(fit_types(choices))


def read(choices: Path, dropped: Path | None = None) -> Choices:
    """Read choices in the layout of the published table.

    Parameters
    ----------
    choices : Path
        A table of whole numbers with the columns sid, self_x, self_y, other_x, other_y, choice_x, q and v.
    dropped : Path, optional
        Persons to leave out, one sid a line.
    """
    with choices.open(encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
        found = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    if dropped is not None:
        found = found[~np.isin(found[:, names.index("sid")], np.loadtxt(dropped, dtype=np.int64))]
    column = dict(zip(names, found.T, strict=True))
    own, other = (np.stack([column[f"{who}_x"], column[f"{who}_y"]], axis=1) for who in ("self", "other"))
    return gather(own, other, column["choice_x"], column["sid"], kindness=column["q"], grievance=column["v"])


def _angles() -> Iterator[Row]:
    behind, ahead, _ = jnp.asarray(list(IDEALS.values())).T
    angles = np.asarray(empathy.slider_angle(behind, ahead))
    for (name, (*_, published)), angle in zip(IDEALS.items(), angles, strict=True):
        yield Row(f"slider.{name}", float(angle), published, 0.005, SLIDER, "degrees; choices of the greatest utility on the six sliders")


def _pooled(ours: Fit) -> Iterator[Row]:
    for name, value, error, published in zip(NAMES, ours.values, ours.errors, POOLED, strict=True):
        yield Row(f"pooled.{name}", value, published, 5e-5, ARTICLE, f"standard error {error:.4f}")
    for name, error, published in zip(NAMES, ours.errors, POOLED_ERRORS, strict=True):
        yield Row(f"pooled.error.{name}", error, published, 5e-4, REPLICATION, "clustered by person")
    yield Row("pooled.log-likelihood", ours.log_likelihood, POOLED_LOG_LIKELIHOOD, 0.01, ARTICLE)


def _types(ours: Types) -> Iterator[Row | Gap]:
    for kind, share, error, published in zip(TYPE_NAMES, ours.shares, ours.share_errors, SHARES, strict=True):
        yield Row(f"types.{kind}.share", share, published, 5e-4, ARTICLE, f"standard error {error:.3f}")
    for number, kind in enumerate(TYPE_NAMES):
        for parameter, name in enumerate(NAMES):
            value, error = ours.values[number, parameter], ours.errors[number, parameter]
            published, published_error = TYPES[number][parameter], TYPE_ERRORS[number][parameter]
            source = ARTICLE if name in {"behind", "ahead"} else REPLICATION
            yield Row(f"types.{kind}.{name}", value, published, 5e-4, source, f"standard error {error:.3f}, published {published_error}")
            yield Row(f"types.{kind}.error.{name}", error, published_error, 5e-4, REPLICATION, "clustered by person")
    yield Row("types.log-likelihood", ours.log_likelihood, TYPES_LOG_LIKELIHOOD, 0.01, REPLICATION)
    errors = ", ".join(f"{error:.3f}" for error in ours.share_errors)
    yield Gap(
        "types.error.share",
        f"ours are {errors}; the replication's .059, .057, .044 let shares not sum to 1 and, as its authors say, are not the article's",
    )
