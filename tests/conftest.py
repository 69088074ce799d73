"""Strict numerics and run-time checks of annotations for every test, and where the shared data lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import jax
import pytest
from jaxtyping import install_import_hook

# Infinity never means anything here; NaN does: it marks a person who is not there. NumPy's own warnings are errors in pytest's settings.
jax.config.update("jax_debug_infs", True)
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")
# Annotations are checked while tests run, at no cost to users; the hook must stand before the first import of the package.
install_import_hook(["virtu.minds", "virtu.organisation", "virtu.street"], "beartype.beartype")


@pytest.fixture(scope="session", autouse=True)
def _catalogue_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the runs of tests out of the user's catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIRTU_CATALOGUE", str(tmp_path_factory.mktemp("catalogue") / "runs.sqlite"))
        yield


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of published tables that lies beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder does not lie beside this repository")
    return folder
