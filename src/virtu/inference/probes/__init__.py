"""Families of probes: games of one kind, in which what people choose depends on some of their traits."""

from virtu.inference.probes import dictator, matching_pennies, matrix, trust
from virtu.inference.probes.family import Family

FAMILIES: dict[str, Family] = {one.FAMILY.name: one.FAMILY for one in (dictator, matching_pennies, matrix, trust)}
"""All families by name."""
