"""The works that the model rests on, and which of them a scenario uses.

``virtu cite`` prints those that a scenario uses, and the model description of ``virtu odd`` lists them. The pages `docs/model.md` and
`docs/street.md` have lists of their own; a test holds that they leave out none of these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.schema import Scenario
from virtu.scenario.street_schema import StreetScenario


class Work(NamedTuple):
    """A published work, as BibTeX wants it; pages as ``a--b``."""

    kind: str  # article, book, incollection, inproceedings or techreport
    author: str  # names as Last, First, joined by and
    title: str
    year: int
    where: dict[str, str]  # journal, volume, number, pages, publisher, …


class Use(NamedTuple):
    """What some works are used for, and when."""

    part: str  # of the model, in plain words
    works: tuple[str, ...]  # keys of `WORKS`
    mechanism: str = ""  # switched off by ``off NAME``, where it can be
    when: Callable[[Any], bool] = lambda _: True  # whether a scenario has it at all


def _article(author: str, title: str, year: int, journal: str, volume: str, pages: str, number: str = "") -> Work:
    numbered = {"number": number} if number else {}
    return Work("article", author, title, year, {"journal": journal, "volume": volume, **numbered, "pages": pages})


_GEB, _JEEA, _QJE = "Games and Economic Behavior", "Journal of the European Economic Association", "Quarterly Journal of Economics"
_GENERAL = "Journal of Experimental Psychology: General"

WORKS: dict[str, Work] = {
    "acemoglu2008": _article(
        "Acemoglu, Daron and Egorov, Georgy and Sonin, Konstantin",
        "Coalition formation in non-democracies",
        2008,
        "Review of Economic Studies",
        "75",
        "987--1009",
        "4",
    ),
    "acemoglu2006": Work(
        "book",
        "Acemoglu, Daron and Robinson, James A.",
        "Economic Origins of Dictatorship and Democracy",
        2006,
        {"publisher": "Cambridge University Press"},
    ),
    "achen2006": Work(
        "incollection",
        "Achen, Christopher H.",
        "Evaluating political decision-making models",
        2006,
        {
            "booktitle": "The European Union Decides",
            "editor": "Thomson, Robert and Stokman, Frans N. and Achen, Christopher H. and König, Thomas",
            "publisher": "Cambridge University Press",
        },
    ),
    "barnby2022": _article(
        "Barnby, Joseph M. and Mehta, Mitul A. and Moutoussis, Michael",
        "The computational relationship between reinforcement learning, social inference, and paranoia",
        2022,
        "PLoS Computational Biology",
        "18",
        "e1010326",
        "7",
    ),
    "box1958": _article(
        "Box, George E. P. and Muller, Mervin E.",
        "A note on the generation of random normal deviates",
        1958,
        "Annals of Mathematical Statistics",
        "29",
        "610--611",
        "2",
    ),
    "bruhin2019": _article(
        "Bruhin, Adrian and Fehr, Ernst and Schunk, Daniel", "The many faces of human sociality", 2019, _JEEA, "17", "1025--1069", "4"
    ),
    "camerer2004": _article(
        "Camerer, Colin F. and Ho, Teck-Hua and Chong, Juin-Kuan",
        "A cognitive hierarchy model of games",
        2004,
        _QJE,
        "119",
        "861--898",
        "3",
    ),
    "charness2002": _article(
        "Charness, Gary and Rabin, Matthew", "Understanding social preferences with simple tests", 2002, _QJE, "117", "817--869", "3"
    ),
    "chenoweth2011": Work(
        "book", "Chenoweth, Erica and Stephan, Maria J.", "Why Civil Resistance Works", 2011, {"publisher": "Columbia University Press"}
    ),
    "dodellfeder2018": _article(
        "Dodell-Feder, David and Tamir, Diana I.",
        "Fiction reading has a small positive impact on social cognition: A meta-analysis",
        2018,
        _GENERAL,
        "147",
        "1713--1727",
        "11",
    ),
    "egorov2011": _article("Egorov, Georgy and Sonin, Konstantin", "Dictators and their viziers", 2011, _JEEA, "9", "903--930", "5"),
    "enos2019": _article(
        "Enos, Ryan D. and Kaufman, Aaron R. and Sands, Melissa L.",
        "Can violent protest change local policy support? Evidence from the aftermath of the 1992 Los Angeles riot",
        2019,
        "American Political Science Review",
        "113",
        "1012--1028",
        "4",
    ),
    "epstein2002": _article(
        "Epstein, Joshua M.",
        "Modeling civil violence: An agent-based computational approach",
        2002,
        "Proceedings of the National Academy of Sciences",
        "99",
        "7243--7250",
        "suppl. 3",
    ),
    "fehr1999": _article(
        "Fehr, Ernst and Schmidt, Klaus M.", "A theory of fairness, competition, and cooperation", 1999, _QJE, "114", "817--868", "3"
    ),
    "gouldner1960": _article(
        "Gouldner, Alvin W.",
        "The norm of reciprocity: A preliminary statement",
        1960,
        "American Sociological Review",
        "25",
        "161--178",
        "2",
    ),
    "gregory2011": _article(
        "Gregory, Paul R. and Schröder, Philipp J. H. and Sonin, Konstantin",
        "Rational dictators and the killing of innocents: Data from Stalin's archives",
        2011,
        "Journal of Comparative Economics",
        "39",
        "34--42",
        "1",
    ),
    "haley1952": Work(
        "techreport",
        "Haley, David C.",
        "Estimation of the dosage mortality relationship when the dose is subject to error",
        1952,
        {"institution": "Stanford University", "number": "Technical Report 15"},
    ),
    "hawkes1971": _article(
        "Hawkes, Alan G.",
        "Spectra of some self-exciting and mutually exciting point processes",
        1971,
        "Biometrika",
        "58",
        "83--90",
        "1",
    ),
    "kendall1938": _article("Kendall, Maurice G.", "A new measure of rank correlation", 1938, "Biometrika", "30", "81--93", "1--2"),
    "lewisbeck2000": _article(
        "Lewis-Beck, Michael S. and Stegmaier, Mary",
        "Economic determinants of electoral outcomes",
        2000,
        "Annual Review of Political Science",
        "3",
        "183--219",
    ),
    "mcfadden1974": Work(
        "incollection",
        "McFadden, Daniel",
        "Conditional logit analysis of qualitative choice behavior",
        1974,
        {"booktitle": "Frontiers in Econometrics", "editor": "Zarembka, Paul", "pages": "105--142", "publisher": "Academic Press"},
    ),
    "mckelvey1995": _article(
        "McKelvey, Richard D. and Palfrey, Thomas R.",
        "Quantal response equilibria for normal form games",
        1995,
        _GEB,
        "10",
        "6--38",
        "1",
    ),
    "mernyk2022": _article(
        "Mernyk, Joseph S. and Pink, Sophia L. and Druckman, James N. and Willer, Robb",
        "Correcting inaccurate metaperceptions reduces Americans' support for partisan violence",
        2022,
        "Proceedings of the National Academy of Sciences",
        "119",
        "e2116851119",
        "16",
    ),
    "munoz2019": _article(
        "Muñoz, Jordi and Anduiza, Eva",
        "If a fight starts, watch the crowd: The effect of violence on popular support for social movements",
        2019,
        "Journal of Peace Research",
        "56",
        "485--498",
        "4",
    ),
    "rennung2016": _article(
        "Rennung, Miriam and Göritz, Anja S.",
        "Prosocial consequences of interpersonal synchrony: A meta-analysis",
        2016,
        "Zeitschrift für Psychologie",
        "224",
        "168--189",
        "3",
    ),
    "richardson1960": Work("book", "Richardson, Lewis F.", "Arms and Insecurity", 1960, {"publisher": "Boxwood Press"}),
    "salmon2011": Work(
        "inproceedings",
        "Salmon, John K. and Moraes, Mark A. and Dror, Ron O. and Shaw, David E.",
        "Parallel random numbers: as easy as 1, 2, 3",
        2011,
        {"booktitle": "Proceedings of SC11"},
    ),
    "samur2018": _article(
        "Samur, Dalya and Tops, Mattie and Koole, Sander L.",
        "Does a single session of reading literary fiction prime enhanced mentalising performance? Four replication experiments of Kidd"
        " and Castano (2013)",
        2018,
        "Cognition and Emotion",
        "32",
        "130--144",
        "1",
    ),
    "schelling1960": Work("book", "Schelling, Thomas C.", "The Strategy of Conflict", 1960, {"publisher": "Harvard University Press"}),
    "simpson2018": _article(
        "Simpson, Brent and Willer, Robb and Feinberg, Matthew",
        "Does violent protest backfire? Testing a theory of public reactions to activist violence",
        2018,
        "Socius",
        "4",
        "1--14",
    ),
    "stahl1995": _article(
        "Stahl, Dale O. and Wilson, Paul W.",
        "On players' models of other players: Theory and experimental evidence",
        1995,
        _GEB,
        "10",
        "218--254",
        "1",
    ),
    "svolik2012": Work("book", "Svolik, Milan W.", "The Politics of Authoritarian Rule", 2012, {"publisher": "Cambridge University Press"}),
    "taber2006": _article(
        "Taber, Charles S. and Lodge, Milton",
        "Motivated skepticism in the evaluation of political beliefs",
        2006,
        "American Journal of Political Science",
        "50",
        "755--769",
        "3",
    ),
    "wasow2020": _article(
        "Wasow, Omar",
        "Agenda seeding: How 1960s black protests moved elites, public opinion and voting",
        2020,
        "American Political Science Review",
        "114",
        "638--659",
        "3",
    ),
    "williams2007": _article("Williams, Kipling D.", "Ostracism", 2007, "Annual Review of Psychology", "58", "425--452"),
    "wimmer2024": _article(
        "Wimmer, Lena and Currie, Gregory and Friend, Stacie and Wittwer, Jörg and Ferguson, Heather J.",
        "Cognitive effects and correlates of reading fiction: Two preregistered multilevel meta-analyses",
        2024,
        _GENERAL,
        "153",
        "1464--1488",
        "6",
    ),
    "wilson1927": _article(
        "Wilson, Edwin B.",
        "Probable inference, the law of succession, and statistical inference",
        1927,
        "Journal of the American Statistical Association",
        "22",
        "209--212",
        "158",
    ),
}
"""Every work by its key: the first author and the year."""


def _uses_types(scenario: Scenario) -> bool:
    """Whether anybody's empathy is drawn from the published types."""
    names = ("empathy_behind", "empathy_ahead")
    priors = [scenario.trait_prior(person, name) for person in scenario.person_names for name in names]
    return any(isinstance(prior, dict) and "types" in prior for prior in priors)


