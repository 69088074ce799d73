"""How the pages become a site: ``make docs``, then open ``build/site/index.html``."""

from __future__ import annotations

import virtu

project = "virtu"
author = copyright = "The virtu contributors"
version = release = virtu.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["images"]
html_theme = "furo"
html_title = "virtu"

myst_heading_anchors = 4
# What a docstring calls its sections stands as it is; shapes and ranges are prose, not types to link.
napoleon_custom_sections = [("Main arguments", "params_style"), ("Other arguments", "params_style")]
napoleon_numpy_docstring = True
napoleon_google_docstring = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
