"""Check how the fields of a scenario fit together: words that name nothing, numbers out of range, sizes, sums and dates.

The checks read the tree of the file, not the models, so that they also run where some field has failed on its own. Each
passes over whatever it cannot read, because the schema has reported that already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from virtu.errors import Fault, Place
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.chronology import horizon_in, moments_at, tick_in
from virtu.scenario.nodes import Node, label, shown
from virtu.scenario.parts import Calendar
from virtu.scenario.ranges import DEFAULT_ISSUE, issue_weights, parameters_out_of_range, positions_on_scale, traits_out_of_range
from virtu.scenario.references import unknown_among, words_at
from virtu.scenario.schema import COLLECTIVE, FORUM, MOST_PLACES, Entry, places_of
from virtu.scenario.setting import Setting, defined
from virtu.scenario.vocabulary import FORESEEN_HINT, MOST_FORESEEN, parameters, too_many_to_foresee, traits

_SOURCED = (
    "actors.*",
    "actors.*.traits.*",
    "population.*",
    "posts.*",
    "forum",
    "groups.*",
    "ties.*",
    "issues.*",
    "founder",
    "founder.strokes.*",
    "founder.testament",
    "record.exits.*",
    "facts.*",
)
REFERENCES: dict[str, tuple[str, ...]] = {
    "person": (
        "posts.*.holder",
        "groups.*.patrons.#",
        "ties.*.from",
        "ties.*.to",
        "founder.actor",
        "founder.access.#",
        "founder.testament.against.#",
        "outcome.actor",
        "record.exits.*.actor",
        "record.on_top",
    ),
    "issue": ("actors.*.positions.#", "actors.*.salience.#"),
    "post or group": ("posts.*.appoints",),
    "trait": ("population.#", "actors.*.traits.#"),
    "parameter": ("parameters.#",),
    "archetype": ("actors.*.archetype",),
    "source": tuple(f"{where}.source" for where in _SOURCED),
}
"""Where a file names something: the path of the value, ``*`` for any entry, ``#`` for the keys of a mapping."""

_ROUNDING = 1e-9
_SEATED = {"forum", "candidate"}


_INSIDE = ("founder.strokes.*.at", "founder.death", "founder.testament.dictated", "founder.testament.read", "facts.*.at")
_ANYWHERE = ("record.exits.*.at",)


def cross_faults(root: Node) -> Iterator[Fault]:
    """Yield every fault in how the fields of a tree fit together.

    Parameters
    ----------
    root : Node
        The mapping of a whole scenario of the organisation, everything it extends merged in.
    """
    horizon, wrong = horizon_in(root, Calendar)
    yield from wrong
    posts, groups = defined(root, "posts"), defined(root, "groups")
    known = {
        "person": defined(root, "actors", needed=True),
        "issue": defined(root, "issues") if "issues" in root.items() else {DEFAULT_ISSUE},
        "post or group": None if posts is None or groups is None else posts | groups | {FORUM},
        "trait": traits(),
        "parameter": parameters(),
        "archetype": ARCHETYPES,
        "source": defined(root, "sources"),
    }
    setting = Setting(root, known, parameters(), horizon)
    for check in CHECKS:
        yield from check(setting)


def unknown_words(setting: Setting) -> Iterator[Fault]:
    """Yield the words that name nothing the file or the vocabulary defines."""
    yield from unknown_among(setting, REFERENCES, {"record.on_top": COLLECTIVE})


def reserved_names(setting: Setting) -> Iterator[Fault]:
    """Yield names that would mean two things."""
    actors, posts, groups = (setting.root.child(section) for section in ("actors", "posts", "groups"))
    if COLLECTIVE in actors.items():
        yield Fault(f"no person may be called {COLLECTIVE!r}", actors.keys[COLLECTIVE], "results use the word when nobody is on top")
    for section in (posts, groups):
        if FORUM in section.items():
            yield Fault(
                f"no post or group may be called {FORUM!r}", section.keys[FORUM], "appoints uses the word for the seats of the forum"
            )
    for key in posts.items().keys() & groups.items().keys():
        yield Fault(f"{key!r} is both a post and a group", groups.keys[key], f"the post stands on line {posts.keys[key].line}; rename one")


