"""Phase 3: outer seats, one post, one voting seat and one place are filled."""

from __future__ import annotations

from types import SimpleNamespace as Record

from virtu.organisation.state import NOBODY, VACANT
from virtu.scenario.vocabulary import Status

from .chance import uniforms
from .minds import clip, prior
from .state import free_dependence, in_forum, largest, note_near, place_of, places, post_weight, standing, status_of

TIES = ("trust", "dependence", "grievance", "kindness")


def vacancies(state: Record, info: Record, world: Record) -> None:
    refill_outer(state, world)
    refill_post(state, world)
    promote(state, world)
    call_in(state, info, world)


def loyalty_weight(world: Record, threat: float) -> float:
    return clip(world.p.loyalty_weight + world.p.loyalty_weight_threat * threat, 0.0, 1.0)


def refill_outer(state: Record, world: Record) -> None:
    """Of two applicants the appointer takes the better; without one the first is taken, who owes nothing."""
    setup, now = world.setup, world.tick
    for seat, slot in enumerate(setup.outer_slot):
        left = uniforms(world.key, "turnover", now, slot)[0] < setup.outer_turnover[seat]
        if not left and state.patron[seat] != VACANT:
            continue
        skills = uniforms(world.key, "applicants", now, slot)
        loyalties = uniforms(world.key, "loyalty of applicants", now, slot)
        post = setup.outer_appointer[seat]
        person = state.holder[post] if post >= 0 else NOBODY
        place = place_of(state, person)
        if place is None or not world.on["patronage"]:
            state.patron[seat], state.reliance[seat], state.skill[seat] = NOBODY, 0.0, skills[0]
            continue
        weight = loyalty_weight(world, state.threat[place])
        worth = [weight * loyal + (1.0 - weight) * skill for loyal, skill in zip(loyalties, skills, strict=True)]
        note_near(world, worth[0], [worth[1]], "applicants")
        taken = 1 if worth[1] > worth[0] else 0
        state.patron[seat], state.skill[seat] = person, skills[taken]
        state.reliance[seat] = world.p.patron_dependence * loyalties[taken]


def appointer(state: Record, world: Record, post: int) -> int | None:
    """Return the place of the holder of the appointing post, if in the forum, or else the strongest of the forum."""
    place = place_of(state, state.holder[post]) if post >= 0 else None
    if place is not None and in_forum(state, place):
        return place
    strength = standing(world.setup, state)
    return largest(world, {place: strength[place].strength for place in places(state) if in_forum(state, place)}, "strongest")


def whim(world: Record, slot: int) -> float:
    return world.p.appointment_noise * uniforms(world.key, "appointment", world.tick, slot)[0]


def preference(state: Record, world: Record, by: int, place: int) -> float:
    """Return loyalty · (trust in him + his dependence) + (1 − loyalty) · competence + whim."""
    loyal = loyalty_weight(world, state.threat[by])
    bond = state.trust[by][place] + state.dependence[place][by]
    return loyal * bond + (1.0 - loyal) * world.mind[place].competence + whim(world, world.slot[place])


def bind(state: Record, world: Record, chosen: int, by: int | None) -> None:
    """The appointed come to depend on their appointer by a share of what they owe nobody."""
    if by is None or by == chosen or not world.on["patronage"]:
        return
    loyalty = world.persons[state.person[chosen]].loyalty
    state.dependence[chosen][by] += world.p.patron_dependence * loyalty * free_dependence(state, chosen)


def refill_post(state: Record, world: Record) -> None:
    """The heaviest vacant post; posts already held count against a candidate."""
    setup = world.setup
    vacant = [post for post, holder in enumerate(state.holder) if holder < 0 and world.done.holder[post] != VACANT]
    if not vacant:
        return
    post = max(vacant, key=lambda each: setup.post_weight[each])
    by = appointer(state, world, setup.post_appointer[post])
    if by is None:
        return
    fit = {
        place: preference(state, world, by, place) - post_weight(setup, state, place)
        for place in places(state)
        if in_forum(state, place) and place != by and state.person[place] != setup.founder
    }
    chosen = largest(world, fit, "post")
    if chosen is not None:
        state.holder[post] = state.person[chosen]
        bind(state, world, chosen, by)


def promote(state: Record, world: Record) -> None:
    """An open voting seat goes to the preferred candidate, unless all are worth less than nothing."""
    voting = sum(status_of(state, place) == Status.FORUM for place in places(state))
    by = appointer(state, world, world.setup.forum_appointer)
    if by is None or voting >= world.setup.seats:
        return
    candidates = [place for place in places(state) if status_of(state, place) == Status.CANDIDATE]
    liked = {place: preference(state, world, by, place) for place in candidates}
    for value in liked.values():
        note_near(world, value, [0.0], "seat left open")
    chosen = largest(world, {place: value for place, value in liked.items() if value > 0.0}, "seat")
    if chosen is not None:
        state.status[state.person[chosen]] = int(Status.FORUM)
        bind(state, world, chosen, by)


def call_in(state: Record, info: Record, world: Record) -> None:
    """A place that was free before the tick goes to the preferred person of the pool, if the forum is short of people."""
    setup = world.setup
    wanting = setup.seats + setup.candidate_seats - sum(in_forum(state, place) for place in places(state))
    free = [place for place in places(state) if status_of(state, place) >= Status.OUT and info.fall[place] < 0]
    if wanting <= 0 or not free:
        return
    by = appointer(state, world, setup.forum_appointer)
    loyal = loyalty_weight(world, 0.0 if by is None else state.threat[by])
    score = {}
    for person, mind in enumerate(world.persons):
        if setup.pool[person] and state.status[person] < 0:
            patron = None if by is None else state.person[by]
            bond = 0.0 if patron is None else setup.trust[patron][person] + setup.dependence[person][patron]
            score[person] = loyal * bond + (1.0 - loyal) * mind.competence + whim(world, setup.slot[person])
    chosen = largest(world, score, "newcomer")
    if chosen is not None:
        seat(state, world, free[0], chosen)
        bind(state, world, free[0], by)


def seat(state: Record, world: Record, place: int, person: int) -> None:
    """Take a place: ties are those of the start, beliefs the prior, estimates the public part of strength, all else nothing."""
    state.person[place], state.status[person] = person, int(Status.CANDIDATE)
    for name in ("merit", "legitimacy", "focus", "threat", "access"):
        getattr(state, name)[place] = 0.0
    for other in places(state):
        them = state.person[other]
        for name in TIES:
            start, now = getattr(world.setup, name), getattr(state, name)
            known = other != place and them >= 0
            now[place][other] = start[person][them] if known else 0.0
            now[other][place] = start[them][person] if known else 0.0
        for row, column in ((place, other), (other, place)):
            belief = prior(world.persons[max(state.person[row], 0)].suspicion)
            for intent, share in enumerate(belief):
                state.belief[intent][row][column] = share
    strength = standing(world.setup, state)
    for other in places(state):
        state.estimate[place][other] = strength[other].public
        state.estimate[other][place] = strength[place].public
