"""Archetypes: sets of traits that go together, which an actor may take as a whole.

Three are published values: the types of other-regarding preferences that Bruhin, Fehr and Schunk (2019) find in choices over money, with
their shares in the population. The others are readings. Their sources say which traits are high or low, on scales of their own; here
*high* and *low* are 1.5 standard deviations from the mean of this model's prior, and "weighs nobody else" is a weight of 0. No source gives
shares of the population for them. An archetype sets no trait on which its source is silent.
"""

from __future__ import annotations

from typing import NamedTuple

from virtu.scenario.vocabulary import traits


class Archetype(NamedTuple):
    """Values of some traits and where they come from."""

    traits: dict[str, float]
    source: str
    note: str  # what was published, and what was read into it
    share: float | None = None  # of the population, where the types are exclusive and were counted

    @property
    def published(self) -> bool:
        """Whether the values are published numbers, rather than a reading of words."""
        return self.share is not None


FAR = 1.5
"""Standard deviations from the mean of the prior at which a trait is taken to be high or low."""


def _high(trait: str, deviations: float = FAR) -> float:
    """Value of a trait that many standard deviations above the mean of its normal prior."""
    prior = traits()[trait].prior
    assert isinstance(prior, dict)
    mean, deviation = prior["normal"]
    return round(mean + deviations * deviation, 6)


def _low(trait: str) -> float:
    return _high(trait, -FAR)


_BRUHIN = "Bruhin, A., Fehr, E. and Schunk, D. (2019). The many faces of human sociality. JEEA 17(4), 1025-1069."
_MEASURED = "Published: weights and share estimated from choices over money."
_HEYM = "Heym, N. et al. (2021). The Dark Empath: Characterising dark traits in the presence of empathy. PAID 169, 110172."
_SMITH = "Smith, A. (2006). Cognitive empathy and emotional empathy in human behavior and evolution. Psychological Record 56(1), 3-21."
_BARNBY = "Barnby, J. M., Mehta, M. A. and Moutoussis, M. (2022). The computational relationship between reinforcement learning, social"
_BARNBY += " inference, and paranoia. PLoS Comput. Biol. 18(7), e1010326."
_MACH = "Christie, R. and Geis, F. L. (1970). Studies in Machiavellianism. Gunnthorsdottir, A., McCabe, K. and Smith, V. (2002). Using the"
_MACH += " Machiavellianism instrument to predict trustworthiness in a bargaining game. J. Econ. Psychol. 23(1), 49-66."
_LILIENFELD = "Lilienfeld, S. O. et al. (2012). Fearless dominance and the U.S. presidency. J. Pers. Soc. Psychol. 103(3), 489-505."

_WEIGHS_NOBODY = {"empathy_behind": 0.0, "empathy_ahead": 0.0}
_STRONGLY_ALTRUISTIC = {"empathy_behind": 0.159, "empathy_ahead": 0.463}
_READS_WELL = {name: _high(name) for name in ("theory_of_mind_depth", "theory_of_mind_precision")}
_READS_BADLY = {name: _low(name) for name in ("theory_of_mind_depth", "theory_of_mind_precision")}
_SUSPICIOUS = {"suspicion": 0.62}

ARCHETYPES: dict[str, Archetype] = {
    "strongly_altruistic": Archetype(_STRONGLY_ALTRUISTIC, _BRUHIN, _MEASURED, 0.405),
    "moderately_altruistic": Archetype({"empathy_behind": 0.065, "empathy_ahead": 0.130}, _BRUHIN, _MEASURED, 0.474),
    "behindness_averse": Archetype({"empathy_behind": -0.435, "empathy_ahead": -0.145}, _BRUHIN, _MEASURED, 0.121),
    "dark_empath": Archetype(
        {**_READS_WELL, **_WEIGHS_NOBODY, "ambition": _high("ambition"), "display": _high("display")},
        _HEYM,
        "A reading: 175 of 991 who report high empathy, of feeling as well as of reading, with dark traits, more aggression and less"
        " agreeableness than most, and extraversion. What is felt but does not restrain is not empathy in this model.",
    ),
    "warm_and_naive": Archetype(
        {**_READS_BADLY, **_STRONGLY_ALTRUISTIC, "suspicion": _low("suspicion")},
        _SMITH,
        "A reading: his case of much emotional and little cognitive empathy, with the weights of the strongly altruistic. A contrast,"
        " not a kind of people: those who trust others more are found to judge them better (Yamagishi, Kikuchi and Kosugi 1999).",
    ),
    "machiavellian": Archetype(
        {**_WEIGHS_NOBODY, "reciprocity": 0.0, "nerve": _high("nerve")},
        _MACH,
        "A reading: cool, unconcerned with conventional morality, returns no trust where breaking it pays. Theory of mind and suspicion"
        " are left open: neither mind-reading (Paal and Bereczkei 2007) nor trusting goes with the scale.",
    ),
    "suspicious": Archetype(
        _SUSPICIOUS,
        _BARNBY,
        "A reading: the tilt at which mean intent is as far from the middle as the filter of harmful intent starts with (p .8, u 2).",
    ),
    "paranoid_rigid": Archetype(
        {**_SUSPICIOUS, "rigidity": 0.85},
        _BARNBY,
        "A reading: as suspicious, with evidence at .3/2 of its weight, which a prior of u .3 instead of 2 amounts to. They find paranoia"
        " with rigid attributions of harm, and with doubt about what a partner will do, which this model does not have.",
    ),
    "fearless_dominant": Archetype(
        {"nerve": _high("nerve"), "display": _high("display")},
        _LILIENFELD,
        "A reading: immunity to stress and fear with social dominance, rated by historians in 42 presidents, and found with better ratings"
        " in crises.",
    ),
}
"""All archetypes by the name that scenario files use."""
