"""A commented scenario to begin with."""

from __future__ import annotations

import re

from virtu.errors import InputError
from virtu.scenario.arenas import USUAL, arena
from virtu.scenario.fields import SLUG
from virtu.scenario.street_template import STREET_TEMPLATE

_TEMPLATE = """\
# A scenario for virtu. Only the fields marked "required" must stay; delete or change whatever you like.
# Run it with: virtu run @NAME@.yaml

scenario: @NAME@                  # required: small letters, digits and hyphens
title: "@TITLE@"
summary: >-
  The director of an institute falls ill. One deputy keeps the files and fills the posts of the section heads, the other
  has the better ideas.

calendar:                         # required
  start: 2001-01                  # date of tick 0; leave it out to count ticks only
  ticks: 60                       # or 'end: 2005-12'
  unit: month                     # week, month, quarter or year

forum:                            # required: the body in which the struggle takes place
  name: Board
  seats: 5                        # voting seats to be kept filled
  candidates: 0                   # non-voting places to be kept filled

actors:                           # required: 2 to 300 persons; whatever is not said of a person is drawn anew in every history
  Okafor:
    role: director and founder
    entry: forum                  # forum, candidate, pool (may be called in later) or none
    positions: {expansion: 60}
  Berg:
    role: deputy for administration
    entry: forum
    traits:
      diligence: 0.9              # a number …
      display: {normal: [0.25, 0.1]}        # … or a distribution: uniform, normal, triangular, beta, lognormal or types
      hardness: {value: {uniform: [0.5, 0.8]}, assumption: from what colleagues told}   # … and what it rests on
    positions: {expansion: 50}
  Castellan:
    role: deputy for research
    entry: forum
    traits:
      competence: {value: 0.9, source: interviews}
      display: 0.7
      nerve: {triangular: [0.2, 0.4, 0.7]}
    positions: {expansion: 90}
    salience: {expansion: 0.9}    # 0 to 1, how much the issue matters to the person
  Dufour:
    role: treasurer
    entry: forum
    archetype: moderately_altruistic
    positions: {expansion: 20}
  Eriksen:
    role: senior researcher
    entry: forum
    traits:
      ambition: 0.3
  Fabri:
    role: head of the northern branch
    entry: pool                   # called in when a seat falls vacant

posts:
  deputy-administration:
    label: Deputy for administration
    holder: Berg
    weight: 0.5                   # strength units: an ordinary seat is 1
    appoints: [section-heads]     # posts and groups whose vacancies the holder fills, or the word forum
    records: true                 # keeps the records and the deadlines; at most one post does
  deputy-research: {label: Deputy for research, holder: Castellan, weight: 0.5}

groups:                           # officials without a name: whoever they depend on can count on their weight
  section-heads:
    label: Heads of section
    count: 12
    weight: 0.2
    turnover: 0.03                # chance per tick that a seat falls vacant
    patrons: {Berg: 2, Castellan: 2}
    dependence: 0.4

ties:                             # what persons feel for and owe to each other at the start
  - {from: Berg, to: Okafor, trust: 0.6, dependence: 0.2}
  - {from: Castellan, to: Dufour, trust: -0.3, grievance: 0.2, mutual: true}

issues:
  expansion: {label: "Consolidate (0) or expand (100)", scale: [0, 100], status_quo: 40}

founder:
  actor: Okafor
  health: 0.8
  legitimacy: 2.0
  access: {Berg: 0.3, Castellan: 0.3}       # shares of the founder's ear; together at most 1
  strokes:
    - {at: 2001-09, severity: 0.4}

norms: {modesty: 0.4}             # 0 to 1, how far open ambition counts against a person
parameters: {}                    # constants of the model, such as 'bandwagon: 1.2'
outcome: {measure: on_top, actor: Berg}

sources:
  interviews: "Interviews with four colleagues (invented for this template)"
"""


TEMPLATES = {USUAL: _TEMPLATE, "street": STREET_TEMPLATE}


def template(name: str, kind: str = USUAL) -> str:
    """Return a commented scenario, as YAML text that loads.

    An organisation of six persons, with a founder and a group; or a street with two camps, an elite and an outsider.

    Parameters
    ----------
    name : str
        Name of the scenario: small letters, digits and single hyphens between them.
    kind : str
        Its arena, one of `ARENAS`.

    Raises
    ------
    InputError
        If the name has another form, or there is no such arena.
    """
    arena(kind)
    if not re.fullmatch(SLUG, name) or len(name) > 80:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].rstrip("-")
        raise InputError(
            f"a scenario's name is small letters, digits and single hyphens, found {name[:80]!r}", f"write {slug or 'my-scenario'}"
        )
    return TEMPLATES[kind].replace("@NAME@", name).replace("@TITLE@", name.replace("-", " ").capitalize())
