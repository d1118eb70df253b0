"""The setup of a run: what it starts from, and the choices that were left open."""
