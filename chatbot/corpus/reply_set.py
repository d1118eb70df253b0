"""The rule by which the replies of a corpus are a set to choose from, as those of an FAQ and of small talk are.

In translation and open dialogue each prompt has a reply of its own, and there are thousands: a bot learns to compose
them. Of a few hundred pairs no bot learns that; the best that it can do is to choose the nearest of what was written.
"""

#: Replies of a set at most.
MOST_REPLIES = 4096
#: Pairs for each reply from which the replies are a set, and pairs in all below which any replies are one.
_FEWEST_PAIRS, _FEW = 1.1, 500


def is_reply_set(replies: int, pairs: int) -> bool:
    """Whether replies are a set to choose from. A single one leaves nothing to choose.

    Args:
        replies: Number of different ones.
        pairs: Number of pairs that have them.
    """
    return 1 < replies <= MOST_REPLIES and (pairs < _FEW or are_shared(replies, pairs))


def are_shared(replies: int, pairs: int) -> bool:
    """Whether more than a few replies have several prompts.

    Args:
        replies: Number of different ones.
        pairs: Number of pairs that have them.
    """
    return pairs >= _FEWEST_PAIRS * replies