def _entry(setting: Setting, person: str) -> str | None:
    """Return where a known person enters, or None where that cannot be read."""
    actors = setting.root.child("actors").items()
    if person not in actors or not isinstance(actors[person].value, dict):
        return None
    node = actors[person].items().get("entry")
    if node is None:
        return "none"
    return node.text() if node.text() in get_args(Entry) else None


def places_held(setting: Setting) -> Iterator[Fault]:
    """Yield holders of posts and founders without a place."""
    for pattern, what in (("posts.*.holder", "the holder of a post"), ("founder.actor", "the founder")):
        for person, place in words_at(setting.root, pattern):
            entry = _entry(setting, person)
            if entry is not None and entry not in _SEATED:
                yield Fault(
                    f"{what} needs a place, but {shown(person)} has entry {entry}", place, "set entry: forum or candidate for the person"
                )


def forum_sizes(setting: Setting) -> Iterator[Fault]:
    """Yield a forum too small for those who enter it, or larger than the model can hold."""
    entries = Counter(_entry(setting, person) for person in setting.known["person"] or ())
    forum = setting.root.child("forum")
    seats, candidates = forum.child("seats"), forum.child("candidates")
    rooms = [("forum", "seats", seats, seats.number(), 1)]
    if forum.items():
        rooms.append(("candidate", "candidates", candidates, candidates.number() if "candidates" in forum.items() else 0, 0))
    for entry, field, node, room, least in rooms:
        if room is not None and least <= room < entries[entry]:
            message = f"forum.{field} is {room:g}, but {entries[entry]} persons have entry {entry}"
            yield Fault(message, node.place, f"raise forum.{field} or change an entry")
    sizes = [seats.number() or 0.0, candidates.number() or 0.0]
    if max(sizes) <= MOST_PLACES < sum(sizes):
        yield Fault(f"forum.seats and forum.candidates may be {MOST_PLACES} together, found {sum(sizes):g}", forum.place)
    yield from _seated(setting, entries)


def _seated(setting: Setting, entries: Counter[str | None]) -> Iterator[Fault]:
    """Yield whether too many or too few have a place at the start."""
    seated, at = entries["forum"] + entries["candidate"], setting.root.keys.get("actors", setting.root.place)
    if seated > MOST_PLACES:
        yield Fault(f"at most {MOST_PLACES} persons may have entry forum or candidate, found {seated}", at)
    if entries and seated == entries[None] == 0:
        yield Fault("nobody has a place: somebody needs entry forum or candidate", at, "set entry: forum for those who sit in it")


def farsighted_forum(setting: Setting) -> Iterator[Fault]:
    """Yield that people are to look further ahead than all coalitions can be gone through."""
    node = setting.root.child("parameters").child("farsightedness")
    found = sum(places_of(_entry(setting, person) for person in setting.known["person"] or ()))
    if (node.number() or 0.0) > 0.0 and found > MOST_FORESEEN:
        yield Fault(f"parameters.farsightedness {too_many_to_foresee(found)}", node.place, FORESEEN_HINT)


def single_posts(setting: Setting) -> Iterator[Fault]:
    """Yield a second post that keeps the records, or is in charge of access."""
    for duty, words in (("records", "keep the records"), ("access", "be in charge of access to the founder")):
        in_charge = [(key, post.child(duty)) for key, post in setting.root.child("posts").items().items() if post.child(duty).value is True]
        for _, node in in_charge[1:]:
            yield Fault(f"only one post may {words}", node.place, f"{in_charge[0][0]!r} does already")


