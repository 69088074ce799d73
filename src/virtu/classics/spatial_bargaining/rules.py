"""The rules of the bargain: which of the published variants is played."""

from __future__ import annotations

from typing import NamedTuple

from virtu.errors import InputError, did_you_mean

VOTING = ("proportional", "binary", "prop_bin", "cubic", "prop_cbc", "asym_prosp")
VICTORY = ("linear", "square", "quartic", "octic", "binary")
ELECTION = ("conditional", "markov_uniform", "markov_incentive")
COMMITMENT = ("none", "semi", "full")
THIRD_PARTY_ODDS = ("shared", "by_side")
RISK_RANGE = ("min", "mid", "max")
RISK_ESTIMATE = ("none", "one_third", "half", "two_thirds", "full")
INTERPOLATION = ("s1p1", "s2p2", "s2pmax")
PROPOSALS = ("initiator", "both", "compromise")
TRANSITION = ("deterministic", "stochastic")


class Rules(NamedTuple):
    """One variant of the model; the defaults are those of the reference log."""

    voting: str = "proportional"  # how a difference in utility becomes a vote
    victory: str = "linear"  # how the ratio of two coalitions becomes a chance
    election: str = "conditional"  # how chances in pairs become one chance for each option
    commitment: str = "semi"  # whether a third party must take the winner's position: always, when it lost, never
    third_party_odds: str = "shared"  # a third party's odds in the contest of three: the same on either side, or by the side it takes
    risk_range: str = "mid"  # risk aversion of the least likely winner: 0, −½, −1
    risk_estimate: str = "one_third"  # weight of another's true risk aversion, against one's own, in the estimate of it
    interpolation: str = "s2p2"  # weights of the two positions in a proposal: salience × chance, its square, or the excess of chances
    proposals: str = "initiator"  # who proposes: the initiator, both, or their compromise by power
    transition: str = "deterministic"  # which bargain of its queue an actor carries out: the likeliest, or one drawn by chance
    shortest: int = 2  # turns played at least, ≥ 1
    still: float = 0.02  # it ends when all moves of a turn are below this share of those of the first, ≥ 0


CHOICES: dict[str, tuple[str, ...]] = {
    "voting": VOTING,
    "victory": VICTORY,
    "election": ELECTION,
    "commitment": COMMITMENT,
    "third_party_odds": THIRD_PARTY_ODDS,
    "risk_range": RISK_RANGE,
    "risk_estimate": RISK_ESTIMATE,
    "interpolation": INTERPOLATION,
    "proposals": PROPOSALS,
    "transition": TRANSITION,
}
"""What each rule may be."""


def checked_rules(rules: Rules) -> Rules:
    """Return the rules, or say what is wrong with them.

    Raises
    ------
    InputError
        If a rule has no such variant, or a number is out of range.
    """
    for name, known in CHOICES.items():
        if getattr(rules, name) not in known:
            raise InputError(
                f"{name} {getattr(rules, name)!r} is not a rule of the spatial bargain", did_you_mean(str(getattr(rules, name)), known)
            )
    if rules.shortest < 1:
        raise InputError(f"shortest is {rules.shortest}, but the turns played at least must be 1 or more")
    if not rules.still >= 0:
        raise InputError(f"still is {rules.still}, but the share of the first turn's moves must be 0 or more")
    return rules
