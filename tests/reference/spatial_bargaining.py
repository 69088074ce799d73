"""The spatial bargain in plain Python: floats, lists and loops over actors, pairs and third parties; one table, nothing is compiled.

It is written from the equations in the docstrings of `virtu.classics.spatial_bargaining`, so that an error in one of the two shows as a
disagreement. Transitions are deterministic.
"""

from __future__ import annotations

import math
from itertools import product

from virtu.classics.spatial_bargaining.rules import Rules
from virtu.classics.spatial_bargaining.table import Table, unit_positions

Point = list[float]
Offer = tuple[int, int, Point, Point]


def play(table: Table, rules: Rules, turns: int, compatible: bool = False) -> list[list[Point]]:
    """Return the positions, in units of the scales, before each turn and after the last."""
    weights, cares = [float(one) for one in table.capability], table.salience.tolist()
    path: list[list[Point]] = [unit_positions(table).tolist()]
    while len(path) <= turns and not _quiet(rules, path):
        path.append(_turn(rules, compatible, path[-1], weights, cares))
    return path


def _quiet(rules: Rules, path: list[list[Point]]) -> bool:
    moves = [sum(math.dist(old, new) for old, new in zip(*pair, strict=True)) for pair in zip(path, path[1:], strict=False)]
    return len(moves) >= max(rules.shortest, 1) and moves[-1] / (moves[0] + 1e-4) < rules.still


def _turn(rules: Rules, compatible: bool, places: list[Point], weights: list[float], cares: list[Point]) -> list[Point]:
    present = [number for number, weight in enumerate(weights) if weight > 0]
    apart = [[_distance(cares[one], places[one], place) for place in places] for one in range(len(places))]
    risk = _risk(rules, compatible, apart, weights, present)
    offers: list[Offer] = []
    for one in present:
        offers += _offers(rules, compatible, one, places, weights, cares, apart, risk, present)
    return [_choice(rules, compatible, one, offers, places, weights, cares, risk, present) for one in range(len(places))]


def _distance(care: Point, here: Point, there: Point) -> float:
    top = sum((weight * (second - first)) ** 2 for weight, first, second in zip(care, here, there, strict=True))
    return math.sqrt(top / sum(weight**2 for weight in care))


def _worth(distance: float, risk: float) -> float:
    return (1 - distance) * (1 + risk * distance)


def _vote(rule: str, weight: float, gain: float) -> float:
    gain = 0.0 if abs(gain) < 1e-12 else gain
    binary = max(-1.0, min(1.0, gain / 1e-8))
    if rule == "asym_prosp":
        return weight * gain * (2 / 3 if gain > 0 else 1)
    parts = {
        "proportional": (1, 0, 0),
        "binary": (0, 1, 0),
        "cubic": (0, 0, 1),
        "prop_bin": (0.8, 0.2, 0),
        "prop_cbc": (0.5, 0, 0.5),
    }[rule]
    return weight * (parts[0] * gain + parts[1] * binary + parts[2] * gain**3)


def _beats(model: str, first: float, second: float) -> float:
    if model != "binary":
        power = {"linear": 1, "square": 2, "quartic": 4, "octic": 8}[model]
        return first**power / (first**power + second**power)
    if first >= 1.1 * second or second >= 1.1 * first:
        return (1.0 if first > second else 1e-6) / (1 + 1e-6)
    return (2.1 * first / (first + second) - 1) / 0.1


def _election(rules: Rules, compatible: bool, worth: list[list[float]], weights: list[float]) -> list[float]:
    """Return the chance of each option; worth has voters, then options."""
    options = range(len(worth[0]))
    strength = [[1e-8] * len(options) for _ in options]
    for first, second in product(options, options):
        for voter, weight in zip(worth, weights, strict=True):
            gain = voter[first] - voter[second]
            seen = compatible and rules.voting == "asym_prosp" and first < second
            strength[first][second] += max(0.0, -_vote(rules.voting, weight, -gain) if seen else _vote(rules.voting, weight, gain))
    chance = [[_beats(rules.victory, strength[one][other], strength[other][one]) for other in options] for one in options]
    if rules.election == "conditional":
        odds = [math.exp(sum(math.log(chance[one][other]) for other in options)) for one in options]
        return [one / sum(odds) for one in odds]
    return _markov(rules.election, strength, chance)


