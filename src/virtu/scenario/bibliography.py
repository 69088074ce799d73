"""The works that the model rests on, and which of them a scenario uses.

This is the one place that holds references: ``virtu cite`` prints those that a scenario uses, the model description of ``virtu odd`` and
the list of references of `docs/model.md` are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.schema import Scenario


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
    when: Callable[[Scenario], bool] = lambda _: True  # whether a scenario has it at all


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
    "kendall1938": _article("Kendall, Maurice G.", "A new measure of rank correlation", 1938, "Biometrika", "30", "81--93", "1--2"),
    "mckelvey1995": _article(
        "McKelvey, Richard D. and Palfrey, Thomas R.",
        "Quantal response equilibria for normal form games",
        1995,
        _GEB,
        "10",
        "6--38",
        "1",
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

DEEDS: dict[str, Use] = {
    "train": Use("training to read others", ("dodellfeder2018", "wimmer2024", "samur2018"), "theory_of_mind"),
    "share_experience": Use("shared experience", ("rennung2016",), "empathy"),
}
"""What an intervention adds, by its first word."""


def uses(scenario: Scenario, off: Collection[str] = (), deeds: Collection[str] = ()) -> Iterator[Use]:
    """Yield what a scenario uses of the model that others have published.

    Parameters
    ----------
    scenario : Scenario
        Its people, posts and record decide.
    off : collection of str
        Mechanisms that are switched off throughout.
    deeds : collection of str
        First words of what else is done to it, such as ``train``.
    """
    done = (DEEDS[deed] for deed in DEEDS if deed in deeds)
    for use in (*ORGANISATION, *done):
        if use.mechanism not in off and use.when(scenario):
            yield use


def archetypes_used(scenario: Scenario) -> dict[str, str]:
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
