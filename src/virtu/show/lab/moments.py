"""One history of the organisation, tick by tick, as three drawings: people, what they think of each other, and the meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from virtu.scenario.schema import Scenario
from virtu.scenario.vocabulary import Status
from virtu.show import wording
from virtu.show.lab.drawing import Drawing, short
from virtu.show.look import BLUE, GREY, INK, MUTED, ORANGE, SKY, VERMILION
from virtu.show.network import LEAST, MOST_DISCS, MOST_LINES, layout

STANDING = {int(Status.FORUM): ("seat", BLUE), int(Status.CANDIDATE): ("candidate", SKY), int(Status.OFFICE): ("office only", ORANGE)}
"""What each standing is called, and its colour."""

SIDE, NAMES = 440.0, 84.0
"""Side of the network, and the room for names at its sides, pixels."""

CELL = 22.0
FAINTEST = 0.05


class History(NamedTuple):
    """A history as it was seen close, with arrays as `virtu.laboratory.closeup.CloseUp` has them."""

    names: tuple[str, ...]
    dates: Sequence[str]
    issues: tuple[tuple[str, float, float], ...]  # label, and the two ends of the scale
    arrays: Mapping[str, np.ndarray]

    @property
    def ticks(self) -> int:
        """Number of ticks."""
        return len(self.dates)


class Present(NamedTuple):
    """Those who hold an office at a tick: their places, numbers among all persons, standing, and strength, true and believed."""

    place: np.ndarray
    person: np.ndarray
    status: np.ndarray
    strength: np.ndarray
    believed: np.ndarray  # mean of the estimates of the others in the forum, NaN where there are none


def read(path: Path, dates: Sequence[str], scenario: Scenario) -> History:
    """Return a history from the arrays that were kept of it; nothing but numbers is read."""
    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    issues = tuple((issue.label or name, *issue.scale) for name, issue in scenario.issues.items())
    return History(scenario.person_names, dates, issues, arrays)


def present(history: History, tick: int) -> Present:
    """Return those who hold an office at the end of a tick."""
    person, status = history.arrays["person"][tick], history.arrays["status"][tick]
    place = np.flatnonzero((person >= 0) & (status <= int(Status.OFFICE)))
    sees = (status[place] <= int(Status.CANDIDATE))[:, None] & ~np.eye(len(place), dtype=bool)
    seen = history.arrays["estimate"][tick][np.ix_(place, place)]
    watchers = sees.sum(axis=0)
    believed = np.where(watchers > 0, np.where(sees, seen, 0.0).sum(axis=0) / np.maximum(watchers, 1), np.nan)
    return Present(place, person[place].astype(int), status[place], history.arrays["strength"][tick][place], believed)


def spots(history: History) -> dict[int, np.ndarray]:
    """Return a spot for every person drawn, the same at all ticks; those tied to each other side by side."""
    ticks = np.unique(np.linspace(0, history.ticks - 1, 12).round().astype(int))
    owed = np.zeros((len(ticks), len(history.names), len(history.names)), np.float32)
    weight = np.zeros(len(history.names))
    for row, tick in enumerate(ticks):
        here = present(history, int(tick))
        owed[row][np.ix_(here.person, here.person)] = history.arrays["dependence"][tick][np.ix_(here.place, here.place)]
        np.maximum.at(weight, here.person, here.strength)
    drawn = np.sort(np.argsort(-weight, kind="stable")[: min(MOST_DISCS, int((weight > 0).sum()))])
    around = layout(owed[:, drawn][:, :, drawn]) if len(drawn) else np.zeros((0, 2))
    centre, reach = SIDE / 2, np.array([SIDE / 2 - NAMES, SIDE / 2 - 46])
    return {int(person): centre + spot * reach for person, spot in zip(drawn, around, strict=True)}


def network(history: History, tick: int, places: Mapping[int, np.ndarray]) -> str:
    """Draw people as discs of their true strength, ringed by what the others believe it to be; lines show who owes his weight to whom."""
    here = present(history, tick)
    drawing = Drawing(SIDE, SIDE, f"People in {wording.when(history.dates[tick])}: true and believed strength, and dependence")
    _ties(drawing, history, tick, here, places)
    for person, status, strength, believed in zip(here.person, here.status, here.strength, here.believed, strict=True):
        if int(person) in places:
            _disc(drawing, history.names[person], places[int(person)], int(status), float(strength), float(believed))
    return str(drawing)


def _radius(strength: float) -> float:
    """The area of a disc grows with strength; a seat alone, of strength 1, has a radius of 7 pixels."""
    return 7.0 * float(np.sqrt(max(strength, 0.02)))


def _disc(drawing: Drawing, name: str, spot: np.ndarray, status: int, strength: float, believed: float) -> None:
    x, y = map(float, spot)
    said = f"{name}: true {wording.number(strength)}, believed {wording.number(believed)}, {STANDING[status][0]}"
    drawing.add("circle", cx=x, cy=y, r=_radius(strength), fill=STANDING[status][1], opacity=0.85, tip=said)
    if np.isfinite(believed):
        drawing.add("circle", cx=x, cy=y, r=_radius(believed), fill="none", stroke=INK, stroke_width=1.5)
    away = max(_radius(strength), _radius(believed) if np.isfinite(believed) else 0.0) + 5
    aside = abs(x - SIDE / 2) >= 12
    right = x > SIDE / 2
    anchor = "middle" if not aside else "start" if right else "end"
    shift = (0.0, away + 8 if y > SIDE / 2 else -away) if not aside else (away if right else -away, 4.0)
    drawing.label(x + shift[0], y + shift[1], short(name, 13), text_anchor=anchor)


def _ties(drawing: Drawing, history: History, tick: int, here: Present, places: Mapping[int, np.ndarray]) -> None:
    owed = history.arrays["dependence"][tick][np.ix_(here.place, here.place)]
    pairs = [(int(one), int(other)) for one, other in np.argwhere(owed >= LEAST) if one != other]
    known = [pair for pair in pairs if all(int(here.person[end]) in places for end in pair)]
    for one, other in sorted(known, key=lambda pair: -owed[pair])[:MOST_LINES]:
        (ax, ay), (bx, by) = (map(float, places[int(here.person[end])]) for end in (one, other))
        said = f"{history.names[here.person[one]]} owes {wording.share(float(owed[one, other]), 0)} of his weight to "
        said += history.names[here.person[other]]
        width = 1.0 + 6.0 * float(owed[one, other])
        bent = f"M{ax:.1f},{ay:.1f} Q{(ax + bx) / 2 + 0.16 * (by - ay):.1f},{(ay + by) / 2 + 0.16 * (ax - bx):.1f} {bx:.1f},{by:.1f}"
        drawing.add("path", d=bent, fill="none", stroke=GREY, stroke_width=width, opacity=0.55, tip=said)


def opinions(history: History, tick: int) -> str:
    """Draw what each thinks of the strength of each other: blue below the truth, red above, the darker the further."""
    here = present(history, tick)
    order = np.argsort(-here.strength, kind="stable")[:MOST_DISCS]
    place, person = here.place[order], here.person[order]
    seen, true = history.arrays["estimate"][tick][np.ix_(place, place)], here.strength[order]
    left, top, count = 112.0, 92.0, len(order)
    drawing = Drawing(left + CELL * count + 48, top + CELL * count + 6, f"Who thinks what of whom in {wording.when(history.dates[tick])}")
    for column, who in enumerate(person):
        x = left + CELL * (column + 0.5)
        turned = f"rotate(-55 {x:.1f} {top - 8:.1f})"
        drawing.label(x, top - 8, short(history.names[who], 14), transform=turned, fill=MUTED, font_size=11)
    for row, who in enumerate(person):
        drawing.label(left - 8, top + CELL * (row + 0.5) + 4, short(history.names[who], 14), text_anchor="end", font_size=11)
        for column, of in enumerate(person):
            if row != column:
                names = (history.names[who], history.names[of])
                _opinion(drawing, (left + CELL * column, top + CELL * row), names, float(seen[row, column]), float(true[column]))
    return str(drawing)


def _opinion(drawing: Drawing, corner: tuple[float, float], names: tuple[str, str], seen: float, true: float) -> None:
    """Draw a cell; an estimate of double or half the truth has the full colour."""
    ratio = float(np.log2(max(seen, 0.02) / max(true, 0.02)))
    said = f"{names[0]} takes {names[1]} for {wording.number(seen)}; the truth is {wording.number(true)}"
    colour, shade = (VERMILION if ratio > 0 else BLUE), max(FAINTEST, min(1.0, abs(ratio)))
    drawing.add("rect", x=corner[0], y=corner[1], width=CELL - 1, height=CELL - 1, fill=colour, opacity=round(shade, 2), tip=said)


def meeting(history: History, tick: int) -> tuple[str, str]:
    """Return a meeting in a sentence and as a drawing: speakers in order, their positions, what is in force, proposed and voted."""
    noted = {name: values[tick] for name, values in history.arrays.items()}
    if int(noted["proposer"]) < 0:
        return f"{wording.when(history.dates[tick])}: no proposal is made.", ""
    speakers = [
        int(place) for place in np.argsort(noted["lateness"], kind="stable") if noted["speaks"][place] > 0 and noted["met"][place] >= 0
    ]
    who = history.names[int(noted["met"][int(noted["proposer"])])]
    (issue, low, high), support = history.issues[int(noted["issue"])], wording.share(float(noted["support"]), 0)
    carried = f"is carried with {support} of the votes" if noted["passed"] else f"falls, with {support} of the votes"
    proposed, now = (wording.number(low + (high - low) * float(noted[name])) for name in ("proposal", "status_quo"))
    said = f"{wording.when(history.dates[tick])}. {issue}. {who}, the last to speak who has a vote, proposes {proposed} where {now} is in "
    said += f"force; the proposal {carried}."
    return said, _table(history, noted, speakers)


def _table(history: History, noted: Mapping[str, np.ndarray], speakers: list[int]) -> str:
    left, wide, row, top = 118.0, 290.0, 20.0, 26.0
    drawing = Drawing(left + wide + 24, top + row * len(speakers) + 26, "The meeting: order of speech, positions, votes")
    bottom = top + row * len(speakers)
    for value, colour, dashes, name in ((noted["status_quo"], MUTED, "4 3", "in force"), (noted["proposal"], INK, "none", "proposed")):
        x = left + wide * float(value)
        drawing.add("line", x1=x, x2=x, y1=top - 6, y2=bottom, stroke=colour, stroke_dasharray=dashes, stroke_width=1.5)
        drawing.label(x, top - 10 if name == "proposed" else bottom + 16, name, text_anchor="middle", fill=colour, font_size=11)
    most = float(max((noted["votes"][place] for place in speakers), default=1.0)) or 1.0
    for number, place in enumerate(speakers):
        y, name, votes = top + row * (number + 0.5), history.names[int(noted["met"][place])], float(noted["votes"][place])
        drawing.label(left - 10, y + 4, f"{number + 1}. {short(name, 13)}", text_anchor="end", font_size=11)
        drawing.add("line", x1=left, x2=left + wide, y1=y, y2=y, stroke="#e3e7eb", stroke_width=1)
        aye = "no vote" if votes <= 0 else "votes for" if noted["aye"][place] else "votes against"
        fill = "none" if votes <= 0 else BLUE if noted["aye"][place] else VERMILION
        x, radius = left + wide * float(noted["position"][place]), 3.5 + 5.0 * float(np.sqrt(max(votes, 0.0) / most))
        drawing.add("circle", cx=x, cy=y, r=radius, fill=fill, stroke=MUTED, tip=f"{name}: {float(noted['position'][place]):.2f}, {aye}")
    return str(drawing)