def _markov(model: str, strength: list[list[float]], chance: list[list[float]]) -> list[float]:
    options = range(len(chance))
    drive = [[strength[j][i] * chance[j][i] + 1e-10 * (i == j) if model == "markov_incentive" else 1.0 for i in options] for j in options]
    meets = [[drive[j][i] / sum(drive[k][i] for k in options) for i in options] for j in options]
    now, change = [1 / len(options)] * len(options), 1.0
    while change > (1e-8 if model == "markov_incentive" else 1e-6):
        after = [sum(chance[i][j] * (now[i] * meets[j][i] + now[j] * meets[i][j]) for j in options) for i in options]
        change = max(abs(new - old) for new, old in zip(after, now, strict=True))
        now = [(new + old) / 2 for new, old in zip(after, now, strict=True)]
    return now


def _risk(rules: Rules, compatible: bool, apart: list[list[float]], weights: list[float], present: list[int]) -> list[float]:
    neutral = [[1 - apart[voter][option] for option in present] for voter in present]
    chance = _election(rules, compatible, neutral, [weights[voter] for voter in present])
    low, high = min(chance), max(chance)
    least = {"min": 0.0, "mid": -0.5, "max": -1.0}[rules.risk_range]
    found = [0.0] * len(weights)
    for number, one in zip(present, chance, strict=True):
        found[number] = least + (1 - least) * (one - low) / (high - low) if high > low else 0.0
    return found


def _prevails(
    rules: Rules,
    eyes: int,
    one: int,
    other: int,
    weights: list[float],
    cares: list[Point],
    apart: list[list[float]],
    risk: list[float],
    present: list[int],
) -> tuple[float, float, float]:
    """Return the chance that one prevails over the other in somebody's eyes, and what either expects."""  # fmt: skip
    part = {"none": 0.0, "one_third": 1 / 3, "half": 0.5, "two_thirds": 2 / 3, "full": 1.0}[rules.risk_estimate]

    def worth(voter: int, place: int) -> float:
        return _worth(apart[voter][place], (1 - part) * risk[eyes] + part * risk[voter])

    def power(voter: int) -> float:
        return weights[voter] * sum(cares[voter])

    first = 1e-10 + _vote(rules.voting, power(one), 1 - worth(one, other))
    second = 1e-10 - _vote(rules.voting, power(other), worth(other, one) - 1)
    for_one, for_other = first, second
    for voter in present:
        if voter not in (one, other):
            views = worth(voter, one), worth(voter, other)
            vote = _vote(rules.voting, power(voter), _taking_sides(rules, power(voter), *views, first, second))
            for_one, for_other = for_one + max(vote, 0), for_other + max(-vote, 0)
    chance, care = for_one / (for_one + for_other), sum(cares[other])

    def expects(mine: float, theirs: float) -> float:
        return (1 - care) * 2 * mine + care * (chance * 2 * mine + (1 - chance) * 2 * theirs) - mine - theirs

    return chance, expects(1.0, worth(one, other)), expects(worth(other, one), 1.0)


def _taking_sides(rules: Rules, power: float, mine: float, theirs: float, first: float, second: float) -> float:
    """Return the utility of the three positions after siding with the first principal, less that after siding with the second."""
    direct = _vote(rules.voting, power, mine - theirs)
    total = first + second + abs(direct)
    joined, opposed = (first + abs(direct)) / total, first / total
    if rules.third_party_odds == "shared":
        joined = opposed = (first + max(direct, 0)) / total
    free_after = {"none": "won lost", "semi": "won", "full": ""}[rules.commitment]

    def end(prevailing: float, siding: str) -> float:
        return 2 * prevailing + (1.0 if siding in free_after else prevailing)

    with_first = joined * end(mine, "won") + (1 - joined) * end(theirs, "lost")
    with_second = opposed * end(mine, "lost") + (1 - opposed) * end(theirs, "won")
    return with_first - with_second


