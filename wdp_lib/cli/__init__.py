"""The command ``wdp``: nothing heavy is imported before a task is known."""

from wdp_lib.cli.command import main

__all__ = ["main"]
