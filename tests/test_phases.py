"""The phases one by one, on a small stage, against what is known of them by hand."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from virtu.organisation import meetings, phases
from virtu.organisation.contests import contest
from virtu.organisation.founder import founder
from virtu.organisation.ledgers import remember
from virtu.organisation.perception import perception, visibility
from virtu.organisation.purges import posterior_guilt, purge
from virtu.organisation.seats import standing
from virtu.organisation.state import MOVE_CODE, NOBODY, VACANT
from virtu.organisation.vacancies import vacancies
from virtu.organisation.work import work
from virtu.scenario.vocabulary import CAUSES, Status, parameters

from .stage import ADA, BEN, CLEO, DAN, EVE, FINN, FOUNDER, SECRETARY, Stage, play, stage

PLACES = 6


def pairs(**values: float) -> np.ndarray:
    """Return a matrix of pairs that is nought but where named, such as ``ada_ben=0.5`` for what Ada feels for Ben."""
    places = {"ada": ADA, "ben": BEN, "cleo": CLEO, "dan": DAN, "eve": EVE}
    matrix = np.zeros((PLACES, PLACES, 1), np.float32)
    for names, value in values.items():
        one, other = names.split("_")
        matrix[places[one], places[other]] = value
    return matrix


def column(*values: float) -> np.ndarray:
    """Return one number per place, persons or posts, with an axis of histories."""
    return np.array(values, np.float32)[:, None]


def one(part: Any) -> np.ndarray:
    """Return what is the same in all histories, once."""
    values = np.asarray(part)
    assert (values == values[..., :1]).all() or np.isnan(values).any()
    return values[..., 0]


# work


def test_steady_work_is_worth_what_it_should() -> None:
    """Merit tends to diligence · competence · gain/decay; who keeps the records comes to be needed; nothing grows with work off."""
    gifts = {"diligence": 0.5, "competence": 0.8}
    knobs = parameters()
    steady = 0.4 * knobs["merit_gain"].default / knobs["merit_decay"].default
    before = stage("work", traits=gifts, constants={"mortality": 0.0}).but(merit=steady)
    after = play(work, before)
    np.testing.assert_allclose(one(after.state.merit)[:5], steady, rtol=1e-5)
    np.testing.assert_allclose(one(after.state.dependence)[BEN, ADA], knobs["records_gain"].default * 0.5, rtol=1e-5)
    assert not one(after.state.dependence)[:, BEN].any()
    idle = play(work, stage("work", traits=gifts, constants={"mortality": 0.0}, off=["work"]).but(merit=steady))
    assert (one(idle.state.merit)[:5] < steady).all()
    assert not one(idle.state.dependence).any()


def test_natural_death() -> None:
    """With mortality 1 all die but the founder, who has his own end."""
    after = play(work, stage("work", content={"founder": FOUNDER}, constants={"mortality": 1.0}))
    assert list(one(after.state.status)) == [4, 4, 4, 0, 4, -1]
    assert set(one(after.info.cause)[:3]) == {CAUSES.index("natural_death")}


# founder


def test_legitimacy_passes_by_access_at_death_and_the_rest_is_lost() -> None:
    """What the founder had is divided by access; what is nobody's share is lost."""
    still = {"mortality": 0.0, "visit_rate": 0.0, "legitimacy_transfer": 0.0}
    after = play(founder, stage("work", content={"founder": {**FOUNDER, "death": 3}}, constants=still, now=3))
    np.testing.assert_allclose(one(after.state.legitimacy), [1.0, 0.5, 0, 0, 0, 0], atol=1e-6)
    assert int(one(after.state.status)[DAN]) == Status.DEAD
    alive = play(founder, stage("work", content={"founder": {**FOUNDER, "death": 3}}, constants=still, now=2))
    np.testing.assert_allclose(one(alive.state.legitimacy), [0, 0, 0, 2.0, 0, 0], atol=1e-6)


def test_illness_passes_legitimacy_on_without_loss() -> None:
    """While the founder lives the total stays, and the more disabled he is, the more of it passes."""

    def held(health: float) -> np.ndarray:
        ill = stage("work", content={"founder": FOUNDER}, constants={"legitimacy_transfer": 0.5}, health=health)
        return one(play(founder, ill).state.legitimacy[:, :1])

    for health in (0.1, 0.5, 1.0):
        assert held(health).sum() == pytest.approx(2.0, rel=1e-5)
    assert held(1.0)[DAN] == pytest.approx(2.0)
    assert held(0.1)[DAN] < held(0.5)[DAN] < 2.0


