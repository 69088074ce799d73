"""The spatial bargain: every number of the reference log, the model again in plain loops, and what must hold whatever the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.classics.spatial_bargaining import (
    History,
    Rules,
    Table,
    bargain,
    bargain_draws,
    bargains,
    contests,
    deeds,
    draw_of,
    drawn,
    histories,
    read_table,
    votes,
)
from virtu.classics.spatial_bargaining.rules import CHOICES
from virtu.classics.spatial_bargaining.table import checked_table, on_scale
from virtu.errors import InputError
from virtu.laboratory.validation import spatial_bargaining as published
from virtu.laboratory.validation.rows import Row

from .reference.spatial_bargaining import play

ACTORS, DIMENSIONS, TURNS = 5, 2, 6
VARIANTS = (
    Rules(),
    Rules(voting="binary", victory="square", election="markov_uniform", commitment="none", third_party_odds="by_side", risk_range="min"),
    Rules(voting="prop_bin", victory="quartic", election="markov_incentive", third_party_odds="by_side", proposals="both"),
    Rules(voting="cubic", victory="octic", risk_range="max", risk_estimate="half", interpolation="s1p1", proposals="compromise"),
    Rules(voting="prop_cbc", victory="binary", risk_estimate="full", interpolation="s2pmax", proposals="both", commitment="none"),
    Rules(voting="asym_prosp", risk_estimate="none", third_party_odds="by_side", proposals="both", commitment="full"),
    Rules(voting="prop_bin", risk_estimate="two_thirds", commitment="full", proposals="compromise", shortest=4, still=0.3),
)
"""Each choice of each rule at least once; see the test of that."""


PRINCIPALS = contests.Stakes(*(np.array([one]) for one in (0.4, 0.4, 10.0, 10.0, 0.8)))  # type: ignore[arg-type]
ADMIRER = contests.Bystanders(*(np.array([[one]]) for one in (0.1, 0.7, 0.2, 50.0, True)))  # type: ignore[arg-type]
"""Equal principals, and a strong third party near the initiator."""


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    """Work with 64-bit numbers, as the bargain does."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def reference(data: Path) -> History:
    return bargain(read_table(data / published.TABLE), compatible=True)


def _table(seed: int, actors: int = ACTORS) -> Table:
    noise = np.random.default_rng(seed)
    position, capability = noise.uniform(0, 100, (actors, DIMENSIONS)), noise.uniform(5, 100, actors)
    return checked_table(Table(position, capability, noise.uniform(0.05, 0.5, (actors, DIMENSIONS))))


def _failures(history: History, data: Path) -> set[str]:
    rows = published.compared(history, data / published.LOG)
    return {row.id for row in rows if abs(row.ours - row.published) > row.tolerance}


def test_every_number_of_the_log_is_found_again(data: Path) -> None:
    """All 28 states and 27 turns, to the last digit printed, in every kind of block."""
    rows = [row for row in published.rows(data) if isinstance(row, Row)]
    assert {row.id for row in rows} == {"turns", *published.OURS}
    assert [row for row in rows if abs(row.ours - row.published) > row.tolerance] == []
    assert sum(int(row.note.split()[2]) for row in rows if row.id != "turns") > 100_000


def test_the_default_departs_from_the_log_in_the_counter_proposals_only(data: Path) -> None:
    """Corrected, the target's proposal and the compromise differ; nothing rests on them where only the initiator proposes."""
    assert _failures(bargain(read_table(data / published.TABLE)), data) == {"asked"}


@pytest.mark.parametrize("rules", [Rules(commitment="full"), Rules(interpolation="s1p1")])
def test_another_rule_does_not_match_the_log(rules: Rules, data: Path) -> None:
    """The comparison tells the rules apart."""
    assert _failures(bargain(read_table(data / published.TABLE), rules, compatible=True), data)


def test_a_slip_in_the_table_does_not_match_the_log(data: Path) -> None:
    """One position wrong by a tenth is seen."""
    table = read_table(data / published.TABLE)
    table.position[3, 0] += 0.1
    assert _failures(bargain(table, compatible=True), data)


