"""Scenarios: the schema of a file, its words, and loading with every fault at its place."""

from virtu.scenario.arenas import ARENAS, AnyScenario, json_schema
from virtu.scenario.library import names
from virtu.scenario.load import load, loads
from virtu.scenario.schema import Scenario
from virtu.scenario.street_schema import StreetScenario
from virtu.scenario.template import template

__all__ = ["ARENAS", "AnyScenario", "Scenario", "StreetScenario", "json_schema", "load", "loads", "names", "template"]
