"""The command line: Typer options to configurations, errors to exit codes."""

from chatbot.cli.app import app, main

__all__ = ["app", "main"]