def test_the_first_turn_of_the_log(reference: History) -> None:
    """The quantities worked out by hand: chances to win, risks, the best challenge and the proposals of the first actor."""
    names = reference.table.names
    wins = {"XJ": 0.0618, "LK": 0.0156, "ZG": 0.0117, "MK": 0.4340, "MOF": 0.2481, "SHX": 0.1533, "HLJ": 0.0689}
    assert {name: round(float(reference.chance[0, names.index(name)]), 4) for name in wins} == wins
    assert reference.assessment.risk[0, :5] == pytest.approx([1.0, -0.498, -0.452, 0.362, -0.5], abs=5e-4)
    made, told = reference.accounts.challenges, reference.accounts
    assert names[made.target[0, 0]] == "SHX"
    assert (made.gain[0, 0], made.chance[0, 0]) == (pytest.approx(0.0456, abs=5e-5), pytest.approx(0.7676, abs=5e-5))
    assert (made.seen_gain[0, 0], made.seen_chance[0, 0]) == (pytest.approx(0.2065, abs=5e-5), pytest.approx(0.8775, abs=5e-5))
    assert 100 * told.proposal.initiator[0, 0] == pytest.approx([34.830, 22.500])
    assert 100 * told.counter.initiator[0, 0] == pytest.approx([49.620, 48.080])
    assert 100 * told.compromise.initiator[0, 0] == pytest.approx([43.147, 36.884], abs=5e-4)


def test_the_corrected_counter_proposal(reference: History) -> None:
    """With the probability .8775 where the gain .2065 stood, the counter-proposal lies near the challenger."""
    table = reference.table
    counter = bargain(table, turns=1).accounts.counter.initiator[0, 0]
    weights = (table.salience[0] * 0.87753) ** 2, (table.salience[10] * (1 - 0.87753)) ** 2
    wanted = (weights[0] * table.position[0] + weights[1] * table.position[10]) / (weights[0] + weights[1])
    assert 100 * counter == pytest.approx(wanted, abs=0.02)


def test_the_variants_cover_every_rule() -> None:
    """Every choice of every rule but chance is tried against the plain loops."""
    tried = {(name, getattr(rules, name)) for rules in VARIANTS for name in CHOICES}
    assert {(name, choice) for name, choices in CHOICES.items() for choice in choices} - tried == {("transition", "stochastic")}


@pytest.mark.parametrize(("number", "compatible"), [*((number, False) for number in range(len(VARIANTS))), (3, True), (5, True)])
def test_the_compiled_bargain_is_the_one_in_plain_loops(number: int, compatible: bool) -> None:
    """Two programs written apart agree on every path."""
    rules = VARIANTS[number]
    for seed in range(4):
        table = _table(seed)
        wanted = np.array(play(table, rules, TURNS, compatible))
        assert bargain(table, rules, TURNS, compatible).position == pytest.approx(on_scale(table, wanted), abs=1e-9)


@given(st.integers(0, 10_000), st.permutations(range(ACTORS)))
@settings(max_examples=25)
def test_relabelling_the_actors_permutes_the_history(seed: int, order: list[int]) -> None:
    """Nothing hangs on the order of the actors."""
    table = _table(seed)
    other = Table(table.position[order], table.capability[order], table.salience[order])
    for rules in VARIANTS[::5]:
        assert bargain(other, rules, 3).position == pytest.approx(bargain(table, rules, 3).position[:, order], abs=1e-6)


def test_under_the_asymmetric_rule_the_reference_counts_the_order() -> None:
    """In compatible mode alone another order of the actors gives another history."""
    table, rules = _table(5), VARIANTS[5]
    turned = Table(table.position[::-1], table.capability[::-1], table.salience[::-1])
    ours = [bargain(one, rules, 3, compatible=True).assessment.risk[0] for one in (table, turned)]
    assert np.abs(ours[0] - ours[1][::-1]).max() > 1e-3


@given(st.integers(0, 10_000), st.tuples(st.floats(-50, 50), st.floats(-50, 50)), st.tuples(st.floats(0.01, 40), st.floats(0.01, 40)))
@settings(max_examples=25)
def test_each_scale_may_be_moved_and_stretched(seed: int, shift: tuple[float, float], factor: tuple[float, float]) -> None:
    """Kilograms or tons, the history is the same."""
    table = _table(seed)
    scale = tuple((0 * one + move, 100 * one + move) for one, move in zip(factor, shift, strict=True))
    other = bargain(table._replace(position=np.clip(table.position * factor + shift, *np.transpose(scale)), scale=scale), turns=3)
    assert (other.position - shift) / factor == pytest.approx(bargain(table, turns=3).position, abs=1e-5)


@given(st.integers(0, 10_000), st.floats(0.1, 1000))
@settings(max_examples=15)
def test_only_ratios_of_capability_count(seed: int, factor: float) -> None:
    """Twice the capability of everybody changes nothing, but for the least strength of a coalition."""
    table = _table(seed)
    other = bargain(table._replace(capability=table.capability * factor), turns=3)
    assert other.position == pytest.approx(bargain(table, turns=3).position, abs=0.05)


