"""A reply: the search for it, what may be said, its confidence, and its pieces as they come."""
