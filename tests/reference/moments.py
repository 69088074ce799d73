"""Random small organisations, and random but valid moments in their histories."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from virtu.organisation import build
from virtu.organisation.state import NOBODY, VACANT, Agenda, State
from virtu.scenario import loads
from virtu.scenario.schema import Scenario
from virtu.scenario.vocabulary import MECHANISMS, MOVES, SELF_MOVES, Status, Traits, parameters, traits


class Shape(NamedTuple):
    """How many there are of everything: what a compiled program depends on."""

    forum: int
    candidates: int
    pool: int = 0
    posts: int = 0
    outer: int = 0
    issues: int = 1
    ticks: int = 48


def scenario(chance: np.random.Generator, shape: Shape, now: int) -> Scenario:
    """Return a random scenario of a shape, in which dates that matter often fall on a tick."""
    entries = ["forum"] * shape.forum + ["candidate"] * shape.candidates + ["pool"] * shape.pool + ["none"]
    names = [f"P{chance.integers(1_000_000)}-{number}" for number in range(len(entries))]
    placed = names[: shape.forum + shape.candidates]
    issues = {f"issue {number}": {"weight": _round(chance.uniform(0.1, 2.0))} for number in range(shape.issues)}
    content: dict[str, Any] = {
        "scenario": "random-organisation",
        "title": "A random organisation",
        "calendar": {"ticks": shape.ticks},
        "actors": {name: _actor(chance, entry, issues) for name, entry in zip(names, entries, strict=True)},
        "forum": {"seats": shape.forum + int(chance.integers(0, 2)), "candidates": shape.candidates + int(chance.integers(0, 2))},
        "posts": _posts(chance, shape, placed),
        "groups": _groups(chance, shape, placed),
        "ties": [
            {"from": one, "to": other, "trust": _round(chance.uniform(-1, 1)), "dependence": _round(chance.uniform(0, 0.1))}
            | {kind: _round(chance.uniform(0, 0.5)) for kind in ("grievance", "kindness")}
            for one in names
            for other in names
            if one != other and chance.random() < 0.4
        ],
        "issues": issues,
        "norms": {"modesty": _round(chance.uniform(0, 1))},
    }
    if chance.random() < 0.6:
        content["founder"] = _founder(chance, placed, shape, now)
    return loads(json.dumps(content))


def _round(value: float) -> float:
    return round(float(value), 3)


def _actor(chance: np.random.Generator, entry: str, issues: dict[str, Any]) -> dict[str, Any]:
    named = {name: trait for name, trait in traits().items() if chance.random() < 0.4}
    return {
        "entry": entry,
        "traits": {name: _round(chance.uniform(max(trait.low, -1), min(trait.high, 3))) for name, trait in named.items()},
        "positions": {issue: _round(chance.uniform(0, 100)) for issue in issues},
        "salience": {issue: _round(chance.uniform(0, 1)) for issue in issues},
    }


def _posts(chance: np.random.Generator, shape: Shape, placed: list[str]) -> dict[str, Any]:
    names = [f"post {number}" for number in range(shape.posts)]
    posts = {name: {"weight": _round(chance.uniform(0, 1.5)), "holder": str(chance.choice(placed))} for name in names}
    for name, marks in zip(names, ({"records": True, "appoints": ["forum"]}, {"access": True}), strict=False):
        posts[name] |= marks
    for name in names[1:2]:
        posts[name]["appoints"] = [*(["officials"] if shape.outer else []), names[0]]
    return posts


def _groups(chance: np.random.Generator, shape: Shape, placed: list[str]) -> dict[str, Any]:
    if not shape.outer:
        return {}
    patrons = {str(name): int(chance.integers(0, shape.outer // 3 + 1)) for name in chance.choice(placed, 3, replace=False)}
    return {"officials": {"count": shape.outer, "turnover": _round(chance.uniform(0, 0.3)), "patrons": patrons}}


def _founder(chance: np.random.Generator, placed: list[str], shape: Shape, now: int) -> dict[str, Any]:
    def moment() -> int:
        return now if chance.random() < 0.4 else int(chance.integers(1, shape.ticks))

    stroke, death = sorted((moment(), moment()))
    founder: dict[str, Any] = {
        "actor": placed[0],
        "health": _round(chance.uniform(0.1, 1)),
        "legitimacy": _round(chance.uniform(0, 3)),
        "access": {name: _round(chance.uniform(0, 0.2)) for name in placed[1:]},
        "strokes": [{"at": stroke, "severity": _round(chance.uniform(0, 1))}],
    }
    if stroke < death and chance.random() < 0.6:
        founder["death"] = death
    read = moment()
    if read > 0 and chance.random() < 0.8:
        against = {name: _round(chance.uniform(0, 1)) for name in placed[1:] if chance.random() < 0.7}
        founder["testament"] = {"dictated": 0, "read": read, "against": against}
    return founder


def agenda(chance: np.random.Generator, case: Scenario, wild: int | None = None) -> Agenda:
    """Return what is done at a tick: constants near their defaults; if wild, mechanisms off, that of the number for certain, and more."""
    done = Agenda(*(part if name in ("forbid", "tie") else part[0] for name, part in build.baseline(case, 1)._asdict().items()))
    low, high = (np.array([getattr(knob, end) for knob in parameters().values()]) for end in ("low", "high"))
    spread = np.exp(chance.normal(0.0, 0.3, len(low)))
    done = done._replace(
        parameter=np.clip(done.parameter * spread, low, high).astype(np.float32),
        forbid=np.full((2, 5), NOBODY, np.int32),
        tie=np.full((2, 5), NOBODY, np.float32),
    )
    return done if wild is None else _pressed(chance, done, case, wild % len(MECHANISMS))


NAMES = list(parameters())


def _pressed(chance: np.random.Generator, done: Agenda, case: Scenario, off: int) -> Agenda:
    persons, posts = len(case.actors), len(case.posts)
    constant = done.parameter.copy()
    pressed = {"mortality": 0.03, "choice_precision": 8.0, "resign_default": chance.uniform(-1.5, 0.5)}
    pressed |= {"purge_lead": 0.05, "purge_cost": 0.0, "threat_rate": 0.7, "dread_strike": 0.03}
    far = (0.0, 0.4, 1.0)[off % 3]
    pressed |= {"farsightedness": far, "side_precision": 2.0 + 10.0 * far, "result_shock": far - 0.4}
    for name, value in pressed.items():
        constant[NAMES.index(name)] = value
    moves = [*SELF_MOVES[1:], "strike"] if chance.random() < 0.25 else MOVES
    forced = chance.choice([MOVES.index(name) for name in moves], persons)
    trait = np.full((len(Traits._fields), persons), np.nan, np.float32)
    for number, name in enumerate(Traits._fields):
        if chance.random() < 0.2:
            trait[number, chance.integers(persons)] = chance.uniform(traits()[name].low, min(traits()[name].high, 3.0))
    sets = chance.random(posts) < 0.2
    return done._replace(
        parameter=constant,
        mechanism=((chance.random(len(MECHANISMS)) < 0.8) & (np.arange(len(MECHANISMS)) != off)).astype(np.float32),
        trait=trait,
        move=np.where(chance.random(persons) < (0.2 if len(moves) > 2 else 0.7), forced, NOBODY).astype(np.int32),
        target=chance.integers(0, persons, persons).astype(np.int32),
        urge=np.where(chance.random(persons) < 0.2, chance.normal(0, 2, persons), 0.0).astype(np.float32),
        random_order=np.float32(chance.random() < 0.2),
        access=np.where(chance.random(persons) < 0.2, 0.3, 1.0).astype(np.float32),
        holder=np.where(sets, chance.integers(VACANT, persons, posts), NOBODY).astype(np.int32),
        health=np.float32(chance.choice([np.nan, np.nan, 0.4])),
        testament=np.float32(chance.choice([-1.0, -1.0, 0.0, 1.0])),
        trained=(chance.random(persons) < 0.3).astype(np.float32),
        shared=_groups_of(chance, persons),
    )


def _groups_of(chance: np.random.Generator, persons: int) -> np.ndarray:
    """Return codes in which two groups that may overlap share an experience, in half of the cases; the largest code is among them."""
    member = chance.random((2, persons)) < 0.4
    return (member[0] * 1 + member[1] * 2**30).astype(np.int32) * int(chance.random() < 0.5)


def listed(chance: np.random.Generator, done: Agenda, now: int, persons: int) -> Agenda:
    """Forbid a move to somebody, once on one target and once on all, and set two ties."""
    one, other, third = chance.choice(persons, 3, replace=False)
    moves = chance.choice(np.arange(1, len(MOVES)), 2, replace=False)
    return done._replace(
        forbid=np.array([[now - 1, now + 1, one, moves[0], NOBODY], [now, now, other, moves[1], third]], np.int32),
        tie=np.array([[now, one, other, chance.integers(0, 4), 0.25], [now, third, one, 0, -0.5]], np.float32),
    )


def perturbed(chance: np.random.Generator, state: State) -> State:
    """Return a state in which people stand, feel, owe and believe otherwise; everything stays in its range."""
    parts = {name: np.array(part) for name, part in state._asdict().items()}
    for history in range(parts["person"].shape[-1]):
        one = {name: part[..., history : history + 1] for name, part in parts.items()}
        here = _unseat(chance, one)
        _stir_pairs(chance, one, (here[:, None] & here[None] & ~np.eye(len(here), dtype=bool))[..., None])
        _stir_places(chance, one, here[:, None])
        _stir_offices(chance, one, one["person"][here, 0])
    return State(**{name: jnp.asarray(part) for name, part in parts.items()})


def _unseat(chance: np.random.Generator, one: dict[str, np.ndarray]) -> np.ndarray:
    """Move some persons up or down, empty some places, and return where somebody in office is left."""
    person, status = one["person"][:, 0], one["status"][:, 0]
    for place, who in enumerate(person):
        if who >= 0 and chance.random() < 0.2:
            status[who] = chance.integers(0, len(Status))
            one["fallen"][who, 0] |= chance.random() < 0.7
        if who >= 0 and chance.random() < 0.05:
            status[who], person[place] = int(Status.DEAD), NOBODY
    return np.array([who >= 0 and status[who] <= Status.OFFICE for who in person])


def _stir_pairs(chance: np.random.Generator, one: dict[str, np.ndarray], pairs: np.ndarray) -> None:
    shape = pairs.shape
    one["trust"][:] = np.clip(one["trust"] + chance.normal(0, 0.4, shape), -1, 1) * pairs
    one["grievance"][:] = np.clip(one["grievance"] + chance.normal(0, 0.3, shape), 0, 1) * pairs
    one["kindness"][:] = np.clip(one["kindness"] + chance.normal(0, 0.3, shape), 0, 1) * pairs
    owed = chance.exponential(1, shape)
    owed *= chance.choice([0.1, 0.5, 1.0], (shape[0], 1, 1)) * chance.random((shape[0], 1, 1)) / owed.sum(axis=1, keepdims=True)
    one["dependence"][:] = owed * pairs
    one["estimate"] *= np.exp(chance.normal(0, 0.4, shape)).astype(np.float32)
    weights = chance.exponential(1, (5, *shape)) + 0.01
    one["belief"][:] = weights / weights.sum(axis=0)


def _stir_places(chance: np.random.Generator, one: dict[str, np.ndarray], here: np.ndarray) -> None:
    shape = here.shape
    one["merit"][:] = chance.exponential(0.5, shape) * here
    if chance.random() < 0.5:
        one["merit"][np.argmax(here)] *= 10.0
    one["legitimacy"][:] = chance.exponential(0.3, shape) * here
    one["focus"][:] = chance.normal(0, 0.3, shape) * here
    one["threat"][:] = chance.random(shape) * here
    one["access"][:] = chance.random(shape) * here / len(here)
    for name in ("policy", "expected_result"):
        one[name][:] = chance.random(one[name].shape)
    one["health"][:] = max(0.0, chance.uniform(-0.3, 1))


def _stir_offices(chance: np.random.Generator, one: dict[str, np.ndarray], able: np.ndarray) -> None:
    """Give posts and clients to those able to hold them, and leave some posts and seats vacant."""
    for name, vacancies in (("holder", [NOBODY]), ("patron", [NOBODY, VACANT])):
        held = one[name][:, 0]
        for number, who in enumerate(held):
            if who not in able or chance.random() < 0.5:
                held[number] = chance.choice([*vacancies, *able])
    clients = one["patron"] >= 0
    one["reliance"][:] = chance.random(clients.shape) * clients
    one["skill"][:] = chance.random(clients.shape)
