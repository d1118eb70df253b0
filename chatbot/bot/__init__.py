"""The trained bot as Python sees it: prompts in, replies with their confidence out."""
