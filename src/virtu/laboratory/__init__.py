"""The laboratory: histories run, arms compared, effects measured."""
