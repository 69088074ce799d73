"""Parts of a long computation, kept as they are finished, so that one that is killed goes on where it was and ends the same bit for bit.

A folder holds the design of the computation and a file for each part. Files are written beside their place and moved into it when they are
whole, so that a part is there or it is not. Every file is an uncompressed zip of NumPy arrays, whose checksums are compared on reading; a
damaged part is computed again. Parts of another design are refused: numbers of two computations never mix.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from virtu.errors import InputError, Place, RunError
from virtu.record.export import replacing

DESIGN = "design.json"
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, RuntimeError, SyntaxError, TypeError)
"""What reading damaged bytes as a zip of arrays can raise."""


class Parts:
    """The folder of a computation.

    Parameters
    ----------
    folder : Path
        Where it is or is to be.
    design : mapping
        Ready for JSON: everything on which the parts depend.

    Raises
    ------
    InputError
        If the folder holds parts of another design.
    RunError
        If the disk refuses.
    """

    def __init__(self, folder: Path, design: Mapping[str, Any]) -> None:
        self.folder = folder
        self.damaged = 0
        """Parts that were found damaged, and so computed again."""
        text = json.dumps(design, ensure_ascii=False, sort_keys=True, allow_nan=False)
        self._mark = hashlib.sha256(text.encode()).hexdigest()
        path = folder / DESIGN
        if path.exists():
            _compare(path, design)
        else:
            with replacing(path) as partial:
                partial.write_text(text + "\n", encoding="utf-8")

    def get(self, name: str) -> dict[str, np.ndarray] | None:
        """Return the arrays of a part, or None where it is not there, or not whole."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                mark, names = str(file["design"]), file["names"].tolist()
                found = {str(key): file[f"array {number}"] for number, key in enumerate(names)}
        except UNREADABLE:
            mark, found = "", {}
        if mark != self._mark:
            self.damaged += 1
            return None
        return found

    def put(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep a part: whole, or not at all."""
        with replacing(self._path(name)) as partial, partial.open("wb") as file:
            numbered: dict[str, Any] = {f"array {number}": values for number, values in enumerate(arrays.values())}
            np.savez(file, design=np.array(self._mark), names=np.array(list(arrays), str), **numbered)
            file.flush()
            os.fsync(file.fileno())

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npz"


def _compare(path: Path, design: Mapping[str, Any]) -> None:
    """Refuse a folder of another design, and say what differs."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"the design of the parts cannot be read: {error}", "choose another directory", Place(str(path))) from error
    wanted = json.loads(json.dumps(design))
    keys = {*kept, *wanted} if isinstance(kept, dict) else set()
    apart = sorted(key for key in keys if kept.get(key) != wanted.get(key))
    if kept != wanted:
        hint = "choose another directory, or ask for the same again"
        raise InputError(f"the directory holds parts of another computation: {', '.join(apart) or 'all'} differ", hint, Place(str(path)))
