"""Parsers that several import formats share."""
