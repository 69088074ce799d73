"""What must be the same in two directories of one run, however each came about."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

TIMES = ("written", "finished", "timing", "record", "report", "files", "sha256", "compile_s", "run_s", "versions")
"""What tells of the making, not of the histories."""


def content(place: Path) -> dict[str, Any]:
    """Return the digest of every file of a run, and what its ``run.json`` says of the histories."""
    parts = (path for name in ("dataset.zarr", "events", "shards") for path in sorted((place / name).rglob("*")))
    files = {path.relative_to(place).as_posix(): sha256(path.read_bytes()).hexdigest() for path in parts if path.is_file()}
    about = json.loads((place / "run.json").read_text(encoding="utf-8"))
    assert not [path for path in place.rglob("*") if "partial" in path.name]
    return {"files": files, "about": _without_times(about)}


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in TIMES}
    return [_without_times(item) for item in value] if isinstance(value, list) else value