def test_nobody_without_access_hears_and_cut_access_stays_cut() -> None:
    """Access is a share of one ear; who is kept away has none."""
    before = stage("work", content={"founder": FOUNDER}, access=np.array([0, 1, 1, 1, 1, 1]))
    access = np.asarray(play(founder, before).state.access)
    assert not access[ADA].any()
    assert not access[DAN].any()
    assert (access.sum(axis=0) <= 1.0 + 1e-6).all()
    assert (access[CLEO] > 0.0).all()  # in charge of access


TESTAMENT = {**FOUNDER, "testament": {"dictated": 1, "read": 2, "against": {"Ada": 1.0}}}


@pytest.mark.parametrize(("fate", "lost"), [(1.0, 0.5), (0.0, 0.0)])
def test_testament_is_read_or_suppressed(fate: float, lost: float) -> None:
    """Read, it halves the legitimacy of one fully condemned and costs him trust; kept back, it changes nothing."""
    before = stage("work", content={"founder": TESTAMENT}, constants={"visit_rate": 0.0, "legitimacy_transfer": 0.0}, now=2, testament=fate)
    after = play(founder, before.but(legitimacy=column(1, 1, 0, 2, 0, 0))).state
    np.testing.assert_allclose(one(after.legitimacy), [1 - lost, 1, 0, 2, 0, 0], atol=1e-5)
    np.testing.assert_allclose(one(after.trust)[1:5, ADA], -lost, atol=1e-5)
    assert not one(after.trust)[:, BEN].any()


def test_who_has_the_ear_and_the_nerve_keeps_the_testament_back() -> None:
    """Ada, condemned and with half the ear, dares with her nerve; without nerve it is read."""

    def trusted(nerve: float) -> float:
        before = stage("work", content={"founder": TESTAMENT}, constants={"visit_rate": 0.0}, traits={"nerve": nerve}, now=2)
        return float(play(founder, before.with_luck(testament=0.4)).state.trust[BEN, ADA, 0])

    assert trusted(1.0) == 0.0
    assert trusted(0.0) < 0.0


# vacancies


def test_a_dead_persons_post_is_filled_by_whoever_appoints_it() -> None:
    """Ben dies: his post is vacant, and Ada, who appoints it, gives it to whom she is bound to; he comes to depend on her."""
    dying = stage("work", constants={"mortality": 0.0, "appointment_noise": 0.0}, traits={"competence": 0.5, "loyalty": 1.0})
    dead = dying.but(status=column(0, int(Status.DEAD), 0, 0, 1, -1), holder=column(ADA, NOBODY, CLEO), trust=pairs(ada_dan=0.9))
    after = play(vacancies, dead).state
    assert list(one(after.holder)) == [ADA, DAN, CLEO]
    assert one(after.dependence)[DAN, ADA] == pytest.approx(0.6)
    assert one(after.dependence)[DAN].sum() == pytest.approx(0.6)


def test_a_vacant_place_goes_to_a_newcomer_without_a_past() -> None:
    """Finn is called in to Ben's place as a candidate, or promoted with the rest; nothing of what was felt there stays."""
    dead = stage("work", constants={"mortality": 0.0}).but(
        status=column(0, int(Status.DEAD), 0, 0, 1, -1), holder=column(ADA, NOBODY, CLEO), trust=0.5, grievance=0.5, merit=1.0
    )
    after = play(vacancies, dead).state
    assert (after.person[BEN] == FINN).all()
    assert (after.status[FINN] == int(Status.CANDIDATE)).all()
    assert (after.status[EVE] == int(Status.FORUM)).all()
    assert not np.asarray(after.trust[BEN]).any()
    assert not np.asarray(after.grievance[:, BEN]).any()
    assert not np.asarray(after.merit[BEN]).any()
    assert (after.trust[ADA, CLEO] == 0.5).all()


@pytest.mark.parametrize("off", [(), ("patronage",)])
def test_patronage_binds_officials(off: tuple[str, ...]) -> None:
    """Outer seats go to Ada's people, who owe her; by lot they go to nobody's, and the appointed owe nothing."""
    before = stage("work", traits={"loyalty": 1.0}, off=off).but(patron=VACANT, reliance=0.0, holder=column(ADA, NOBODY, CLEO))
    after = play(vacancies, before).state
    if off:
        assert (after.patron == NOBODY).all()
        assert not np.asarray(after.reliance).any()
        assert not np.asarray(after.dependence).any()
    else:
        assert (after.patron == ADA).all()
        assert (after.reliance > 0.0).any()
        assert (after.dependence[:, ADA].sum(axis=0) > 0.0).all()


