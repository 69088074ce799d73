"""The spatial model of politics: actors with positions, capabilities and saliences challenge and bargain until hardly anybody moves.

The model is that of the KAPSARC Toolkit for Behavioral Analysis, KTAB (Wise, Lester & Efird 2015, "An introduction to the KAPSARC
Toolkit for Behavioral Analysis (KTAB) using one-dimensional spatial models" and "Multidimensional bargaining using KTAB", KAPSARC
discussion papers), which replaces the median voter of the expected-utility model by a probabilistic Condorcet election.

Each turn:

1. Everybody's position stands in an election among risk-neutral actors; who is likely to win shuns risk (`contests`, `votes`).
2. Each actor, with its estimate of the others' risk aversion, expects something of challenging each other actor, third parties siding
   as they gain by it, and picks the target that pays best (`contests`).
3. It proposes a bargain in between, the nearer to its own position the surer it is and the more it cares (`bargains`).
4. The bargains an actor is a party to, and no bargain, stand in an election among all; it carries out its part of the likeliest. The
   two sides choose apart, so a bargain may bind one of them only (`bargains`, `turns`).

It ends when all moves of a turn are below a share of those of the first (`histories`).

`compatible=True` keeps three defects of the reference program, so that its log is matched number by number:

- the receiver's counter-proposal takes the initiator's expected gain where its chance to prevail belongs;
- the compromise by power weighs the receiver by the initiator's capability;
- under the asymmetric voting rule a pair of options is judged from the one listed later, so that the order of the actors counts.

A fourth is a rule, because published numbers rest on it: a third party takes its odds to be the same on whichever side it stands
(`third_party_odds="shared"`). All that its choice can then change is who must move in the end: under full and under no commitment it
never sides, and under semi-commitment it insures itself, at times with the side it likes less. ``"by_side"`` gives it the odds of each.

A tie between options goes to staying, then to the bargain of the actor listed first; the program's threads queue bargains in an order
of their own, which in its log shows once, between two equal bargains.

Left out: ideal points that lag behind positions, which the reference holds equal to them.
"""

from virtu.classics.spatial_bargaining.histories import Deed, History, Outcomes, bargain, bargain_draws, deeds
from virtu.classics.spatial_bargaining.rules import Rules
from virtu.classics.spatial_bargaining.table import Table, draw_of, drawn, read_table
from virtu.classics.spatial_bargaining.turns import Account, Assessment, Challenges

__all__ = [
    "Account",
    "Assessment",
    "Challenges",
    "Deed",
    "History",
    "Outcomes",
    "Rules",
    "Table",
    "bargain",
    "bargain_draws",
    "deeds",
    "draw_of",
    "drawn",
    "read_table",
]
