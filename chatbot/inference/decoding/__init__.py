"""Decoding strategies: greedy search, beam search and sampling, token by token."""
