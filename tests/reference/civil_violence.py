"""Civil violence in plain loops: everybody looks around at every cell in sight, and nothing is kept but who stands where."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from virtu.classics.civil_violence import Groups, Rules

WORD = 2**64 - 1
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
PLACE, TRAITS, ORDER, RELEASE, MOVE, ARREST, TERM, VICTIM, BIRTH = range(9)
TRIES = 64
COP = 2


def mix(word: int) -> int:
    word = ((word ^ (word >> 30)) * FIRST) & WORD
    word = ((word ^ (word >> 27)) * SECOND) & WORD
    return word ^ (word >> 31)


def fold(key: int, number: int) -> int:
    return mix((key + GOLDEN * (number + 2)) & WORD)


def below(key: int, slot: int, limit: int) -> int:
    return ((fold(key, slot) >> 32) * limit) >> 32


def uniform(key: int, slot: int) -> float:
    return (fold(key, slot) >> 11) * 2.0**-53


def key_of(seed: int, site: int, step: int) -> int:
    return fold(fold(mix(seed), site), step)


def shuffled(items: list[int], key: int) -> list[int]:
    items = list(items)
    for last in range(len(items) - 1, 0, -1):
        other = below(key, last, last + 1)
        items[last], items[other] = items[other], items[last]
    return items


@dataclass
class Person:
    """A citizen or cop."""

    group: int
    cell: int | None
    hardship: float
    aversion: float
    life: int
    born: int = -1
    active: bool = False
    term: int | None = None


@dataclass
class Town:
    """A history of the lattice, step by step."""

    rules: Rules
    seed: int
    groups: Groups | None = None
    people: dict[int, Person] = field(default_factory=dict)
    standing: dict[int, int] = field(default_factory=dict)
    arrested: list[int] = field(default_factory=lambda: [0, 0])
    killed: list[int] = field(default_factory=lambda: [0, 0])

    def __post_init__(self) -> None:
        cells = self.rules.height * self.rules.width
        places = shuffled(list(range(cells)), key_of(self.seed, PLACE, -1))
        citizens = round(self.rules.density * cells)
        first = citizens if self.groups is None else round(self.groups.share * citizens)
        sizes = (first, citizens - first, round(self.rules.cops * cells))
        for who, group in enumerate(group for group, size in enumerate(sizes) for _ in range(size)):
            key = fold(key_of(self.seed, TRAITS, -1), who)
            self.people[who] = self.newborn(group, uniform(key, 2), key, -1)
            self.stand(who, places[who])

    def newborn(self, group: int, hardship: float, key: int, step: int) -> Person:
        lives = self.groups is not None and self.groups.longest_life > 0 and group != COP
        life = below(key, 1, self.groups.longest_life) + 1 if lives and self.groups else -1
        return Person(group, None, hardship, uniform(key, 0), life, step)

    def in_sight(self, cell: int, vision: float, sight: str) -> list[int]:
        row, column = divmod(cell, self.rules.width)
        found, reach = set(), int(vision)
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                near = abs(down) + abs(right) <= vision if sight == "von Neumann" else down**2 + right**2 <= vision**2
                if near:
                    found.add((down % self.rules.height, right % self.rules.width))
        steps = sorted(found - {(0, 0)})
        return [(row + down) % self.rules.height * self.rules.width + (column + right) % self.rules.width for down, right in steps]

    def leave(self, who: int) -> None:
        cell = self.people[who].cell
        if cell is not None:
            del self.standing[cell]
        self.people[who].cell = None

    def stand(self, who: int, cell: int) -> None:
        self.leave(who)
        self.people[who].cell = cell
        self.standing[cell] = who

    def one_of(self, candidates: list[int], key: int, slots: list[int]) -> int | None:
        """Give each candidate in turn the chance to take the place of those before."""
        chosen = None
        for number, (candidate, slot) in enumerate(zip(candidates, slots, strict=True), 1):
            if below(key, slot, number) == 0:
                chosen = candidate
        return chosen

    def empty(self, cells: list[int], key: int) -> int | None:
        for trial in range(TRIES if cells else 0):
            target = cells[below(key, trial, len(cells))]
            if target not in self.standing:
                return target
        slots = [nth for nth, cell in enumerate(cells) if cell not in self.standing]
        return self.one_of([cells[nth] for nth in slots], key, [TRIES + nth for nth in slots])

    def move(self, who: int, vision: float, key: int) -> None:
        target = self.empty(self.in_sight(self.place(who), vision, self.rules.sight), key)
        if target is not None:
            self.stand(who, target)

    def place(self, who: int) -> int:
        cell = self.people[who].cell
        assert cell is not None
        return cell

    def rebels(self, who: int, legitimacy: float) -> bool:
        rules, person = self.rules, self.people[who]
        seen = [
            self.people[self.standing[cell]] for cell in self.in_sight(self.place(who), rules.vision, rules.sight) if cell in self.standing
        ]
        cops, actives = sum(other.group == COP for other in seen), 1 + sum(other.active for other in seen)
        ratio = cops / actives
        rounded = {"floor": math.floor(ratio), "round": math.floor(ratio + 0.5), "even": round(ratio), "none": ratio}[rules.rounding]
        risk = person.aversion * (1 - math.exp(-rules.k * rounded)) * rules.longest_term**rules.deterrence
        return person.hardship * (1 - legitimacy) - risk > rules.threshold

    def citizen(self, who: int, legitimacy: float, key: int) -> None:
        self.people[who].active = False
        if self.rules.order == "move, act":
            self.move(who, self.rules.vision, key)
        rebels = self.rebels(who, legitimacy)
        if self.rules.order == "act, move":
            self.move(who, self.rules.vision, key)
        self.people[who].active = rebels

    def cop(self, who: int, turn: int, step: int) -> None:
        rules = self.rules
        if rules.order == "move, act":
            self.move(who, rules.cop_vision, fold(key_of(self.seed, MOVE, step), turn))
        cells = self.in_sight(self.place(who), rules.cop_vision, rules.sight)
        slots = [nth for nth, cell in enumerate(cells) if cell in self.standing and self.people[self.standing[cell]].active]
        taken = self.one_of([self.standing[cells[nth]] for nth in slots], fold(key_of(self.seed, ARREST, step), turn), slots)
        if taken is not None:
            self.people[taken].active = False
            self.people[taken].term = below(fold(key_of(self.seed, TERM, step), turn), 0, rules.longest_term + 1)
            self.arrested[self.people[taken].group] += 1
            if rules.jailed == "removed":
                self.leave(taken)
        if rules.order == "act, move":
            self.move(who, rules.cop_vision, fold(key_of(self.seed, MOVE, step), turn))

    def kill(self, who: int, key: int) -> None:
        enemy = 1 - self.people[who].group
        cells = self.in_sight(self.place(who), self.rules.vision, self.rules.sight)
        there = {nth: self.people[self.standing[cell]] for nth, cell in enumerate(cells) if cell in self.standing}
        slots = [nth for nth, other in there.items() if other.group == enemy and other.term is None]
        victim = self.one_of([self.standing[cells[nth]] for nth in slots], key, slots)
        if victim is not None:
            self.killed[enemy] += 1
            self.leave(victim)
            del self.people[victim]

    def beget(self, who: int, step: int, key: int, unused: int, birth: float) -> int:
        """Put a child into the first unused place after the last one used in this step."""
        cell = self.empty(self.in_sight(self.place(who), 1, "von Neumann"), key)
        if uniform(key, -1) >= birth or cell is None:
            return unused
        while unused in self.people:
            unused += 1
        parent = self.people[who]
        self.people[unused] = self.newborn(parent.group, parent.hardship, mix(key), step)
        self.stand(unused, cell)
        return unused

    def age_and_release(self, step: int) -> None:
        for who in sorted(self.people):
            self.people[who].life -= self.people[who].life > 0
            if self.people[who].life == 0:
                self.leave(who)
                del self.people[who]
        for who in sorted(self.people):
            person = self.people[who]
            if person.term is not None and person.term > 0:
                person.term -= 1
            elif person.term == 0:
                cells = list(range(self.rules.height * self.rules.width))
                cell = self.empty(cells, fold(key_of(self.seed, RELEASE, step), who)) if person.cell is None else person.cell
                if cell is not None:
                    self.stand(who, cell)
                    person.term = None

    def order(self, step: int) -> list[int]:
        living, key = sorted(self.people), key_of(self.seed, ORDER, step)
        if self.rules.turns == "drawn":
            return [living[below(key, turn, len(living))] for turn in range(len(living))]
        return shuffled(living, key)

    def step(self, step: int, legitimacy: tuple[float, float]) -> dict[str, list[int]]:
        """Live through a step and count."""
        self.arrested, self.killed, unused = [0, 0], [0, 0], 0
        self.age_and_release(step)
        for turn, who in enumerate(self.order(step)):
            person = self.people.get(who)
            if person is None or person.term is not None or person.born == step:
                continue
            if person.group == COP:
                self.cop(who, turn, step)
                continue
            self.citizen(who, legitimacy[person.group], fold(key_of(self.seed, MOVE, step), turn))
            if self.groups is not None:
                if person.active:
                    self.kill(who, fold(key_of(self.seed, VICTIM, step), turn))
                unused = self.beget(who, step, fold(key_of(self.seed, BIRTH, step), turn), unused, self.groups.birth)
        return self.counts()

    def counts(self) -> dict[str, list[int]]:
        groups = [[person for person in self.people.values() if person.group == group] for group in range(2)]
        return {
            "active": [sum(person.active for person in group) for group in groups],
            "jailed": [sum(person.term is not None for person in group) for group in groups],
            "living": [len(group) for group in groups],
            "arrested": list(self.arrested),
            "killed": list(self.killed),
        }
