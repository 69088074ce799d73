"""The package itself: what it offers, and that offering it costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import virtu

HEAVY = ("jax", "numpy", "xarray", "pyarrow", "altair", "pydantic")


def test_everything_offered_is_there() -> None:
    assert set(virtu.__all__) <= set(dir(virtu))
    assert all(callable(getattr(virtu, name)) for name in virtu.__all__ if name != "__version__")


def test_what_is_not_offered_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'symulate'"):
        getattr(virtu, "symulate")  # noqa: B009


def test_importing_the_package_loads_no_heavy_library() -> None:
    script = f"import sys, virtu; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"
