"""Others' welfare: what an act takes from the payoff of the one it is aimed at, or gives to it, as the actor sees it.

The utility (1 − w) Π_i + w Π_j of `minds.empathy` weighs two payoffs of one kind. Π_j is therefore valued as the actor values its own
(see `outlook`), in shares of all strength:

    Π_j = S_ij (1 − threat_j) + foresight · ambition_j v_ij · prospect_j

How much j has, what all others count for and how visible j's ambition is, is seen with the actor's own estimates, and how others can be
moved with its own theory of mind. Whom j has to fear, what j covets and how open these contests are, is j's own outlook, which the
actor is taken to know. What leaves these quantities as they are is worth nothing here: the goodwill that j sees in a kindness, and the
ill will it sees in a hostile act, are evidence of intent and entries in ledgers, and they come back to the actor through its own payoff.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.organisation.farsight import nearness
from virtu.organisation.outlook import Outlook
from virtu.organisation.state import World, own, product, turned


def deserted(world: World, outlook: Outlook, heard: jax.Array) -> jax.Array:
    """Return what column loses if all others turn from it by a unit as far as they believe row, shape (F, F, H).

    Σ_k pull_ik c_ki (S_ij fear_jk + foresight · ambition_j v_ij · hope_jk): each turns from column in all its contests, and what hangs
    on them is column's standing and its prospect.
    """
    moved = outlook.pull * turned(heard)
    feared = outlook.share * product(moved, turned(outlook.fear))
    return feared + world.parameters.foresight * outlook.ambition * product(moved, turned(outlook.hope))


def made_focal(outlook: Outlook, moved: jax.Array) -> jax.Array:
    """Return what column loses if all expect all to turn on it, shape (F, F, H); moved is by how much of strength row expects that, (F, H).

    S_ij Σ_r danger_jr: it helps whoever strikes at column, and not those at whom column strikes.
    """
    return moved[:, None] * outlook.share * jnp.sum(outlook.danger, axis=1)[None, :]


def strengthened(world: World, outlook: Outlook) -> jax.Array:
    """Return what column gains by a unit of strength, as a share of all of it, shape (F, F, H).

    1 − S_ij, its own share; and in its contests the share on its side grows by one less what is there already.
    """
    beyond = 1.0 - outlook.support
    safer = jnp.sum(outlook.danger * beyond, axis=1)[None, :]
    nearer = jnp.sum(outlook.chase * beyond, axis=1)[None, :]
    return 1.0 - outlook.share + outlook.share * safer + world.parameters.foresight * outlook.ambition * nearer


def sheltered(outlook: Outlook) -> jax.Array:
    """Return what column gains if row is sure to stand by it, S_ij S_ii · danger · (1 − side_i), shape (F, F, H)."""
    return outlook.share * own(outlook.share)[:, None] * turned(outlook.bare)


def struck(world: World, outlook: Outlook, policy: jax.Array) -> jax.Array:
    """Return what a strike of row does to column, shape (F, F, H): the score of `strike` with the ends changed over.

    (1 − P_ij) (spoils · S_ii + threat relieved + policy freed from row's weight) − P_ij · all that column holds. As far as people look
    ahead, the change of column's share once others have fallen with row takes the place of what it wins from row.

    Parameters
    ----------
    world, outlook : World, Outlook
        Of the tick.
    policy : jax.Array
        Payoff to row of policy freed from a unit of column's share, shape (F, F, H).
    """
    freed = own(outlook.share)[:, None] * (world.parameters.spoils + turned(policy))
    gained = nearness(world) * (freed + outlook.share * turned(outlook.hazard * outlook.attacker))
    gained = gained + world.parameters.farsightedness * outlook.share * (outlook.left - 1.0)
    lost = outlook.share * (1.0 - outlook.threat)[None, :]
    return (1.0 - outlook.wins) * gained - outlook.wins * lost
