"""A run as an RO-Crate (version 1.2): its files, and beside them what they are, what made them, and how to make them again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.errors import InputError
from virtu.record.directory import ABOUT, DATASET, EVENTS, MARKS

FILES: dict[str, tuple[str, str]] = {
    ABOUT: ("What was run, and what it found: scenario, seed, versions, machine, summary, and digests of all files", "application/json"),
    "report.html": ("Report with all figures, one page that stands alone", "text/html"),
    "comparison.json": ("What the comparison found", "application/json"),
    "sweep.csv": ("One row a point of the sweep", "text/csv"),
    "sweep.parquet": ("One row a point of the sweep", "application/vnd.apache.parquet"),
    "workbench.tar.gz": ("The sweep for the EMA workbench", "application/gzip"),
}
FOLDERS: dict[str, str] = {
    DATASET: "The histories: Zarr version 3",
    EVENTS: "The log of events: Parquet",
    MARKS: "Which histories are in which files, with their digests",
}
UNSTATED = "No licence was stated for these results. The software that made them is under the Apache License 2.0."
SOFTWARE = "https://spdx.org/licenses/Apache-2.0"


def check() -> None:
    """Raise InputError where the library that writes crates is missing."""
    try:
        import rocrate.rocrate  # noqa: F401
    except ImportError:
        raise InputError("an RO-Crate needs the library rocrate", "install it with: pip install 'virtu[crate]'") from None


def write(folder: Path, place: Path, about: Mapping[str, Any], figures: Mapping[Path, str], licence: str | None, title: str) -> None:
    """Write a crate.

    Parameters
    ----------
    folder : Path
        Where to; must not exist.
    place : Path
        The run directory, which is copied.
    about : mapping
        What its ``run.json`` says.
    figures : mapping
        Files of figures, and what they show.
    licence : str or None
        Of the results: an address or an SPDX identifier; None where none is stated.
    title : str
        Of the scenario.
    """
    from rocrate.model import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate()
    crate.name = f"{title}: a {about['kind']} of virtu"
    crate.description = f"{about['attrs']['histories']} simulated histories of the scenario {about['scenario']['name']}."
    crate.datePublished = about["finished"]
    crate.license = licence or UNSTATED
    results = [
        crate.add_file(place / name, name, properties={"name": said, "encodingFormat": form}) for name, (said, form) in _there(place)
    ]
    results += [crate.add_directory(place / name, name, properties={"name": FOLDERS[name]}) for name in FOLDERS if (place / name).is_dir()]
    for path, said in figures.items():
        form = "image/svg+xml"
        results.append(crate.add_file(path, f"figures/{path.name}", properties={"name": said, "encodingFormat": form, "@type": FIGURE}))
    entities = {
        f"#version-{name}": {"@type": "SoftwareApplication", "name": name, "softwareVersion": str(version)}
        for name, version in (about["versions"] or {}).items()
    }
    entities["#version-virtu"]["license"] = SOFTWARE
    scenario = {"name": about["scenario"]["name"], "sha256": about["scenario"]["sha256"], "text": about["scenario"]["text"]}
    entities["#scenario"] = {"@type": "CreativeWork", "name": title, "identifier": scenario["sha256"], "text": scenario["text"]}
    entities["#seed"] = {"@type": "PropertyValue", "name": "seed", "value": about["seed"]}
    design = {key: about["design"].get(key) for key in ("histories", "ticks", "arms")}
    entities |= {f"#{key}": {"@type": "PropertyValue", "name": key, "value": value} for key, value in design.items() if value is not None}
    known = {key: crate.add(ContextEntity(crate, key, properties=said)) for key, said in entities.items()}
    tools = [one for key, one in known.items() if key.startswith("#version-")]
    inputs = [one for key, one in known.items() if not key.startswith("#version-")]
    said = {"name": f"virtu {about['kind']}", "startTime": about["written"], "endTime": about["finished"]}
    crate.add_action(tools[0] if len(tools) == 1 else known["#version-virtu"], "#run", inputs, results, properties=said)
    crate.root_dataset["mentions"] = [*tools, known["#scenario"], known["#seed"]]
    crate.write(folder)


FIGURE = ["File", "ImageObject"]


def _there(place: Path) -> list[tuple[str, tuple[str, str]]]:
    return [(name, said) for name, said in FILES.items() if (place / name).is_file()]
