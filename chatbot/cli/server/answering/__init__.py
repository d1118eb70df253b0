"""The bot and the worker processes that answer for a server, and the queue of the questions that wait for them."""
