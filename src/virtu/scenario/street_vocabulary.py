"""The words of the street: parameters, mechanisms, tactics, answers of the elite, rulers and flanks, each named once.

What `vocabulary` is to the organisation. Traits are the same in both arenas: `vocabulary.Traits`. A tick is meant to be a week. Where a
default is published, `docs/model.md` says by whom; the others are judgements, and fitted to nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

from virtu.scenario.vocabulary import Array, Knob

WINGS: tuple[str, ...] = ("moderate", "radical")
"""The wings of a camp, in the order of their axis."""

TACTICS: tuple[str, ...] = ("none", "nonviolent", "confrontational", "violent")
"""What a camp calls its people out for, in the order of the codes 0 … 3."""

ANSWERS: tuple[str, ...] = ("ignore", "concede", "repress", "bargain")
"""What the elite can do, in the order of the codes 0 … 3."""

RULERS: tuple[str, ...] = ("elite", "coalition", "outsider")
"""Who can rule, in the order of the codes 0 … 2; camp f has the code 3 + f. "elite" is whoever governs at the start."""

FLANKS: tuple[str, ...] = ("as_is", "absent", "distinct", "merged")
"""What is done to the radical wing of a camp, in the order of the codes 0 … 3."""

OTHER_OPTIONS: tuple[str, ...] = ("state", "outsider", "abstain")
"""What people can support beside the camps, in the order in which they follow the camps."""

MOST_CAMPS = 4

STREET_MECHANISMS: tuple[str, ...] = (
    "media_selection",
    "misperception",
    "theory_of_mind",
    "empathy",
    "ratchet",
    "victim_anger",
    "recruitment",
    "threat",
    "affinity",
    "deterrence",
    "jail",
    "excitation",
    "hesitation",
    "backlash",
    "acquaintance",
    "cause",
    "flank",
    "order",
    "blame",
    "concession",
    "repression",
    "elite",
    "overconfidence",
    "revolt",
)
"""Mechanisms that ``off NAME`` switches off, in the order of their codes."""


class StreetParameters(NamedTuple):
    """The constants of the street. Every field: one number, shape ()."""

    # 1 media
    media_selection: Annotated[Array, Knob(1.0, 0.0, 2.0, "exponent", "power η of intensity with which media choose what to show")]
    intensity_spread: Annotated[Array, Knob(1.2, 0.0, 2.5, "log intensity", "standard deviation σ of intensity within a wing")]
    protest_shown: Annotated[
        Array, Knob(100.0, 0.0, 1e6, "severity", "how much is shown of all people in the streets, in severity of incidents")
    ]
    opposition_shown: Annotated[Array, Knob(1.0, 0.0, 100.0, "share", "how much more is shown of a fringe that is fully opposed")]
    # 2 perception
    perception_memory: Annotated[Array, Knob(0.8, 0.0, 1.0, "per tick", "share ρ of an estimate of intensity kept")]
    perception_noise: Annotated[Array, Knob(0.1, 0.0, 1.0, "log intensity", "standard deviation of the error of a fresh estimate")]
    # 3 intensity and recruitment
    adjustment: Annotated[Array, Knob(0.25, 0.0, 1.0, "per tick", "speed a at which intensity follows what drives it")]
    reaction: Annotated[Array, Knob(0.09, 0.0, 10.0, "share", "reaction k to a rival's intensity as it is seen")]
    fatigue: Annotated[Array, Knob(1.0, 0.01, 4.0, "share", "fatigue α, which draws intensity down")]
    ratchet: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "share φ of the highest intensity so far below which it does not fall")]
    victim_anger: Annotated[Array, Knob(0.02, 0.0, 1.0, "intensity", "drive ι for each unit of ln(1 + own victims remembered)")]
    restraint: Annotated[Array, Knob(1.0, 0.0, 10.0, "share", "fatigue added by a full care for the others once e − 1 of them are harmed")]
    relief: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "share of a grievance that full concession relieves")]
    repression_calm: Annotated[Array, Knob(0.5, 0.0, 10.0, "share", "fatigue π added by full repression")]
    victim_memory: Annotated[Array, Knob(0.9, 0.0, 1.0, "per tick", "share of the victims of before still remembered")]
    ceiling: Annotated[Array, Knob(1e4, 1.0, 1e4, "intensity", "intensity beyond which a history is said to have run away")]
    recruitment: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "pull of a radical wing that is all that is shown on the others")]
    leaving: Annotated[Array, Knob(0.01, 0.0, 1.0, "per tick", "share of the radicals who turn moderate")]
    sanction: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "share of the radicals who leave where they are fully opposed")]
    # 4 activation
    threshold: Annotated[Array, Knob(0.1, -1.0, 1.0, "grievance", "net grievance T above which a person is willing to go out")]
    arrest_constant: Annotated[Array, Knob(2.3, 0.0, 100.0, "–", "K in the risk of arrest 1 − exp(−K C/(1 + A))")]
    police_rounding: Annotated[Array, Knob(0.0, 0.0, 2.0, "–", "rounding of C/(1 + A): 0 none, 1 down, 2 to the nearest whole number")]
    sight: Annotated[Array, Knob(148.0, 1.0, 1e6, "people", "people a person has in sight")]
    jail_term: Annotated[Array, Knob(4.0, 1.0, 1000.0, "ticks", "mean time in jail J")]
    jail_dread: Annotated[Array, Knob(0.0, 0.0, 2.0, "exponent", "power γ of the jail term that deters")]
    arrest_rate: Annotated[Array, Knob(0.05, 0.0, 1.0, "share", "share of the risk of arrest, as people see it, that comes true in a tick")]
    threat_push: Annotated[Array, Knob(0.1, 0.0, 10.0, "grievance", "push θ of a rival's intensity of 1 as it is seen")]
    affinity_push: Annotated[Array, Knob(0.1, 0.0, 10.0, "grievance", "push ξ of living where everybody supports the camp")]
    crowd_push: Annotated[Array, Knob(0.0, 0.0, 10.0, "grievance", "push χ of having seen the camp's whole following in the street")]
    turnout_nonviolent: Annotated[Array, Knob(0.1, 0.0, 1.0, "share", "share of the willing in the street in a nonviolent campaign")]
    turnout_confrontational: Annotated[Array, Knob(0.05, 0.0, 1.0, "share", "the same in a confrontational campaign")]
    turnout_violent: Annotated[Array, Knob(0.025, 0.0, 1.0, "share", "the same in a violent campaign")]
    # 5 incidents
    turnout_reference: Annotated[
        Array, Knob(0.01, 1e-6, 1.0, "share", "turnout of a camp, as a share of the people, at which its background of incidents is stated")
    ]
    rate_nonviolent: Annotated[Array, Knob(0.1, 0.0, 100.0, "share", "incidents that come of themselves in a nonviolent campaign")]
    rate_confrontational: Annotated[Array, Knob(1.0, 0.0, 100.0, "share", "the same in a confrontational campaign, the one stated")]
    rate_violent: Annotated[Array, Knob(3.0, 0.0, 100.0, "share", "the same in a violent campaign")]
    half_life: Annotated[Array, Knob(2.3, 0.01, 1000.0, "days", "time in which half of what an incident provokes has happened")]
    severity_median: Annotated[Array, Knob(1.0, 0.0, 1000.0, "severity", "median severity at an intensity of 1 in a confrontation")]
    severity_log_sd: Annotated[Array, Knob(1.0, 0.0, 2.5, "log severity", "standard deviation of severity")]
    severity_nonviolent: Annotated[Array, Knob(0.2, 0.0, 100.0, "share", "severity in a nonviolent campaign against a confrontational one")]
    severity_violent: Annotated[Array, Knob(3.0, 0.0, 100.0, "share", "severity in a violent campaign against a confrontational one")]
    shot_severity: Annotated[Array, Knob(20.0, 0.01, 1e6, "severity", "severity from which shots are fired")]
    injury_severity: Annotated[Array, Knob(5.0, 0.01, 1e6, "severity", "severity from which people are injured")]
    lethality: Annotated[Array, Knob(0.5, 0.0, 100.0, "people", "people killed in an incident with shots, on average")]
    injury_rate: Annotated[Array, Knob(2.0, 0.0, 1000.0, "people", "people injured in an incident severe enough, on average")]
    victims_rivals: Annotated[Array, Knob(0.6, 0.0, 1.0, "share", "share of the victims that are of the other camps")]
    victims_state: Annotated[Array, Knob(0.1, 0.0, 1.0, "share", "share of the victims that are of the police; bystanders are the rest")]
    threat_rate: Annotated[Array, Knob(0.3, 0.0, 1.0, "chance", "believed chance that a surely hostile and much stronger rival strikes")]
    dread_shot: Annotated[Array, Knob(0.15, 0.0, 5.0, "payoff", "dread of the first shot in a leader of no nerve")]
    shot_precision: Annotated[Array, Knob(20.0, 0.0, 1e4, "1/payoff", "precision of the choice to fire or hold at full nerve")]
    evidence: Annotated[Array, Knob(1.0, 0.0, 50.0, "1/log victims", "weight of own victims as evidence of a rival's intent")]
    # 6 public
    backlash: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "share of reasonableness lost at once by the greatest violence ψ")]
    violence_scale: Annotated[Array, Knob(20.0, 0.01, 1e6, "severity", "violence shown that does 63 % of the harm of the greatest")]
    reason_recovery: Annotated[Array, Knob(0.02, 0.0, 1.0, "per tick", "share of lost reasonableness regained")]
    radical_reason: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "reasonableness of a radical wing against its camp's, at the start")]
    contrast: Annotated[Array, Knob(1.0, 0.0, 5.0, "share", "how much better a camp looks beside a radical wing that is distinct")]
    contamination: Annotated[
        Array, Knob(1.0, 0.0, 5.0, "share", "how far a camp is taken for a radical wing that is not distinct; 1: as far as it is shown")
    ]
    reason_weight: Annotated[Array, Knob(2.0, 0.0, 50.0, "utility", "weight of reasonableness in support")]
    core_acquaintance: Annotated[
        Array, Knob(0.8, 0.0, 1.0, "share", "weight of what a camp's core knows of it first hand against what is shown; 1: unmoved by it")
    ]
    leaning_acquaintance: Annotated[Array, Knob(0.2, 0.0, 1.0, "share", "the same of those who lean to it; others know what is shown")]
    cause_weight: Annotated[Array, Knob(1.0, 0.0, 50.0, "utility", "weight of attention to a camp where people share its cause")]
    order_weight: Annotated[Array, Knob(1.0, 0.0, 50.0, "utility", "weight of promised order under full disorder")]
    legitimacy_weight: Annotated[Array, Knob(1.0, 0.0, 50.0, "utility", "weight of legitimacy in support of the state")]
    blame_weight: Annotated[
        Array, Knob(1.0, 0.0, 50.0, "utility", "what the state loses by hardship that has grown by 1 since the start, to those who bear it")
    ]
    disorder_rate: Annotated[Array, Knob(0.25, 0.0, 1.0, "per tick", "speed at which disorder follows the violence shown")]
    disorder_scale: Annotated[Array, Knob(100.0, 0.01, 1e6, "severity", "violence shown by all that makes 63 % of full disorder")]
    attention_rate: Annotated[Array, Knob(0.25, 0.0, 1.0, "per tick", "speed at which attention follows what is shown of a camp")]
    attention_scale: Annotated[Array, Knob(20.0, 0.01, 1e6, "severity", "what must be shown of a camp for 63 % of full attention")]
    opinion_rate: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "share of the people who think again")]
    core_loyalty: Annotated[Array, Knob(0.97, 0.0, 1.0, "share", "share of a camp's core that supports it at the start")]
    leaning_loyalty: Annotated[Array, Knob(0.6, 0.0, 1.0, "share", "share of those leaning to a camp that supports it at the start")]
    undecided_state: Annotated[Array, Knob(0.4, 0.0, 1.0, "share", "share of the undecided that supports the state at the start")]
    undecided_abstain: Annotated[Array, Knob(0.4, 0.0, 1.0, "share", "share of the undecided that supports nobody at the start")]
    undecided_outsider: Annotated[
        Array, Knob(0.05, 0.0, 1.0, "share", "share of the undecided for an outsider; the rest is for the camps, alike")
    ]
    bloodshed_scale: Annotated[
        Array, Knob(10.0, 0.01, 1e6, "people", "victims of the state in a tick that do 63 % of the greatest harm to it")
    ]
    legitimacy_repression: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "share of legitimacy lost by the most bloody repression")]
    legitimacy_disorder: Annotated[Array, Knob(0.01, 0.0, 1.0, "per tick", "share of legitimacy lost in full disorder")]
    legitimacy_concession: Annotated[Array, Knob(0.1, 0.0, 1.0, "share", "share of lacking legitimacy won by a concession")]
    legitimacy_recovery: Annotated[Array, Knob(0.01, 0.0, 1.0, "per tick", "share of lost legitimacy regained")]
    # 7 elite
    elite_interval: Annotated[Array, Knob(4.0, 1.0, 1000.0, "ticks", "time between two councils of the elite")]
    elite_precision: Annotated[Array, Knob(20.0, 0.0, 1e4, "1/income", "precision of a member's choice at full nerve or no threat")]
    patience: Annotated[Array, Knob(0.9, 0.0, 0.999, "per council", "weight β of the next period against this one")]
    waste: Annotated[Array, Knob(1.0, 0.01, 100.0, "–", "waste c of taxes, C(τ) = c τ²/2")]
    threat_memory: Annotated[Array, Knob(0.9, 0.0, 1.0, "per tick", "share of the believed frequency of threats kept")]
    militancy: Annotated[Array, Knob(1.0, 0.0, 100.0, "people", "how many people more each in the street counts for at an intensity of 1")]
    revolt_ratio: Annotated[Array, Knob(8.75, 0.01, 1e4, "–", "people counted per policeman at which a revolt is an even bet")]
    revolt_slope: Annotated[Array, Knob(4.0, 0.0, 100.0, "–", "power of the number of people per policeman in the odds of a revolt")]
    revolt_rate: Annotated[Array, Knob(0.05, 0.0, 1.0, "per tick", "chance that a revolt that would succeed is made")]
    repression_cost: Annotated[Array, Knob(0.2, 0.0, 1.0, "income", "share κ of income that repression costs in a period")]
    bargain_gain: Annotated[Array, Knob(0.5, 0.0, 10.0, "income", "what the backing of all people would be worth to the elite B")]
    bargain_loss: Annotated[Array, Knob(0.2, 0.0, 10.0, "income", "what is lost to an outsider who is not contained Z")]
    concession_step: Annotated[Array, Knob(0.2, 0.0, 1.0, "share", "share of what is left to concede that is conceded at once")]
    concession_fade: Annotated[Array, Knob(0.02, 0.0, 1.0, "per tick", "share of a concession that is taken back")]
    repression_step: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "share of what is left of full repression that is added at once")]
    repression_fade: Annotated[Array, Knob(0.1, 0.0, 1.0, "per tick", "share of repression that is given up")]
    repression_police: Annotated[Array, Knob(1.0, 0.0, 100.0, "share", "police added against a camp under full repression")]
    repression_victims: Annotated[Array, Knob(1e-3, 0.0, 1.0, "share", "share of those in the street hurt in a tick of full repression")]
    repression_deaths: Annotated[Array, Knob(0.02, 0.0, 1.0, "share", "share of those hurt by repression who die")]
    # 8 felt
    felt_coverage: Annotated[Array, Knob(0.5, 0.0, 1.0, "share", "weight of being shown in the felt effect; believed strength is the rest")]
    felt_cost: Annotated[Array, Knob(0.05, 0.0, 10.0, "felt", "what each unit of ln(1 + own victims) takes from the felt effect")]


@cache
def street_parameters() -> dict[str, Knob]:
    """Return what is known of each parameter of the street, by name, in the order of `StreetParameters`."""
    hints: dict[str, Any] = get_type_hints(StreetParameters, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}
