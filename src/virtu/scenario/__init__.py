"""Scenarios: the schema of a file, its words, and loading with every fault at its place."""

from virtu.scenario.library import names
from virtu.scenario.load import load, loads
from virtu.scenario.schema import Scenario, json_schema
from virtu.scenario.template import template

__all__ = ["Scenario", "json_schema", "load", "loads", "names", "template"]
