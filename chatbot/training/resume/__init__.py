"""Saved runs: their contents, the time of a save, and the resumed state."""
