"""The command line: one command per use case; each translates and calls one function."""

from workbench.cli.main import main

__all__ = ["main"]
