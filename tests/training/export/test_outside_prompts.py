import numpy as np

from chatbot.training.export.outside_prompts import outside_prompts

SHOP = ["when do you open", "are you open on sunday", "how much is a loaf of bread", "do you take cards"]


def collect(known, similarity=lambda _: 0.0, seed=0):
    return outside_prompts(known, similarity, np.random.default_rng(seed))


def test_prompts_of_many_kinds_are_outside_none_of_them_known():
    prompts = collect([*SHOP, "what do llamas eat"])
    assert len(prompts) == len(set(prompts)) > 150
    assert not {*SHOP, "what do llamas eat"} & set(prompts)
    assert {"how tall is the highest mountain in peru", "asdfgh", "今天天气怎么样", "🙂"} < set(prompts)


def test_a_group_of_which_the_corpus_has_much_is_left_out_and_so_is_what_is_near():
    talk = {"how old are you", "are you married", "can you sing", "i feel lonely", "happy birthday"}
    few, many = collect(SHOP, lambda prompt: 0.7 * (prompt == "can you sing")), collect(SHOP, lambda one: one in talk)
    assert "can you sing" not in few
    assert "how old are you" in few
    assert not {"do you like jazz music?", *talk} & set(many)
    assert "what do llamas eat" in many


def test_some_are_made_of_the_words_of_the_corpus_always_the_same_by_one_seed():
    words = {word for prompt in SHOP for word in prompt.split()}
    made = [prompt for prompt in collect(SHOP) if set(prompt.split()) <= words]
    assert len(made) > 10
    assert collect(SHOP) == collect(SHOP) != collect(SHOP, seed=1)


def test_a_corpus_of_one_word_is_enough():
    assert len(collect(["hi"])) > 100