@pytest.mark.parametrize("rules", VARIANTS[0:3:2], ids=lambda rules: rules.election)
def test_an_actor_without_capability_changes_nobody(rules: Rules) -> None:
    """It is not at the table, whatever it wants, and stays where it is."""
    for seed in range(4):
        whole = _table(seed, ACTORS + 1)
        whole.capability[2] = 0
        seated = [0, 1, 3, 4, 5]
        alone = Table(whole.position[seated], whole.capability[seated], whole.salience[seated])
        history = bargain(whole, rules, TURNS)
        assert history.position[:, seated] == pytest.approx(bargain(alone, rules, TURNS).position, abs=1e-9)
        assert history.chance[:, 2] == pytest.approx(0)
        assert (history.position[:, 2] == history.position[0, 2]).all()


@pytest.mark.parametrize("rules", [Rules(), Rules(transition="stochastic")], ids=lambda rules: rules.transition)
def test_draws_are_single_bargains(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each draw ends as it does alone, whichever place and worker it falls to; places are handed on from draw to draw."""
    monkeypatch.setattr(histories, "CHUNK", 4)
    draws = drawn(_table(1), 23, 7)
    both = [bargain_draws(draws, rules, 20, seed=3, workers=workers) for workers in (1, 2)]
    assert all((first == second).all() for first, second in zip(*both, strict=True))
    for number in range(23):
        alone = bargain(draw_of(draws, number), rules, 20, seed=3, draw=number)
        assert both[0].position[..., number] == pytest.approx(alone.position[-1], abs=1e-9)
        assert (both[0].turns[number], both[0].settled[number]) == (len(alone.moved), alone.settled)


def test_chance_decides_where_it_may() -> None:
    """Bargains are carried out as often as their chance in the election says."""
    table, rules = _table(2), Rules(transition="stochastic")
    runs = [bargain(table, rules, 1, seed=1, draw=draw) for draw in range(400)]
    taken = np.array([run.accounts.chosen[0] for run in runs])
    assert (taken != taken[0]).any()
    shares = np.array([(taken == option).mean(0) for option in range(ACTORS + 1)]).T
    assert np.abs(shares - runs[0].accounts.support[0]).max() < 4 * np.sqrt(0.25 / 400)
    assert (bargain(table, rules, 5, seed=9).position == bargain(table, rules, 5, seed=9).position).all()


def test_it_ends_when_hardly_anybody_moves() -> None:
    """The last turn's moves, and no earlier ones, are a small share of the first's; or the turns have run out."""
    history = bargain(_table(3))
    share = history.moved / (history.moved[0] + histories.FIRST_MOVES)
    assert history.settled
    assert share[-1] < history.rules.still
    assert (share[history.rules.shortest - 1 : -1] >= history.rules.still).all()
    steps = np.diff(history.position, axis=0) / 100
    assert history.moved == pytest.approx(np.sqrt((steps**2).sum(-1)).sum(-1))
    cut = bargain(_table(3), turns=2)
    assert (len(cut.moved), cut.settled) == (2, share[1] < 0.02)
    assert cut.position == pytest.approx(history.position[:3])


def test_those_who_agree_stay() -> None:
    """With one position for all there is nothing to gain, nobody is likelier to win, and the bargain ends at once."""
    table = _table(4)._replace(position=np.full((ACTORS, DIMENSIONS), 40.0))
    history = bargain(table)
    assert (len(history.moved), history.settled) == (2, True)
    assert (history.assessment.risk == 0).all()
    assert (history.position == 40.0).all()
    assert history.chance == pytest.approx(1.0)
    assert list(deeds(history)) == []


def test_deeds_tell_where_everybody_went() -> None:
    """Whoever moves carries out the one bargain that says so; whoever carries out none stays."""
    for rules in VARIANTS[:4]:
        history = bargain(_table(6), rules, TURNS)
        told = list(deeds(history))
        assert told
        for turn in range(len(history.moved)):
            went = {deed.initiator: deed.asks_initiator for deed in told if deed.turn == turn and deed.initiator_moves}
            went |= {deed.receiver: deed.asks_receiver for deed in told if deed.turn == turn and deed.receiver_moves}
            for number, name in enumerate(history.table.names):
                wanted = went.get(name, tuple(history.position[turn, number]))
                assert history.position[turn + 1, number] == pytest.approx(wanted)


def test_votes_are_cast_by_the_rule() -> None:
    """Each rule at a gain and a loss of .3 and a weight of 10."""
    wanted = {
        "proportional": (3.0, -3.0),
        "binary": (10.0, -10.0),
        "cubic": (0.27, -0.27),
        "prop_bin": (4.4, -4.4),
        "prop_cbc": (1.635, -1.635),
        "asym_prosp": (2.0, -3.0),
    }
    for rule, cast in wanted.items():
        assert [float(votes.vote(rule, jnp.array(10.0), jnp.array(gain))) for gain in (0.3, -0.3)] == pytest.approx(cast)


def test_victory_by_the_ratio_of_strengths() -> None:
    """Two to one wins by 2/3, 4/5, 16/17, 256/257, or surely."""
    wanted = {"linear": 2 / 3, "square": 4 / 5, "quartic": 16 / 17, "octic": 256 / 257, "binary": 1 / (1 + 1e-6)}
    for model, chance in wanted.items():
        found = votes.victory(model, jnp.array([2.0, 1.0, 1.0]), jnp.array([1.0, 2.0, 1.0]))
        assert found.tolist() == pytest.approx([chance, 1 - chance, 0.5])
    assert float(votes.victory("binary", jnp.array(1.05), jnp.array(1.0))) == pytest.approx(0.756098, abs=1e-6)


@pytest.mark.parametrize("model", CHOICES["election"])
def test_elections_give_chances(model: str) -> None:
    """They sum to 1 over who stands, and do not see who does not."""
    noise = np.random.default_rng(1)
    strength, inside = jnp.array(noise.uniform(1, 5, (4, 4, 3))), np.ones((2, 4, 3), bool)
    inside[1, 2] = False
    found = np.asarray(votes.election(model, "linear", strength, jnp.array(inside)))
    assert found.sum(1) == pytest.approx(1)
    assert (found[1, 2] == 0).all()
    kept = [0, 1, 3]
    fewer = votes.election(model, "linear", strength[np.ix_(kept, kept)], jnp.ones((1, 3, 3), bool))
    assert found[1, kept] == pytest.approx(np.asarray(fewer[0]), abs=1e-9)


def test_markov_elections_come_to_rest() -> None:
    """Even challenges between two options leave the chance of the one over the other; unequal ones a fixed point of who meets whom."""
    strength = jnp.array(np.random.default_rng(2).uniform(1, 5, (3, 3, 1)))
    everybody = jnp.ones((1, 3, 1), bool)
    chance = np.asarray(strength / (strength + strength.swapaxes(0, 1)))[..., 0]
    for model in ("markov_uniform", "markov_incentive"):
        found = np.asarray(votes.election(model, "linear", strength, everybody))[0, :, 0]
        drive = np.asarray(strength)[..., 0] * chance if model == "markov_incentive" else np.ones((3, 3))
        meets = drive / drive.sum(0)
        after = [sum(chance[i, j] * (found[i] * meets[j, i] + found[j] * meets[i, j]) for j in range(3)) for i in range(3)]
        assert found == pytest.approx(after, abs=2e-6)
    pair = votes.election("markov_uniform", "linear", jnp.array([[[1.0], [3.0]], [[1.0], [1.0]]]), jnp.ones((1, 2, 1), bool))
    assert np.asarray(pair)[0, :, 0] == pytest.approx([0.75, 0.25], abs=1e-5)


@pytest.mark.parametrize("commitment", ["none", "full"])
def test_third_parties_without_a_stake(commitment: str) -> None:
    """At the same odds on either side nothing hangs on the side a third party takes; at the odds of each side it helps whom it prefers."""
    alone = contests.contest("proportional", commitment, "shared", PRINCIPALS, ADMIRER)
    assert float(alone[0]) == pytest.approx(0.5)
    assert float(contests.contest("proportional", commitment, "by_side", PRINCIPALS, ADMIRER)[0]) > 0.6


def test_under_semi_commitment_third_parties_insure_themselves() -> None:
    """At shared odds the one who would lose most by defeat joins the side it fears; at the odds of each side it helps whom it prefers."""
    shared, by_side = (contests.contest("proportional", "semi", odds, PRINCIPALS, ADMIRER) for odds in CHOICES["third_party_odds"])
    assert float(shared[0]) < 0.5
    assert float(by_side[0]) > 0.6


def test_a_sure_initiator_asks_for_its_own_position() -> None:
    """At certainty the bargain is the stronger side's position, at even odds and saliences the middle."""
    sides = bargains.Sides(*(jnp.array([[[one]]]) for one in (0.2, 0.8, 0.5, 0.5)))
    for rule in CHOICES["interpolation"]:
        for chance, asked in ((1.0, 0.2), (0.0, 0.8)):
            offer = bargains.interpolate(rule, sides, jnp.array([[chance]]))
            wanted = (0.2 if chance else asked, asked if chance else 0.8)
            assert [float(part[0, 0, 0]) for part in offer] == pytest.approx(wanted, abs=1e-4)
    for rule, middle in (("s1p1", (0.5, 0.5)), ("s2p2", (0.5, 0.5)), ("s2pmax", (0.2, 0.8))):
        offer = bargains.interpolate(rule, sides, jnp.array([[0.5]]))
        assert [float(part[0, 0, 0]) for part in offer] == pytest.approx(middle, abs=1e-4)


def test_draws_scatter_as_told() -> None:
    """About the best guess, within the scales, by the given spreads, and the same again from the same seed."""
    table = _table(8)._replace(position=np.full((ACTORS, DIMENSIONS), 50.0))
    draws = drawn(table, 4000, 1, position=0.05, capability=0.2, salience=0.1)
    assert draws.position.std(-1) == pytest.approx(np.full((ACTORS, DIMENSIONS), 5.0), rel=0.1)
    assert np.log(draws.capability).std(-1) == pytest.approx(np.full(ACTORS, 0.2), rel=0.1)
    assert ((draws.position >= 0) & (draws.position <= 100)).all()
    assert draws.salience.sum(1).max() <= 1 + 1e-12
    assert all((first == second).all() for first, second in zip(draws[:3], drawn(table, 4000, 1, 0.05, 0.2, 0.1)[:3], strict=True))


def _broken(**changes: object) -> Table:
    return _table(0)._replace(**changes)


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (_broken(capability=np.ones(3)), "shapes"),
        (_broken(position=np.full((ACTORS, DIMENSIONS), np.nan)), "finite"),
        (_broken(position=np.full((ACTORS, DIMENSIONS), 101.0)), "within the scale"),
        (_broken(capability=-np.ones(ACTORS)), "capability must be"),
        (_broken(capability=np.eye(ACTORS)[0]), "at least two"),
        (_broken(salience=-np.ones((ACTORS, DIMENSIONS))), "salience must be"),
        (_broken(salience=np.full((ACTORS, DIMENSIONS), 0.6)), "at most 1"),
        (_broken(names=("A",) * ACTORS), "differ"),
        (_broken(names=("A", "B")), "as many names"),
        (_broken(scale=((0.0, 0.0), (0.0, 1.0))), "rise"),
        (drawn(_table(0), 2, 1), "axes"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(table: Table, part: str) -> None:
    """Each fault has its message."""
    with pytest.raises(InputError, match=part):
        bargain(table)


def test_what_is_wrong_with_the_rules_is_said() -> None:
    """A misspelt rule gets a hint; numbers out of range a reason."""
    with pytest.raises(InputError, match="did you mean 'linear'"):
        bargain(_table(0), Rules(victory="linea"))
    for rules, part in ((Rules(shortest=0), "shortest"), (Rules(still=-1.0), "still"), (Rules(still=float("nan")), "still")):
        with pytest.raises(InputError, match=part):
            bargain(_table(0), rules)
    with pytest.raises(InputError, match="at least one turn"):
        bargain(_table(0), turns=0)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "first line"),
        ("name,desc,two,1\n", "first line"),
        ("name,desc,2,1\nActor,D,I,X Position,X Salience\nA,a,1,2,3\n", "announces 2 actors, but 1"),
        ("name,desc,2,1\nActor,D,I,X Position,X Salience\nA,a,1,2,3\nB,b,1,2\n", "faulty.csv:4"),
        ("name,desc,2,1\nActor,D,I,X Position,X Salience\nA,a,1,2,3\nB,b,1,two,3\n", "must be numbers"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, part: str, tmp_path: Path) -> None:
    """The format is checked before the numbers, with the line."""
    (tmp_path / "faulty.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=part):
        read_table(tmp_path / "faulty.csv")


def test_a_file_is_read(tmp_path: Path) -> None:
    """Names, dimensions and numbers, salience from per cent to shares."""
    text = "name,desc,2,1,\nActor,D,Influence,Tax Position,Tax Salience\nA,a,10,20,30\nB,b,1.5,70,60\n"
    (tmp_path / "fine.csv").write_text(text, encoding="utf-8")
    table = read_table(tmp_path / "fine.csv")
    assert (table.names, table.dimensions) == (("A", "B"), ("Tax",))
    assert [part.tolist() for part in table[:3]] == [[[20.0], [70.0]], [10.0, 1.5], [[0.3], [0.6]]]
