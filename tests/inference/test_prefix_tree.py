import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chatbot.config import EOS
from chatbot.inference.prefix_tree import PrefixTree
from tests.inference.scripted import ids, word

REPLIES = ["go", "good", "goods", "bye", "", "good"]


def tree_of(*words):
    return PrefixTree({number: [*ids(one), EOS] for number, one in enumerate(words)})


def branches(tree, *nodes):
    """The branches of nodes, each a range and a depth in common, as words: their token and the range beneath."""
    first, last, depth = np.array([node[0] for node in nodes]), np.array([node[1] for node in nodes]), nodes[0][2]
    found = tree.branches(first, last, depth)
    return [
        (int(node), word([token]), int(begin), int(end))
        for node, token, begin, end in zip(found.node, found.token.tolist(), found.first, found.last, strict=True)
    ]


def test_equal_replies_are_one_and_the_end_of_a_reply_is_a_token():
    tree = tree_of(*REPLIES)
    assert (tree.replies, tree.longest) == (5, 6)
    # In the order of their tokens, EOS the first: "", "bye", "go", "good", "goods".
    assert branches(tree, (0, 5, 0)) == [(0, ".", 0, 1), (0, "b", 1, 2), (0, "g", 2, 5)]


def test_several_nodes_branch_at_once():
    tree = tree_of(*REPLIES)
    assert branches(tree, (2, 5, 2), (1, 2, 2)) == [(0, ".", 2, 3), (0, "o", 3, 5), (1, "e", 1, 2)]
    assert branches(tree, (3, 5, 4)) == [(0, ".", 3, 4), (0, "s", 4, 5)]


def test_shares_are_put_in_the_order_of_the_tree_and_those_of_equal_replies_are_added_up():
    tree = PrefixTree({number: [*ids(one), EOS] for number, one in enumerate(REPLIES) if one != "bye"})
    shares = np.array([[0.1, 0.2, 0.3, 0.05, 0.25, 0.1]], np.float32)
    np.testing.assert_allclose(tree.arrange(shares), [[0.25, 0.1, 0.3, 0.3]], rtol=1e-6)  # "", go, good, goods


@given(st.lists(st.text("abc", max_size=6), min_size=1, max_size=12))
def test_a_walk_from_the_root_comes_to_every_reply_and_to_nothing_else(words):
    tree = tree_of(*words)
    found, nodes, depth = [], [("", 0, tree.replies)], 0
    while nodes:
        spelled, first, last = zip(*nodes, strict=True)
        nodes = []
        ranges = [(begin, end, depth) for begin, end in zip(first, last, strict=True)]
        for node, letter, begin, end in branches(tree, *ranges):
            if letter == ".":
                assert end == begin + 1
                found.append(spelled[node])
            else:
                nodes.append((spelled[node] + letter, begin, end))
        depth += 1
    assert (sorted(found), depth) == (sorted(set(words)), tree.longest)
