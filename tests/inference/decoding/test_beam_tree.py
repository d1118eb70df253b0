import pytest

from chatbot.config import DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.beam import BeamSearch
from chatbot.inference.decoding.beam_tree import ROOT, BeamTree, Fate
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search import n_best
from tests.inference.scripted import Signpost, ids, word

#: The likelier first letter leads to unlikely words: "xa." has 0.18, "go." 0.36.
TRAP = {"": {"x": 0.6, "g": 0.4}, "x": {"a": 0.3, "b": 0.3, "c": 0.3, "d": 0.1}, "g": {"o": 0.9, "i": 0.1}}


def grow(model, prompts=((0,),), number=0, **settings):
    """Words with their fates and ranks, and the replies."""
    config = DecodingConfig(**({"max_tokens": 20, "beam": 2, "length_penalty": 0.0} | settings))
    tree = BeamTree(config.beam, number)
    found = drain(BeamSearch().search(model, prompts, config, Constraints(config), tree))
    nodes = tree.nodes(found[number])
    words = [""] * len(nodes)
    for place, node in enumerate(nodes):
        words[place] = ("" if node.parent == ROOT else words[node.parent]) + word([node.token])
        assert len(words[place]) == node.step
    return dict(zip(words, nodes, strict=True)), found


def fates(tree):
    return {said: (node.fate, node.rank) for said, node in tree.items()}


def test_the_tree_shows_how_the_beam_left_the_trap_and_where_its_hypotheses_died():
    tree, _ = grow(Signpost(TRAP))
    # What follows "go" but its end has no probability worth mentioning.
    improbable = {said: fate for said, (fate, _) in fates(tree).items() if said.startswith("go") and len(said) == 3}
    del improbable["go."]
    assert set(improbable.values()) == {Fate.OUT_OF_REACH}
    assert {said: fate for said, fate in fates(tree).items() if said not in improbable} == {
        "x": (Fate.WENT_ON, None),
        "g": (Fate.WENT_ON, None),
        "go": (Fate.WENT_ON, None),
        "xa": (Fate.WENT_ON, None),
        "go.": (Fate.ENDED, 1),
        "xa.": (Fate.ENDED, 2),
    }
    assert tree["go."].score == pytest.approx(-1.0217, abs=1e-3)


def test_a_hypothesis_none_of_whose_continuations_is_among_the_best_was_crowded_out():
    letters = {"": {"a": 0.5, "b": 0.5}, "a": {"c": 0.5, "d": 0.5}, "b": dict.fromkeys("efghijklmn", 0.1)}
    tree, _ = grow(Signpost(letters))
    assert tree["b"].fate is Fate.CROWDED_OUT
    assert tree["a"].fate is Fate.WENT_ON
    assert not any(said.startswith("be") for said in tree)


def test_a_hypothesis_that_cannot_come_before_the_best_was_out_of_reach():
    tree, _ = grow(Signpost({"": {"a": 0.9, "b": 0.1}, "b": {"b": 1.0}}))
    known = {
        "a": (Fate.WENT_ON, None),
        "b": (Fate.WENT_ON, None),
        "a.": (Fate.ENDED, 1),
        "bb": (Fate.OUT_OF_REACH, None),
    }
    assert {said: fate for said, fate in fates(tree).items() if said in known} == known
    assert tree.keys() - known.keys() == {said for said in tree if said[0] == "a" and said[1:] not in ("", ".")}


def test_what_is_still_live_at_the_last_token_was_cut_and_is_a_reply():
    model = Signpost({"": {"a": 0.9, "b": 0.1}, **{"a" * n: {"a": 1.0} for n in range(1, 9)}})
    tree, found = grow(model, max_tokens=3, n_best=2)
    assert (tree["aaa"].fate, tree["aaa"].rank) == (Fate.CUT, 1)
    assert (tree["b."].fate, tree["b."].rank) == (Fate.ENDED, 2)
    assert tree["aaa"].score == found[0][0].score


def test_the_replies_and_their_scores_are_those_of_the_search():
    settings = {"beam": 4, "n_best": 3, "length_penalty": 0.8}
    tree, found = grow(Signpost(TRAP), **settings)
    ranked = {node.rank: (said, node.score) for said, node in tree.items() if node.rank}
    assert [ranked[rank] for rank in sorted(ranked)] == [(word(reply.tokens), reply.score) for reply in found[0]]


def test_another_prompt_beside_it_leaves_the_tree_as_it_is():
    alone, _ = grow(Signpost(TRAP, {"": {"a": 1.0}}))
    beside, _ = grow(Signpost(TRAP, {"": {"a": 1.0}}), prompts=[[1], [0]], number=1)
    assert fates(beside) == fates(alone)


def test_a_search_that_is_watched_finds_what_one_that_is_not_finds():
    config = DecodingConfig(beam=3, n_best=2, max_tokens=20)
    _, found = grow(Signpost(TRAP), beam=3, n_best=2, length_penalty=None)
    assert found == n_best(Signpost(TRAP), [[0]], config)


def test_what_the_rules_forbid_is_in_no_branch():
    config = DecodingConfig(beam=3, max_tokens=20)
    tree = BeamTree(3)
    drain(BeamSearch().search(Signpost(TRAP), [[0]], config, Constraints(config, ids("g")), tree))
    assert all(node.token != ids("g")[0] for node in tree.nodes([]))
