"""Saved runs: what is saved of a run, and when."""