def test_full_seats_stay_as_they_are() -> None:
    """Where nothing is vacant nothing is filled."""
    before = stage("work")
    after = play(vacancies, before).state
    for name, part in before.state._asdict().items():
        np.testing.assert_array_equal(getattr(after, name), part, err_msg=name)


# meeting


def debate(**changes: Any) -> meetings.Debate:
    """Return a debate of three speakers of equal weight on one issue, in one history."""
    parts = {"issue": column(1), "position": column(0.1, 0.5, 0.9), "salience": column(1, 1, 1), "lateness": column(0, 0.5, 1)}
    return meetings.Debate(
        **{name: jnp.asarray(part) for name, part in (parts | {"speaks": column(1, 1, 1), "votes": column(1, 1, 1)} | changes).items()}
    )


def test_the_last_to_speak_clashes_with_nobody() -> None:
    """The first two clash as far as they are apart and early; nobody answers the last."""
    heat = np.asarray(meetings.clash(debate()))[:, :, 0]
    np.testing.assert_allclose(heat, [[0, 0.4 * 0.5, 0], [0.4 * 0.5, 0, 0], [0, 0, 0]], atol=1e-6)
    assert not np.asarray(meetings.clash(debate(salience=column(0, 0, 0)))).any()
    assert np.asarray(meetings.clash(debate(lateness=column(0, 0, 0))))[2].any()


def proposal(shade: float, off: tuple[str, ...] = ()) -> tuple[Stage, Stage]:
    """Return the stage before and after a meeting in which all agree with whatever is proposed; Ada speaks last."""
    quiet = {"issue_noise": 0.0, "clash_standing": 0.0, "shade": shade, "vote_trust": 5.0, "vote_precision": 50.0, "proposal_standing": 0.1}
    urge = np.array([-1000, 0, 0, 0, 0, 0])
    content = {"actors": positioned()}
    before = stage(content=content, constants=quiet, off=off, urge=urge).but(trust=1.0)
    return before, play(meetings.meeting, before)


def positioned() -> dict[str, Any]:
    """Return the persons with positions on the tax."""
    where = dict(zip(("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn"), (90, 10, 30, 50, 70, 0), strict=True))
    entries = dict(zip(where, ["forum"] * 4 + ["candidate", "pool"], strict=True))
    return {name: {"entry": entries[name], "positions": {"tax": position}} for name, position in where.items()}


def test_unshaded_the_proposal_is_the_weighted_mean() -> None:
    """Nobody shading, policy becomes the mean of positions weighted by strength × salience; shaded fully, the proposer's own."""
    before, after = proposal(0.0)
    weight = np.asarray(standing(before.setup, before.state).strength)[:4, 0]
    mean = (weight * [0.9, 0.1, 0.3, 0.5]).sum() / weight.sum()
    assert (after.info.passed == 1.0).all()
    np.testing.assert_allclose(one(after.state.policy), [mean], rtol=1e-5)
    assert (after.info.proposer == ADA).all()
    np.testing.assert_allclose(one(proposal(1.0)[1].state.policy), [0.9], rtol=1e-5)
    np.testing.assert_allclose(one(after.state.merit)[ADA], 0.1, rtol=1e-5)


def test_without_meetings_nothing_is_decided() -> None:
    """Switched off, the meeting leaves policy, merit and trust alone."""
    before, after = proposal(0.0, ("meeting",))
    for name in ("policy", "merit", "trust"):
        np.testing.assert_array_equal(getattr(after.state, name), getattr(before.state, name))
    assert not np.asarray(after.info.passed).any()


# perception


def test_without_misperception_strength_is_known() -> None:
    """Switched off, everybody's estimate is the truth."""
    before = stage(off=["misperception"]).but(dependence=pairs(ben_ada=0.5, dan_cleo=0.25))
    after = play(perception, before).state.estimate
    true = standing(before.setup, before.state).strength
    here = np.arange(PLACES) < 5
    np.testing.assert_allclose(after[here], np.broadcast_to(true[None], after.shape)[here], rtol=1e-6)


