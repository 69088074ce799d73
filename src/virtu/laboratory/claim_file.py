"""The file of claims: what is claimed, by which mechanism, and the contrast of arms that tests it, as data.

A contrast is a weighted sum of what is measured in several arms, history by history. A weight of 1 and one of −1 compare two arms, four
weights ask for an interaction, and one alone for a level. `expected` is the sign the claim foretells, ``?`` where it foretells none.
Contrasts marked `beside` are told with the claim and do not decide on it. Texts of arms and measures may hold roles in braces; see
`claim_roles`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from virtu.errors import Fault, InputError, Place, ScenarioError, did_you_mean
from virtu.scenario.bibliography import WORKS

AS_IT_IS = "as it is"
"""The arm in which nothing is done; every claim has it."""

Sign: TypeAlias = Literal["+", "-", "?"]
Names: TypeAlias = str | tuple[str, ...]


class Term(NamedTuple):
    """What is measured in an arm, and its weight in a contrast."""

    arm: str
    measure: str
    weight: float


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contrast(_Stated):
    """A weighted sum of measures of arms, and the sign it is expected to have."""

    says: Annotated[str, Field(min_length=1)]
    measure: Names
    """One measure, or several that are added up."""
    of: Annotated[dict[str, float], Field(min_length=1)]
    """Weights of the arms."""
    less: Names = ()
    """Measures that are subtracted, in the arms of `less_of`."""
    less_of: dict[str, float] = {}
    against: float = 0.0
    """What the sum is compared with."""
    expected: Sign
    beside: bool = False

    @property
    def terms(self) -> tuple[Term, ...]:
        """The sum, term by term."""
        added = [Term(arm, measure, weight) for arm, weight in self.of.items() for measure in _listed(self.measure)]
        return (*added, *(Term(arm, measure, -weight) for arm, weight in self.less_of.items() for measure in _listed(self.less)))

    @model_validator(mode="after")
    def _says_something(self) -> Contrast:
        if bool(self.less) != bool(self.less_of):
            raise ValueError("less and less_of go together")
        if self.expected == "?" and not self.beside:
            raise ValueError("a contrast that foretells no sign decides nothing: mark it beside")
        return self


def _listed(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


class Claim(_Stated):
    """A row of the file."""

    id: Annotated[str, Field(pattern="[A-Z][0-9]+")]
    claim: Annotated[str, Field(min_length=1)]
    mechanism: Annotated[str, Field(min_length=1)]
    knob: Annotated[str, Field(min_length=1)]
    """What switches the mechanism off, or varies it."""
    scenario: str
    arms: dict[str, tuple[str, ...]] = {}
    contrasts: Annotated[tuple[Contrast, ...], Field(min_length=1)]
    reference: tuple[str, ...] = ()
    """Keys of the works that the mechanism or the contrast is from, none where it is virtu's own."""
    note: str = ""

    @model_validator(mode="after")
    def _arms_are_known(self) -> Claim:
        known = {AS_IT_IS, *self.arms}
        for contrast in self.contrasts:
            unknown = [term.arm for term in contrast.terms if term.arm not in known]
            if unknown:
                raise ValueError(f"unknown arm {unknown[0]!r} in the contrast {contrast.says!r}")
        if all(contrast.beside for contrast in self.contrasts):
            raise ValueError("every contrast is marked beside: none decides on the claim")
        strange = [key for key in self.reference if key not in WORKS]
        if strange:
            raise ValueError(f"unknown reference {strange[0]!r}: {did_you_mean(strange[0], WORKS)}")
        return self

    def done(self, arm: str) -> tuple[str, ...]:
        """Return what is done in an arm."""
        return () if arm == AS_IT_IS else self.arms[arm]


class _File(_Stated):
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]


def read(path: Path | str | None = None) -> tuple[Claim, ...]:
    """Read a file of claims.

    Parameters
    ----------
    path : Path or str, optional
        A YAML file; by default the claims that come with virtu.

    Raises
    ------
    InputError
        If there is no such file.
    ScenarioError
        With every fault found.
    """
    from ruamel.yaml import YAML, YAMLError

    name = "claims.yaml" if path is None else str(path)
    try:
        source = resources.files("virtu.laboratory") / "claims.yaml" if path is None else Path(path)
        content = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the file of claims cannot be read: {error}", "", Place(name)) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        raise InputError(f"no YAML: {getattr(error, 'problem', error)}", "", where) from error
    try:
        found = _File.model_validate(content).claims
    except ValidationError as error:
        raise ScenarioError(_fault(one, content, name) for one in error.errors()) from error
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise InputError(f"two claims are called {one.id}", "give each a name of its own", Place(name))
        seen.add(one.id)
    return found


def _fault(error: Mapping[str, Any], content: Any, name: str) -> Fault:
    """Say what is wrong where: by the name of the claim, which a reader looks for, and the field."""
    place = list(error["loc"])
    claim = ""
    if len(place) > 1 and isinstance(place[1], int):
        one = content["claims"][place[1]]
        claim = str(one.get("id", f"number {place[1] + 1}")) if isinstance(one, Mapping) else f"number {place[1] + 1}"
    field = ".".join(str(part) for part in place[2:])
    where = f"claim {claim}{', ' if field else ''}{field}: " if claim else ""
    return Fault(f"{where}{error['msg'].removeprefix('Value error, ')}", Place(name))
