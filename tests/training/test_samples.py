import pytest

from chatbot.corpus import Corpus, Pair
from chatbot.training.loop.samples import choose_samples


def pairs(count, word="prompt"):
    return [Pair(f"{word} {number}", f"reply {number}") for number in range(count)]


def test_of_many_held_out_prompts_thirty_two_are_asked_and_three_from_all_over_come_first():
    chosen = choose_samples(Corpus.of(pairs(50), pairs(320, "held out")))
    assert len(chosen) == len(set(chosen)) == 32
    assert all(pair.prompt.startswith("held out") for pair in chosen)
    assert [pair.prompt for pair in chosen[:3]] == ["held out 0", "held out 100", "held out 210"]


def test_where_few_are_held_out_known_prompts_are_asked_too():
    chosen = choose_samples(Corpus.of(pairs(280), pairs(4, "held out")))
    assert len(chosen) == 32
    assert sum(pair.prompt.startswith("held out") for pair in chosen) == 4
    assert [pair.prompt for pair in chosen[:3]] == ["held out 0", "held out 1", "held out 2"]


@pytest.mark.parametrize(("training", "validation", "asked"), [(1, 0, 1), (2, 1, 3), (40, 0, 32)])
def test_a_small_corpus_is_asked_whole(training, validation, asked):
    chosen = choose_samples(Corpus.of(pairs(training), pairs(validation, "held out")))
    assert len(chosen) == len(set(chosen)) == asked


def test_a_prompt_is_asked_once_though_it_is_on_both_sides_or_has_several_replies():
    training = [Pair("hi", "Hello."), Pair("hi", "Hey."), Pair("bye", "Goodbye.")]
    assert [pair.prompt for pair in choose_samples(Corpus.of(training, [Pair("hi", "Yo.")]))] == ["hi", "bye"]