@pytest.mark.parametrize(("traits", "seen"), [({"display": 1.0}, 1.0), ({"display": 0.0, "theory_of_mind_depth": 0.0}, 0.0)])
def test_backing_is_seen_where_it_is_displayed(traits: dict[str, float], seen: float) -> None:
    """Without noise, memory and boasts, a full display shows all of Ada's backing, and none at all hides it from the inattentive."""
    exact = {"estimate_memory": 0.0, "estimate_noise": 0.0, "boast": 0.0, "norm_tax": 0.0}
    before = stage(traits=traits, constants=exact).but(dependence=pairs(ben_ada=0.5))
    true = standing(before.setup, before.state)
    after = play(perception, before).state.estimate
    expected = true.public + seen * true.backing
    np.testing.assert_allclose(after[DAN, :5], expected[:5], rtol=1e-5)
    np.testing.assert_allclose(after[ADA, ADA], true.strength[ADA], rtol=1e-6)
    assert float(true.backing[ADA, 0]) > 0.5


def test_attention_finds_what_is_hidden() -> None:
    """What is not displayed is seen the better the deeper and the more precise the observer, and never beyond the whole."""
    seen = [
        one(visibility(stage(traits={"display": 0.2, "theory_of_mind_depth": [0, 0.5, 1, 2, 5, 1], "theory_of_mind_precision": 2.0}).world))
    ]
    along = seen[0][:5, 0]
    assert along[0] == pytest.approx(0.2)
    assert (np.diff(along) > 0.0).all()
    assert along[-1] < 1.0


def test_modesty_taxes_display() -> None:
    """Where modesty is the norm display costs trust, and where it is not it costs none."""

    def trust(modesty: float) -> float:
        before = stage(content={"norms": {"modesty": modesty}}, traits={"display": 1.0}, constants={"norm_tax": 0.1})
        return float(play(perception, before).state.trust[BEN, ADA, 0])

    assert trust(0.0) == 0.0
    assert trust(0.5) == pytest.approx(-0.05)


# contest


def struck(**changes: Any) -> Stage:
    """Return the stage on which Ben strikes at Ada."""
    move = np.full((PLACES, 1), MOVE_CODE["bide"])
    move[BEN] = MOVE_CODE["strike"]
    target = np.arange(PLACES)[:, None].copy()
    target[BEN] = ADA
    constants = changes.pop("constants", {})
    protects = changes.pop("protects", 0.0)
    before = stage(traits={"hardness": 0.5}, constants=constants).noted(move=move, target=target, protects=protects)
    return before.but(**changes)


def test_the_side_all_take_wins() -> None:
    """With nobody for Ada she falls, Ben takes the spoils, and both remember who stood where; with all for her Ben falls."""
    certain = {"side_precision": 50.0, "attraction_trust": 10.0, "bandwagon": 0.0}
    feud = pairs(cleo_ben=1, dan_ben=1, eve_ben=1, cleo_ada=-1, dan_ada=-1, eve_ada=-1)
    merit = column(0.4, 0, 0, 0, 0, 0)
    after = play(contest, struck(trust=feud, merit=merit, constants=certain))
    assert (after.info.side[2:5] == 1).all()
    assert (after.info.outcome[BEN] == 1).all()
    assert (after.state.status[ADA] > int(Status.FORUM)).all()
    assert (after.state.holder[SECRETARY] == NOBODY).all()
    np.testing.assert_allclose(one(after.state.merit)[BEN], 0.2, rtol=1e-5)
    assert (after.info.benefit[BEN, CLEO] > 0.0).all()
    assert (after.info.harm[ADA, CLEO] > 0.0).all()
    lost = play(contest, struck(trust=-feud, constants=certain))
    assert (lost.info.side[2:5] == -1).all()
    assert (lost.state.status[BEN] > int(Status.FORUM)).all()
    assert (lost.state.status[ADA] == int(Status.FORUM)).all()
    assert (lost.info.cause[BEN] == CAUSES.index("failed_strike")).all()


def test_protectors_stand_by_the_target() -> None:
    """Whatever they think of it."""
    feud = pairs(cleo_ben=1, dan_ben=1, eve_ben=1, cleo_ada=-1, dan_ada=-1, eve_ada=-1)
    after = play(contest, struck(trust=feud, protects=pairs(dan_ada=1), constants={"side_precision": 50.0, "attraction_trust": 10.0}))
    assert (after.info.side[DAN] == -1).all()
    assert (after.info.side[CLEO] == 1).all()


def test_where_nobody_asks_nothing_is_settled() -> None:
    """A tick without strikes and offers leaves the state as it was."""
    before = stage()
    after = play(contest, before)
    for name, part in before.state._asdict().items():
        np.testing.assert_array_equal(getattr(after.state, name), part, err_msg=name)
    assert (after.info.settled == NOBODY).all()


