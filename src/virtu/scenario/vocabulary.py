"""The words of the model: traits, parameters, moves, mechanisms and statuses, each with unit, range and default.

This is the one place that names them. The scenario schema checks files against it, the organisation computes with it,
``virtu new`` writes templates from it, and ``docs/model.md`` explains it. Nothing here imports JAX: reading a scenario
must stay quick.

`Traits` and `Parameters` are trees of arrays. In the annotations every field carries a `Trait` or `Knob` with its
documentation; `traits()` and `parameters()` return them by name.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeAlias, get_type_hints

Array: TypeAlias = Any  # jax.Array or numpy.ndarray; shapes are stated field by field


class Trait(NamedTuple):
    """What is known of one trait: its prior in the population, its range and its meaning."""

    prior: float | dict[str, list[float]]
    low: float
    high: float
    unit: str
    doc: str


class Knob(NamedTuple):
    """What is known of one parameter: its default, its range, its unit and its meaning."""

    default: float
    low: float
    high: float
    unit: str
    doc: str


class Status(IntEnum):
    """Where a person stands; a removal moves it down by one grade or more."""

    FORUM = 0
    CANDIDATE = 1
    OFFICE = 2
    OUT = 3
    DEAD = 4


MOVES: tuple[str, ...] = (
    "bide",
    "cultivate",
    "praise",
    "denounce",
    "obstruct",
    "shun",
    "rescue",
    "protect",
    "threaten_to_resign",
    "strike",
)
"""The ten moves, in the order of their codes 0 … 9."""

SELF_MOVES: tuple[str, ...] = ("bide", "threaten_to_resign")
"""The moves that take no target."""

MECHANISMS: tuple[str, ...] = (
    "work",
    "founder",
    "patronage",
    "meeting",
    "misperception",
    "theory_of_mind",
    "empathy",
    "grievance",
    "bandwagon",
    "balancing",
    "dread",
    "affinity",
    "purge",
    "blame",
    "norms",
)
"""Mechanisms that ``off NAME`` switches off, in the order of their codes."""

SPEECH_ORDERS: tuple[str, ...] = ("emergent", "random")
"""How the order of speech comes about; single actors can also be put first or last."""

CAUSES: tuple[str, ...] = ("none", "strike", "failed_strike", "resignation", "purge", "natural_death", "intervention")
"""Why a person lost standing, in the order of their codes."""

MOST_FORESEEN = 12
"""Places of the largest organisation whose coalitions can all be gone through, as `farsightedness` above 0 requires."""

FORESEEN_HINT = "give fewer persons entry forum or candidate, or none entry pool; persons of the pool keep up to two places free"


def too_many_to_foresee(places: int) -> str:
    """Return what is wrong with looking ahead in an organisation of so many places."""
    return f"above 0 needs all coalitions to be gone through, which is done for up to {MOST_FORESEEN} places, not {places}"


DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "beta": ("a", "b"),
    "lognormal": ("median", "log_sd"),
}
"""Distributions a trait may have, with their arguments. All are truncated to the trait's range."""

_MIDDLING: dict[str, list[float]] = {"normal": [0.5, 0.15]}


class Traits(NamedTuple):
    """What a person is like. Every field: one number per person, shape (…, persons)."""

    theory_of_mind_depth: Annotated[
        Array,
        Trait({"normal": [1.4, 0.5]}, 0.0, 5.0, "levels", "mean of the truncated Poisson over levels 0, 1, 2 of reasoning about others"),
    ]
    theory_of_mind_precision: Annotated[
        Array, Trait({"normal": [1.0, 0.25]}, 0.0, 10.0, "1/attraction", "how sharply others' choices are predicted")
    ]
    empathy_behind: Annotated[
        Array, Trait({"types": [0.121, -0.435, 0.474, 0.065, 0.405, 0.159]}, -1.0, 1.0, "share", "weight on the other's payoff when behind")
    ]
    empathy_ahead: Annotated[
        Array, Trait({"types": [0.121, -0.145, 0.474, 0.130, 0.405, 0.463]}, -1.0, 1.0, "share", "weight on the other's payoff when ahead")
    ]
    reciprocity: Annotated[Array, Trait(0.0717, 0.0, 2.0, "share", "weight gained by a kindness of 1")]
    vengefulness: Annotated[Array, Trait(0.0417, 0.0, 2.0, "share", "weight lost by a grievance of 1")]
    suspicion: Annotated[Array, Trait({"normal": [0.0, 0.15]}, -1.0, 1.0, "–", "tilt of the prior over others' intent towards hostility")]
    rigidity: Annotated[Array, Trait({"normal": [0.3, 0.15]}, 0.0, 1.0, "share", "how far evidence is discounted against the prior")]
    belief_retention: Annotated[Array, Trait(0.97, 0.0, 1.0, "per tick", "share of what was learnt of intent that outlives a tick")]
    retention: Annotated[
        Array, Trait({"normal": [0.97, 0.015]}, 0.0, 1.0, "per tick", "share of a grievance or kindness that outlives a tick")
    ]
    nerve: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "steadiness under threat and freedom from dread of ruthless means")]
    diligence: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "work done")]
    competence: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "quality of the work done")]
    ambition: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "weight of what could be won beside what is held")]
    display: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "how much of strength and ambition is put on show")]
    hardness: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "hardness of manner, and of the penalty asked for the loser")]
    conviction: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "certainty that the cause is right, so that persons are to blame")]
    loyalty: Annotated[Array, Trait(_MIDDLING, 0.0, 1.0, "share", "how much an appointee comes to depend on the patron")]


