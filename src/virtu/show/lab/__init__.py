"""The page of the laboratory. What it shows and what it can ask for comes as arguments and callables; it runs nothing."""
