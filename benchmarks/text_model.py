"""The model of empathic concern that comes with virtu.

``python benchmarks/text_model.py FOLDER`` trains it anew on the published essays.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from virtu.inference import text
from virtu.laboratory.validation.effect_sizes import ESSAYS


def people(data: Path) -> tuple[list[str], np.ndarray]:
    """Return the essays of each person as one text, and the mean of the person's ratings of the own concern, 1 to 7."""
    essays: dict[str, list[str]] = defaultdict(list)
    rated: dict[str, list[float]] = defaultdict(list)
    with (data / ESSAYS).open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            essays[entry["response_id"]].append(entry["essay"])
            rated[entry["response_id"]].append(float(entry["empathy"]))
    names = sorted(essays)
    return ["\n".join(essays[name]) for name in names], np.array([np.mean(rated[name]) for name in names])


if __name__ == "__main__":
    model = text.trained(*people(Path(sys.argv[1])))
    text.SHIPPED.write_text(text.written(model), encoding="utf-8")
    print(f"r {model.r:.3f} ({model.low:.3f} to {model.high:.3f}) over {model.people} people, {len(model.words)} words")
