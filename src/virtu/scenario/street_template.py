"""The text of a commented scenario of the street to begin with."""

from __future__ import annotations

STREET_TEMPLATE = """\
# A scenario for virtu, in the street: camps that escalate before a public. Only the fields marked "required" must stay.
# Run it with: virtu run @NAME@.yaml

arena: street                     # required: without it the file would describe an organisation
scenario: @NAME@                  # required: small letters, digits and hyphens
title: "@TITLE@"
summary: >-
  A city of two million. Since the harbour closed two movements fill the squares, each certain that the other prepares for
  worse; most people belong to neither.

calendar:                         # required
  start: 2001-01-01               # date of tick 0; leave it out to count ticks only
  ticks: 104                      # or 'end: 2002-12-29'
  unit: week                      # week, month, quarter or year; the parameters are meant for weeks

actors:                           # required: leaders and members of the elite; what is not said of them is drawn in every history
  Amadi:
    role: speaker of the harbour workers
    traits:
      nerve: 0.6                  # a number …
      suspicion: {normal: [0.2, 0.1]}       # … or a distribution: uniform, normal, triangular, beta, lognormal or types
      theory_of_mind_depth: {value: {uniform: [0.5, 1.5]}, assumption: from how the talks of last year went}   # … and what it rests on
  Brandt:
    role: head of the citizens' league
    archetype: moderately_altruistic
  Costa:
    role: mayor
    traits:
      nerve: {value: 0.4, source: interviews}
  Dahl:
    role: head of the chamber of commerce

camps:                            # required: two to four sides
  harbour:
    label: Harbour movement
    leader: Amadi                 # required: a person; nobody leads two camps
    intensity: 0.2                # militancy at the start
    grievance: 0.15               # what drives it without any rival
    reach: {league: 1.0}          # whom it watches; every other camp, with weight 1, where left out
    reasonableness: 0.7           # how reasonable the public holds it to be
    promise: 0.1                  # how far it promises order
    tactic: nonviolent            # none, nonviolent, confrontational or violent
    background: 1.0               # incidents a week it starts by itself, if confrontational and as many as usual are out
    radical: {share: 0.05, intensity: 1.0, distinct: 0.5}     # its radical wing; 1 = the public does not mistake one for the other
  league:
    label: Citizens' league
    leader: Brandt
    promise: 0.6
    tactic: confrontational

public:                           # required
  people: 2000000
  cells:                          # parts of the public: regions or strata; their shares sum to 1
    docks:
      share: 0.3
      hardship: 0.7               # 0.5 is neutral
      core:    {harbour: 0.10, league: 0.01}          # those who identify with a camp …
      leaning: {harbour: 0.25, league: 0.05}          # … those who lean to it; the rest are undecided
      cause:   {harbour: 0.4, league: -0.2}           # -1 to 1, sympathy with what the camp wants
    suburbs:
      share: 0.7
      core:    {harbour: 0.01, league: 0.04}
      leaning: {harbour: 0.08, league: 0.15}
      police: 0.8                 # as a factor of the state's
      divided: 3                  # stands for three equal cells

state: {legitimacy: 0.6, police: 0.004, reasonableness: 0.7, promise: 0.5}    # police per head of the people

outsider:                         # whom the elite may bargain with: 'camp: NAME', or somebody outside of the camps
  label: The general
  promise: 0.8
  containability: 0.3             # true chance that a bargain contains the outsider

elite:                            # those who decide whether to ignore, concede, repress or bargain
  members:
    Costa: {weight: 2.0, containability: 0.7}         # what the member believes that chance to be; the true one where left out
    Dahl:  {containability: {uniform: [0.4, 0.9]}}
  share: 0.05                     # of the people
  inequality: 0.4                 # the elite's share of all income
  destruction: 0.3                # share of income that a takeover destroys

media: {selection: 1.0}           # 0: all acts are shown alike; 1: in proportion to their intensity

incidents:
  branching: [[0.4, 0.2], [0.2, 0.4]]       # row: the camp whose incidents follow; column: the camp whose incident they follow
  half_life: 2.3                  # days

shocks:
  - {at: 2001-09-03, until: 2002-02-25, hardship: 0.2, label: The second shipyard closes}

parameters: {}                    # constants of the model, such as 'ratchet: 0.7'
outcome: {measure: killed}        # or {measure: support, of: harbour}, {measure: rules, of: outsider}, …

sources:
  interviews: "Interviews at the town hall (invented for this template)"
"""
