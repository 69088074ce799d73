"""Puts runs of claims on the page `claims.md`: ``python docs/claims.py DIR...``, each a directory of ``virtu claims --out DIR``.

Where a claim is in several runs, the last counts. What stands outside the marks of the page is written by hand.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from virtu.show import claim_page

HERE = Path(__file__).parent


def main(directories: list[str]) -> None:
    """Refresh the page."""
    refreshed = runpy.run_path(str(HERE / "tables.py"))["refreshed"]
    results = [json.loads((Path(one) / "claims.json").read_text(encoding="utf-8")) for one in directories]
    page = HERE / "claims.md"
    page.write_text(refreshed(page.read_text(encoding="utf-8"), {"claims": claim_page.body(results)}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