def _has_appointers(scenario: Scenario) -> bool:
    return any(post.appoints for post in scenario.posts.values())


ORGANISATION: tuple[Use, ...] = (
    Use("chance", ("salmon2011", "box1958")),
    Use("theory of mind", ("camerer2004", "stahl1995"), "theory_of_mind"),
    Use("choice among moves", ("mckelvey1995",)),
    Use("empathy", ("bruhin2019", "fehr1999", "charness2002"), "empathy"),
    Use("types of empathy in the population", ("bruhin2019",), "empathy", _uses_types),
    Use("suspicion", ("barnby2022",)),
    Use("appointments", ("egorov2011",), "patronage", _has_appointers),
    Use("meeting", ("achen2006",), "meeting"),
    Use("chance to win a contest", ("haley1952",)),
    Use("focal points", ("schelling1960",), "bandwagon"),
    Use("moves", ("gouldner1960", "williams2007", "svolik2012", "egorov2011", "acemoglu2008")),
    Use("purge", ("gregory2011",), "purge"),
    Use("intervals of shares", ("wilson1927",)),
    Use("order of falls beside the record", ("kendall1938",), when=lambda scenario: bool(scenario.record and scenario.record.exits)),
)
"""What the organisation uses."""

STREET: tuple[Use, ...] = (
    Use("chance", ("salmon2011", "box1958")),
    Use("overestimation of rivals", ("mernyk2022",), "misperception"),
    Use("theory of mind", ("camerer2004", "stahl1995"), "theory_of_mind"),
    Use("intensity", ("richardson1960",)),
    Use("empathy", ("bruhin2019", "fehr1999", "charness2002"), "empathy"),
    Use("suspicion", ("barnby2022",)),
    Use("who goes out", ("epstein2002",)),
    Use("incidents", ("hawkes1971",)),
    Use("choice to fire or hold", ("mckelvey1995",), "hesitation"),
    Use("backlash", ("simpson2018", "munoz2019", "wasow2020"), "backlash"),
    Use("first-hand knowledge of one's camp", ("taber2006", "munoz2019"), "acquaintance"),
    Use("support where the cause is shared", ("enos2019",), "cause"),
    Use("blame for hardship", ("lewisbeck2000",), "blame"),
    Use("answers of the elite", ("acemoglu2006", "mckelvey1995", "mcfadden1974"), "elite", lambda scenario: scenario.elite is not None),
    Use("chance of a revolt", ("chenoweth2011",), "revolt"),
    Use("intervals of shares", ("wilson1927",)),
)
"""What the street uses."""