def _offers(
    rules: Rules,
    compatible: bool,
    one: int,
    places: list[Point],
    weights: list[float],
    cares: list[Point],
    apart: list[list[float]],
    risk: list[float],
    present: list[int],
) -> list[Offer]:
    """Return the bargains that follow from the challenge that pays an actor best."""  # fmt: skip
    best, target, chance = 1e-5, -1, 0.0
    for other in present:
        if other != one:
            odds, gain, _ = _prevails(rules, one, one, other, weights, cares, apart, risk, present)
            if gain > best:
                best, target, chance = gain, other, odds
    if target < 0:
        return []
    seen, seen_gain, _ = _prevails(rules, target, one, target, weights, cares, apart, risk, present)
    mine = _between(rules.interpolation, one, target, chance, places, cares)
    yours = _between(rules.interpolation, one, target, seen_gain if compatible else seen, places, cares)
    if rules.proposals == "initiator":
        return [mine]
    if rules.proposals == "both":
        return [mine, yours]
    power, against = weights[one] * sum(cares[one]), weights[one if compatible else target] * sum(cares[target])
    pairs = zip(mine[2:], yours[2:], strict=True)
    first, second = ([(power * a + against * b) / (power + against) for a, b in zip(*pair, strict=True)] for pair in pairs)
    return [(one, target, first, second)]


def _between(rule: str, one: int, other: int, chance: float, places: list[Point], cares: list[Point]) -> Offer:
    ends = [_point(rule, *four, chance) for four in zip(places[one], places[other], cares[one], cares[other], strict=True)]
    return one, other, [end[0] for end in ends], [end[1] for end in ends]


def _point(rule: str, here: float, there: float, mine: float, theirs: float, chance: float) -> tuple[float, float]:
    if rule == "s2pmax":
        loses, wins = max(0.0, (1 - chance) - chance), max(0.0, chance - (1 - chance))
        back = loses * theirs**2 / (loses * theirs**2 + 1e-6 + (1 - loses) * mine**2)
        forth = wins * mine**2 / (wins * mine**2 + 1e-6 + (1 - wins) * theirs**2)
        return here + back * (there - here), there + forth * (here - there)
    power = 1 if rule == "s1p1" else 2
    first, second = mine**power * chance**power, theirs**power * (1 - chance) ** power
    ends = (((first + 1e-6) * here + second * there), (first * here + (1e-6 + second) * there))
    return tuple(math.floor(1e4 * end / (first + 1e-6 + second) + 0.5) / 1e4 for end in ends)  # type: ignore[return-value]


def _choice(
    rules: Rules,
    compatible: bool,
    one: int,
    offers: list[Offer],
    places: list[Point],
    weights: list[float],
    cares: list[Point],
    risk: list[float],
    present: list[int],
) -> Point:
    """Return where an actor goes: the likeliest of its bargains, or nowhere."""  # fmt: skip
    queue = [offer for offer in _listed(rules, offers) if one in offer[:2]]
    states = [places] + [[{i: first, j: second}.get(who, place) for who, place in enumerate(places)] for i, j, first, second in queue]

    def mean(voter: int, state: list[Point]) -> float:
        return sum(_worth(_distance(cares[voter], places[voter], state[who]), risk[voter]) for who in present) / len(present)

    worth = [[mean(voter, state) for state in states] for voter in present]
    chance = _election(rules, compatible, worth, [weights[voter] for voter in present])
    best = max(range(len(states)), key=lambda option: chance[option])
    return states[best][one]


def _listed(rules: Rules, offers: list[Offer]) -> list[Offer]:
    """Return the offers in the order in which they stand for election: all proposals, then all counter-proposals."""
    return offers[::2] + offers[1::2] if rules.proposals == "both" else offers