def sums(setting: Setting) -> Iterator[Fault]:
    """Yield shares of a whole that are more than the whole."""
    for key, group in setting.root.child("groups").items().items():
        count, patrons = group.child("count").number(), _total(group.child("patrons"))
        if count is not None and patrons > count:
            yield Fault(
                f"{label(['groups', key])}.patrons may sum to the count {count:g}, found {patrons:g}",
                group.keys.get("patrons", group.place),
            )
    founder = setting.root.child("founder")
    access, person = founder.child("access"), founder.child("actor").text()
    if _total(access) > 1.0 + _ROUNDING:
        yield Fault(f"founder.access may sum to 1, found {_total(access):g}", founder.keys["access"])
    if person is not None and person in access.items():
        yield Fault("the founder needs no access to the founder", access.keys[person], "remove the entry")


def _total(node: Node) -> float:
    return sum(number for each in node.items().values() if (number := each.number()) is not None)


def ties_between_persons(setting: Setting) -> Iterator[Fault]:
    """Yield ties of one person alone, and ties told twice."""
    first: dict[tuple[str, str], Place] = {}
    for one, other, tie in _directed(setting.root):
        if one == other:
            yield Fault(f"a tie needs two persons, found {shown(one)} twice", tie.child("to").place)
        elif (one, other) in first:
            yield Fault(f"the tie from {shown(one)} to {shown(other)} stands twice", tie.place, f"first on line {first[one, other].line}")
        else:
            first[one, other] = tie.place


def dependence_owed(setting: Setting) -> Iterator[Fault]:
    """Yield whoever owes others more than everything."""
    owed: dict[str, float] = {}
    for one, _, tie in _directed(setting.root):
        before, share = owed.get(one, 0.0), tie.child("dependence").number() or 0.0
        owed[one] = before + share
        if before <= 1.0 + _ROUNDING < owed[one]:
            message = f"the dependence of {shown(one)} on others may sum to 1, found {owed[one]:g} up to here"
            yield Fault(message, tie.child("dependence").place, "a mutual tie counts for both persons")


def _directed(root: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield who, to whom and the node of every tie that can be read, a mutual one both ways."""
    for tie in root.child("ties").each():
        one, other = tie.child("from").text(), tie.child("to").text()
        if one is not None and other is not None:
            yield one, other, tie
            if tie.child("mutual").value is True and one != other:
                yield other, one, tie


def moments(setting: Setting) -> Iterator[Fault]:
    """Yield moments without a tick and, but for recorded exits, those outside the horizon."""
    yield from moments_at(setting, _INSIDE, _ANYWHERE)


def order_of_events(setting: Setting) -> Iterator[Fault]:
    """Yield testaments not dictated in life and read out later, and strokes out of order or after death."""
    founder = setting.root.child("founder")
    testament, death = founder.child("testament"), tick_in(setting, founder.child("death"))
    dictated, read = (tick_in(setting, testament.child(key)) for key in ("dictated", "read"))
    if dictated is not None and read is not None and read <= dictated:
        yield Fault("the testament must be read after it is dictated, at least a tick later", testament.child("read").place)
    if dictated is not None and death is not None and dictated > death:
        yield Fault("the testament must be dictated before the founder dies", testament.child("dictated").place)
    latest = None
    for stroke in founder.child("strokes").each():
        at, place = tick_in(setting, stroke.child("at")), stroke.child("at").place
        if at is not None and latest is not None and at < latest:
            yield Fault("strokes must be in order of time", place)
        if at is not None and death is not None and at > death:
            yield Fault("a stroke must come before the founder dies", place)
        latest = at if at is not None else latest


CHECKS = (
    unknown_words,
    reserved_names,
    traits_out_of_range,
    parameters_out_of_range,
    places_held,
    forum_sizes,
    farsighted_forum,
    single_posts,
    sums,
    ties_between_persons,
    dependence_owed,
    positions_on_scale,
    issue_weights,
    moments,
    order_of_events,
)
"""All checks, in the order in which they run."""