@pytest.mark.parametrize(("default", "outcome", "standing_still"), [(5.0, "refused", True), (-5.0, "accepted", False)])
def test_an_offer_to_resign_is_a_question(default: float, outcome: str, standing_still: bool) -> None:
    """Where all are ready to keep anybody it is refused, where all are ready to let go it is accepted."""
    move = np.full((PLACES, 1), MOVE_CODE["bide"])
    move[BEN] = MOVE_CODE["threaten_to_resign"]
    before = stage(constants={"resign_default": default, "side_precision": 50.0}).noted(move=move, target=np.arange(PLACES)[:, None])
    after = play(contest, before)
    assert (after.info.outcome[BEN] == {"refused": 3, "accepted": 4}[outcome]).all()
    assert (after.state.status[BEN] == int(Status.FORUM)).all() == standing_still


# purge


def test_a_charge_is_worth_the_precision_of_what_is_known() -> None:
    """π = ½ leaves the prior as it was, π = 1 makes certain, π < ½ speaks for the one charged."""
    prior = jnp.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(posterior_guilt(prior, jnp.float32(0.5)), prior, rtol=1e-6)
    np.testing.assert_allclose(posterior_guilt(prior, jnp.float32(1.0)), 1.0)
    assert (posterior_guilt(prior, jnp.float32(0.7)) > prior).all()
    assert (posterior_guilt(prior, jnp.float32(0.3)) < prior).all()


def test_a_ruler_without_scruple_purges_whom_it_suspects() -> None:
    """Ada leads, sees only Ben as an enemy, and is charged to be right: Ben goes, by her; off, or without a lead, nobody does."""
    belief = np.full((5, PLACES, PLACES, 1), 0.2, np.float32)
    belief[:, ADA, :] = np.array([0, 0, 0, 0, 1.0])[:, None, None]
    belief[:, ADA, BEN, 0] = [1.0, 0, 0, 0, 0]
    cold = {
        "nerve": 1.0,
        "hardness": 0.0,
        "ambition": 1.0,
        "display": 1.0,
        "vengefulness": 2.0,
        "empathy_behind": 0.0,
        "empathy_ahead": 0.0,
        "reciprocity": 0.0,
    }
    certain = {"information_precision": 1.0, "purge_cost": 0.0, "purge_lead": 1.0}

    def purged(merit: float, off: tuple[str, ...] = ()) -> Stage:
        before = stage(traits=cold, constants=certain, off=off).but(
            belief=belief, grievance=pairs(ben_ada=1.0), merit=column(merit, 0, 0, 0, 0, 0)
        )
        return play(purge, before.but(estimate=standing(before.setup, before.state).strength[None]))

    after = purged(9.0)
    assert (after.state.status[BEN] == int(Status.OUT)).all()
    assert (after.info.by[BEN] == ADA).all()
    assert (after.info.purged >= 1.0).all()
    assert not np.asarray(after.info.innocent).any()
    for nobody in (purged(9.0, ("purge",)), purged(0.0)):
        assert (nobody.state.status[:5] == jnp.array([0, 0, 0, 0, 1])[:, None]).all()
        assert not np.asarray(nobody.info.purged).any()


# memory


def test_an_uneventful_tick_only_fades() -> None:
    """Without affinity and blame and with nothing seen, trust decays towards nought and the ledgers by retention."""
    before = stage(traits={"retention": 0.9, "belief_retention": 0.5}, constants={"affinity": 0.0, "trust_decay": 0.1}, off=["blame"])
    before = before.but(trust=pairs(ada_ben=0.5), kindness=0.0, grievance=pairs(cleo_dan=0.5))
    after = play(remember, before).state
    np.testing.assert_allclose(one(after.trust)[ADA, BEN], 0.45, rtol=1e-5)
    np.testing.assert_allclose(one(after.grievance)[CLEO, DAN], 0.45, rtol=1e-5)
    np.testing.assert_allclose(one(after.trust)[CLEO, DAN], 0.1 * -0.5 * 0.45 / 0.9, rtol=0.2)
    np.testing.assert_allclose(after.belief, before.state.belief, atol=1e-6)


def test_schedule_is_the_nine_phases() -> None:
    """One numbered list, in the order of the model."""
    assert [(number, name) for number, name, _ in phases.PHASES] == list(
        enumerate(("work", "founder", "vacancies", "meeting", "perception", "moves", "contest", "purge", "memory"), 1)
    )