class Parameters(NamedTuple):
    """The constants of the organisation. Every field: one number, shape ()."""

    # 1 work
    merit_gain: Annotated[Array, Knob(0.02, 0.0, 1.0, "per tick", "merit earned by full diligence and competence")]
    merit_decay: Annotated[Array, Knob(0.02, 0.0, 1.0, "per tick", "share of merit forgotten")]
    records_gain: Annotated[Array, Knob(0.01, 0.0, 1.0, "per tick", "dependence on a fully diligent keeper of the records")]
    dependence_decay: Annotated[Array, Knob(0.01, 0.0, 1.0, "per tick", "share of dependence that lapses")]
    mortality: Annotated[Array, Knob(0.0008, 0.0, 1.0, "per tick", "chance that a person dies a natural death")]
    # 2 founder
    health_recovery: Annotated[Array, Knob(0.1, 0.0, 1.0, "per tick", "share of lost health regained")]
    health_noise: Annotated[Array, Knob(0.02, 0.0, 1.0, "health", "standard deviation of the monthly change of health")]
    visit_rate: Annotated[Array, Knob(0.2, 0.0, 1.0, "per tick", "speed at which access follows who visits")]
    legitimacy_transfer: Annotated[
        Array, Knob(0.01, 0.0, 1.0, "per tick", "share of a disabled founder's legitimacy that passes by access")
    ]
    messenger_filter: Annotated[Array, Knob(0.1, 0.0, 1.0, "per tick", "pull of those with access on whom a disabled founder trusts")]
    testament_force: Annotated[
        Array, Knob(0.5, 0.0, 1.0, "share", "legitimacy and trust lost by a person fully condemned by the testament")
    ]
    # 3 vacancies
    patron_dependence: Annotated[Array, Knob(0.6, 0.0, 1.0, "share", "dependence on the patron of a fully loyal appointee")]
    loyalty_weight: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "weight of loyalty against competence in an appointment, unthreatened")]
    loyalty_weight_threat: Annotated[Array, Knob(0.5, 0.0, 5.0, "share", "added weight of loyalty for each unit of threat to the patron")]
    appointment_noise: Annotated[Array, Knob(0.05, 0.0, 1.0, "preference", "largest whim in an appointment")]
    # 4 meeting
    issue_noise: Annotated[
        Array, Knob(0.1, 0.0, 1.0, "scale", "standard deviation of the tick's shift of positions, as a share of the scale")
    ]
    order_noise: Annotated[Array, Knob(0.3, 0.0, 5.0, "urge", "standard deviation of the urge to speak")]
    patience: Annotated[
        Array, Knob(0.5, 0.0, 5.0, "urge", "lowering of the urge to speak in one who foresees at depth 2 that the last word pays")
    ]
    clash_trust: Annotated[Array, Knob(0.1, 0.0, 1.0, "trust", "trust lost in a full clash")]
    clash_standing: Annotated[Array, Knob(0.02, 0.0, 1.0, "strength", "merit lost in a full clash")]
    shade: Annotated[Array, Knob(0.2, 0.0, 1.0, "share", "how far the proposer shades the weighted mean towards its own position")]
    vote_precision: Annotated[Array, Knob(4.0, 0.0, 50.0, "1/utility", "precision of the vote on a proposal")]
    vote_trust: Annotated[Array, Knob(0.3, 0.0, 5.0, "utility", "pull of trust in the proposer on the vote")]
    vote_dependence: Annotated[Array, Knob(1.0, 0.0, 5.0, "utility", "pull of dependence on the proposer on the vote")]
    proposal_standing: Annotated[Array, Knob(0.02, 0.0, 1.0, "strength", "merit won by a proposal carried without dissent")]
    # 5 perception
    estimate_memory: Annotated[Array, Knob(0.8, 0.0, 1.0, "per tick", "share of an estimate of strength kept")]
    estimate_noise: Annotated[Array, Knob(0.15, 0.0, 2.0, "log strength", "standard deviation of the error of a fresh estimate")]
    boast: Annotated[Array, Knob(0.5, 0.0, 5.0, "share", "strength claimed beyond the true public part at full display")]
    norm_tax: Annotated[Array, Knob(0.02, 0.0, 1.0, "trust per tick", "trust lost at full display where the norm of modesty is full")]
    # 6 moves
    choice_precision: Annotated[
        Array, Knob(120.0, 0.0, 10000.0, "1/payoff", "precision of the choice among moves at full nerve or no threat")
    ]
    risk_aversion: Annotated[Array, Knob(0.5, 0.0, 10.0, "share", "weight of the standard deviation of payoff at no nerve")]
    threat_rate: Annotated[Array, Knob(0.3, 0.0, 1.0, "chance", "believed chance that a surely hostile and fully ambitious rival strikes")]
    foresight: Annotated[Array, Knob(0.5, 0.0, 5.0, "share", "weight of the best prospect against what is held")]
    policy_weight: Annotated[Array, Knob(0.2, 0.0, 5.0, "payoff", "payoff of having the whole policy to one's liking")]
    effort: Annotated[Array, Knob(0.002, 0.0, 1.0, "payoff", "cost of making any move")]
    dread_strike: Annotated[Array, Knob(0.15, 0.0, 5.0, "payoff", "dread of striking at no nerve")]
    dread_denounce: Annotated[Array, Knob(0.03, 0.0, 5.0, "payoff", "dread of denouncing at no nerve")]
    dread_obstruct: Annotated[Array, Knob(0.02, 0.0, 5.0, "payoff", "dread of obstructing at no nerve")]
    dread_shun: Annotated[Array, Knob(0.01, 0.0, 5.0, "payoff", "dread of shunning at no nerve")]
    cultivate_gain: Annotated[Array, Knob(0.1, 0.0, 1.0, "trust", "trust won by cultivating a stranger")]
    praise_gain: Annotated[Array, Knob(0.15, 0.0, 1.0, "share", "rise of believers' estimate of the one praised")]
    praise_focus: Annotated[Array, Knob(0.3, 0.0, 5.0, "attraction", "how far a public statement makes its target the focal point")]
    denounce_gain: Annotated[Array, Knob(0.5, 0.0, 5.0, "log odds", "shift of believers' belief that the one denounced is hostile")]
    denounce_trust: Annotated[Array, Knob(0.1, 0.0, 1.0, "trust", "trust in the one denounced lost by believers")]
    focus_decay: Annotated[Array, Knob(0.3, 0.0, 1.0, "per tick", "share of a focal point forgotten")]
    obstruct_harm: Annotated[Array, Knob(0.1, 0.0, 1.0, "share", "share of merit lost by the one obstructed")]
    shun_harm: Annotated[Array, Knob(0.05, 0.0, 1.0, "trust", "trust in the one shunned lost by those who follow the shunner")]
    rescue_dependence: Annotated[Array, Knob(0.3, 0.0, 1.0, "share", "dependence of the rescued on the rescuer")]
    rescue_share: Annotated[Array, Knob(0.15, 0.0, 1.0, "share", "share of strength a rescuer needs")]
    protect_dependence: Annotated[Array, Knob(0.03, 0.0, 1.0, "share", "dependence of the protected on the protector")]
    rescue_value: Annotated[Array, Knob(0.3, 0.0, 1.0, "payoff", "benefit the target sees in being rescued")]
    kind_value: Annotated[Array, Knob(0.02, 0.0, 1.0, "payoff", "benefit the target sees in being cultivated or protected")]
    hostile_value: Annotated[Array, Knob(0.05, 0.0, 1.0, "payoff", "harm the target sees in being denounced, obstructed or shunned")]
    # 7 contest
    attraction_trust: Annotated[Array, Knob(1.0, 0.0, 10.0, "attraction", "pull of trust a")]
    attraction_dependence: Annotated[Array, Knob(2.0, 0.0, 10.0, "attraction", "pull of dependence b")]
    attraction_kindness: Annotated[Array, Knob(1.0, 0.0, 10.0, "attraction", "pull of kindness received c")]
    attraction_grievance: Annotated[Array, Knob(1.0, 0.0, 10.0, "attraction", "push of grievance d")]
    attraction_balance: Annotated[Array, Knob(1.0, 0.0, 10.0, "attraction", "push of a strong rival whose ambition is seen e")]
    bandwagon: Annotated[Array, Knob(1.0, 0.0, 10.0, "attraction", "pull of the side expected to win β")]
    side_precision: Annotated[Array, Knob(2.0, 0.0, 50.0, "1/attraction", "precision of third parties' choice of side")]
    majority: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "share of strength that decides a contest α")]
    farsightedness: Annotated[
        Array, Knob(0.0, 0.0, 1.0, "share", "weight of who will rule after a contest, and chance that its winner acts on that")
    ]
    spoils: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "share of the loser's merit, legitimacy and clients the winner takes")]
    grade_margin: Annotated[Array, Knob(0.15, 0.0, 1.0, "share", "margin of victory that costs the loser one grade more")]
    side_memory: Annotated[Array, Knob(0.3, 0.0, 1.0, "payoff", "kindness or harm seen in somebody's side in a contest")]
    resign_default: Annotated[Array, Knob(0.3, -5.0, 5.0, "attraction", "readiness to keep anybody who offers to resign")]
    resign_standing: Annotated[Array, Knob(0.05, 0.0, 1.0, "strength", "merit won when the resignation is refused by all")]
    # 8 purge
    information_precision: Annotated[
        Array, Knob(0.7, 0.0, 1.0, "chance", "chance that a charge against a guilty or an innocent is right π")
    ]
    purge_lead: Annotated[Array, Knob(0.5, 0.0, 10.0, "share", "lead over the second needed to purge")]
    purge_cost: Annotated[Array, Knob(0.02, 0.0, 5.0, "payoff", "cost of removing anybody r")]
    executor_gain: Annotated[Array, Knob(0.05, 0.0, 1.0, "strength", "merit won by the executor of a purge")]
    executor_suspicion: Annotated[Array, Knob(0.5, 0.0, 5.0, "log odds", "shift of the ruler's belief that the executor is hostile")]
    # 9 memory
    trust_decay: Annotated[Array, Knob(0.02, 0.0, 1.0, "per tick", "pull of trust back to its base")]
    affinity: Annotated[Array, Knob(0.2, 0.0, 1.0, "trust", "base trust of the hard in the soft, and distrust among the hard")]
    grievance_gain: Annotated[Array, Knob(1.0, 0.0, 10.0, "per payoff", "grievance left by a harm of 1 by one surely hostile")]
    kindness_gain: Annotated[Array, Knob(1.0, 0.0, 10.0, "per payoff", "kindness left by a benefit of 1")]
    evidence: Annotated[Array, Knob(6.0, 0.0, 50.0, "1/payoff", "weight of an act as evidence of intent")]
    blame: Annotated[Array, Knob(0.5, 0.0, 10.0, "log odds", "blame on persons after a full disappointment at full conviction")]
    result_noise: Annotated[Array, Knob(0.2, 0.0, 2.0, "result", "standard deviation of the organisation's results")]
    result_shock: Annotated[Array, Knob(0.0, -1.0, 1.0, "result", "what is added to the organisation's results, for good and bad years")]
    result_memory: Annotated[Array, Knob(0.9, 0.0, 1.0, "per tick", "share of the expected result kept")]
    lead_margin: Annotated[Array, Knob(0.1, 0.0, 10.0, "share", "lead over the second that counts as being on top")]
    # training and shared experience, where they are done
    training_effect: Annotated[Array, Knob(0.15, -5.0, 5.0, "SD", "mean effect of training on depth and precision of theory of mind")]
    training_spread: Annotated[Array, Knob(0.3, 0.0, 5.0, "SD", "standard deviation of the effect of training between persons")]
    sharing_effect: Annotated[Array, Knob(0.48, -5.0, 5.0, "SD", "mean effect of a shared experience on empathy with those who share it")]
    sharing_spread: Annotated[Array, Knob(0.3, 0.0, 5.0, "SD", "standard deviation of that effect between persons")]
    sharing_spill: Annotated[Array, Knob(0.0, -1.0, 1.0, "share", "part of that effect felt towards those who do not share the experience")]


def _documented(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


@cache
def traits() -> dict[str, Trait]:
    """Return what is known of each trait, by name, in the order of `Traits`."""
    return _documented(Traits)


@cache
def parameters() -> dict[str, Knob]:
    """Return what is known of each parameter, by name, in the order of `Parameters`."""
    return _documented(Parameters)