DEEDS: dict[str, Use] = {
    "train": Use("training to read others", ("dodellfeder2018", "wimmer2024", "samur2018"), "theory_of_mind"),
    "share_experience": Use("shared experience", ("rennung2016",), "empathy"),
}
"""What an intervention adds, by its first word."""


def uses(scenario: Scenario | StreetScenario, off: Collection[str] = (), deeds: Collection[str] = ()) -> Iterator[Use]:
    """Yield what a scenario uses of the model that others have published.

    Parameters
    ----------
    scenario : Scenario or StreetScenario
        Its people, posts, elite and record decide.
    off : collection of str
        Mechanisms that are switched off throughout.
    deeds : collection of str
        First words of what else is done to it, such as ``train``.
    """
    arena = STREET if isinstance(scenario, StreetScenario) else ORGANISATION
    done = (DEEDS[deed] for deed in DEEDS if deed in deeds)
    for use in (*arena, *done):
        if use.mechanism not in off and use.when(scenario):
            yield use


def archetypes_used(scenario: Scenario | StreetScenario) -> dict[str, str]:
    """Return the sources of the archetypes that actors take, by archetype."""
    return {actor.archetype: ARCHETYPES[actor.archetype].source for actor in scenario.actors.values() if actor.archetype is not None}


def bibtex(key: str, comment: str = "") -> str:
    """Return a work of `WORKS` as an entry of BibTeX, below a comment that says what it is used for."""
    work = WORKS[key]
    fields = {"author": work.author, "title": f"{{{work.title}}}", "year": str(work.year), **work.where}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"{f'% {comment}{chr(10)}' if comment else ''}@{work.kind}{{{key},\n{lines}}}\n"


def reference(key: str) -> str:
    """Return a work as one line of a list of references, in Markdown: authors (year). Title. *Place* volume(number), pages."""
    work, where = WORKS[key], WORKS[key].where
    names = [_initials(name) for name in work.author.split(" and ")]
    authors = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} & {names[-1]}"
    if work.kind == "article":
        number = f"({where['number'].replace('--', '–')})" if "number" in where else ""
        place = f"{work.title}. *{where['journal']}* {where['volume']}{number}, {where['pages'].replace('--', '–')}"
    elif work.kind == "book":
        place = f"*{work.title}*. {where['publisher']}"
    elif work.kind == "techreport":
        place = f"*{work.title}*. {where['number']}, {where['institution']}"
    else:
        place = f"{work.title}. In *{where['booktitle']}*" + (f". {where['publisher']}" if "publisher" in where else "")
    return f"{authors} ({work.year}). {place}."


def _initials(name: str) -> str:
    """``Last, First Middle`` as ``Last, F. M.``; parts of a double name keep their hyphen."""
    last, _, given = name.partition(", ")
    short = " ".join("-".join(f"{part[0]}." for part in word.split("-")) for word in given.split())
    return f"{last}, {short}" if short else last
