"""The step contract on LiteRT: interpreters, and the ways of stepping through a file."""
