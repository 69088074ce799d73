"""Phase 4: an issue, an order of speech, clashes, a proposal and a vote."""

from __future__ import annotations

from types import SimpleNamespace as Record

from virtu.scenario.vocabulary import Status

from .chance import normals, uniforms
from .minds import clip, logistic
from .state import in_forum, note_near, places, standing, status_of


def meeting(state: Record, info: Record, world: Record) -> None:
    if not world.on["meeting"]:
        return
    debate = prepare(state, world)
    clash(state, world, debate)
    decide(state, info, world, debate)


def prepare(state: Record, world: Record) -> Record:
    """Draw the issue and the tick's positions, and order the speakers by their urge."""
    setup, p = world.setup, world.p
    issue = draw_issue(world)
    speakers = [place for place in places(state) if in_forum(state, place)]
    position, salience, urge = {}, {}, {}
    for place in speakers:
        person, mind = state.person[place], world.mind[place]
        shift, whim = normals(world.key, "meeting", world.tick, world.slot[place])
        held = setup.position[person][issue] if issue is not None else 0.0
        position[place] = clip(held + p.issue_noise * shift, 0.0, 1.0)
        salience[place] = setup.salience[person][issue] if issue is not None else 0.0
        of_nature = mind.display + mind.ambition - p.patience * world.depth[place][2]
        urge[place] = (0.0 if world.done.random_order else of_nature) + p.order_noise * whim + world.done.urge[person]
    lateness = {}
    for place in speakers:
        note_near(world, urge[place], (urge[other] for other in speakers if other != place), "order of speech")
        before = sum(urge[other] > urge[place] for other in speakers)
        lateness[place] = before / max(len(speakers) - 1, 1)
    strength = standing(setup, state)
    votes = {place: strength[place].strength if status_of(state, place) == Status.FORUM else 0.0 for place in speakers}
    return Record(issue=issue, speakers=speakers, position=position, salience=salience, lateness=lateness, votes=votes)


def draw_issue(world: Record) -> int | None:
    lot, _ = uniforms(world.key, "agenda", world.tick, 0)
    upper = 0.0
    for issue, weight in enumerate(world.setup.issue_weight):
        upper += weight
        note_near(world, lot, [upper], "issue")
        if lot < upper:
            return issue
    return None


def clash(state: Record, world: Record, debate: Record) -> None:
    """Each pair clashes by s_i s_j |x_i − x_j| (1 − late_i)(1 − late_j), at a cost in trust and in merit."""
    for one in debate.speakers:
        for other in debate.speakers:
            if one == other:
                continue
            heat = abs(debate.position[one] - debate.position[other])
            for each in (one, other):
                heat *= debate.salience[each] * (1.0 - debate.lateness[each])
            state.trust[one][other] = clip(state.trust[one][other] - world.p.clash_trust * heat, -1.0, 1.0)
            state.merit[one] = max(state.merit[one] - world.p.clash_standing * heat, 0.0)


def decide(state: Record, info: Record, world: Record, debate: Record) -> None:
    """The last voter to speak proposes; benefit, harm and the proposer's merit follow from the vote."""
    p, issue, votes, speakers = world.p, debate.issue, debate.votes, debate.speakers
    voters = [place for place in speakers if votes[place] > 0.0]
    if not voters:
        return
    proposer = max(voters, key=lambda place: debate.lateness[place])
    proposal = draft(world, debate, proposer)
    now = state.policy[issue] if issue is not None else 0.0
    gain, support = {}, 0.0
    for place in speakers:
        where = debate.position[place]
        gain[place] = debate.salience[place] * (abs(now - where) - abs(proposal - where))
        bond = p.vote_trust * state.trust[place][proposer] + p.vote_dependence * state.dependence[place][proposer]
        lot, _ = uniforms(world.key, "vote", world.tick, world.slot[place])
        chance = logistic(p.vote_precision * (gain[place] + bond))
        if votes[place] > 0.0 and place != proposer:
            note_near(world, lot, [chance], "vote")
        support += votes[place] if lot < chance or place == proposer else 0.0
    support /= max(sum(votes.values()), 1e-9)
    note_near(world, support, [0.5], "majority")
    info.proposer = proposer
    state.merit[proposer] = max(state.merit[proposer] + p.proposal_standing * (2.0 * support - 1.0), 0.0)
    if support <= 0.5:
        return
    info.passed = 1.0
    if issue is not None:
        state.policy[issue] = proposal
    for place in speakers:
        if place != proposer:
            felt = p.policy_weight * gain[place]
            info.benefit[place][proposer] += max(felt, 0.0)
            info.harm[place][proposer] += max(-felt, 0.0)


def draft(world: Record, debate: Record, proposer: int) -> float:
    """Return the mean position weighted by strength × salience, shaded towards the proposer's own."""
    weight = {place: debate.votes[place] * debate.salience[place] for place in debate.speakers}
    middle = sum(debate.position[place] * weight[place] for place in debate.speakers) / max(sum(weight.values()), 1e-9)
    return middle + world.p.shade * (debate.position[proposer] - middle)
