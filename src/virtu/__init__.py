"""A counterfactual laboratory for power: who ends on top of an organisation, and whether a move helped.

The functions named in `__all__` are looked up when first used, so that ``import virtu`` loads no heavy library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "calibrate",
    "claims",
    "compare",
    "events",
    "fit",
    "forecast",
    "infer",
    "load",
    "loads",
    "sampled_traits",
    "simulate",
    "summarise",
    "sweep",
    "validate",
    "when",
    "why",
]

# The type checker is shown plain imports and not the look-up, which would make any misspelt name pass.
if TYPE_CHECKING:
    from virtu.inference.calibrate import calibrate
    from virtu.inference.outside_in import infer
    from virtu.laboratory.claims import claims
    from virtu.laboratory.compare import compare
    from virtu.laboratory.events import events
    from virtu.laboratory.forecast import forecast
    from virtu.laboratory.incident_fit import fit
    from virtu.laboratory.simulate import sampled_traits, simulate
    from virtu.laboratory.summary import summarise
    from virtu.laboratory.sweep import sweep
    from virtu.laboratory.validation import validate
    from virtu.laboratory.when import when
    from virtu.laboratory.why import why
    from virtu.scenario import load, loads
else:
    _HOMES = {
        "calibrate": "virtu.inference.calibrate",
        "claims": "virtu.laboratory.claims",
        "compare": "virtu.laboratory.compare",
        "events": "virtu.laboratory.events",
        "fit": "virtu.laboratory.incident_fit",
        "forecast": "virtu.laboratory.forecast",
        "infer": "virtu.inference.outside_in",
        "load": "virtu.scenario",
        "loads": "virtu.scenario",
        "sampled_traits": "virtu.laboratory.simulate",
        "simulate": "virtu.laboratory.simulate",
        "summarise": "virtu.laboratory.summary",
        "sweep": "virtu.laboratory.sweep",
        "validate": "virtu.laboratory.validation",
        "when": "virtu.laboratory.when",
        "why": "virtu.laboratory.why",
    }

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
