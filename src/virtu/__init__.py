"""A counterfactual laboratory for power: who ends on top of an organisation, and whether a move helped."""

__version__ = "0.1.0"
