"""The trained bot in Python: prompts in, replies with their confidence out."""
