"""Progress of what is asked from Python, as a bar in a notebook or a line in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def progress(title: str = "histories") -> Callable[[int, int], None]:
    """Return what shows the progress of a run: a bar in a notebook, a line in a terminal.

    Parameters
    ----------
    title : str
        What is counted.

    Returns
    -------
    callable
        For the argument ``progress`` of the functions of virtu; a new one for every run.
    """
    from tqdm.auto import tqdm

    bar: list[Any] = []

    def advance(done: int, total: int) -> None:
        if not bar:
            bar.append(tqdm(total=total, desc=title))
        bar[0].update(done - bar[0].n)
        if done >= total:
            bar[0].close()

    return advance
