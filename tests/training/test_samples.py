import numpy as np
import pytest

from chatbot.config import ModelConfig, ModelShape
from chatbot.corpus import Corpus, Pair
from chatbot.inference.step_model import DecoderState
from chatbot.tokenizer import Tokenizer
from chatbot.training.loop.samples import choose_samples, sampler
from chatbot.training.setup.initial_model import Start


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


REPLIES = ("We open at nine.", "Yes, on leads.")
TOKENIZER = Tokenizer.fit([*REPLIES, "when do you open?", "are dogs welcome?"])


class Babbler:
    """Recalls the reply of each prompt in turn, and decodes "w w w" whatever it is asked."""

    def encode(self, prompts):
        return DecoderState({"h1": np.zeros((len(prompts), 1), np.float32)})

    def encode_with_shares(self, prompts):
        return self.encode(prompts), np.array([[0.9, 0.1], [0.1, 0.9]], np.float32)[: len(prompts)]

    def step(self, tokens, state):
        logits = np.zeros((len(tokens), TOKENIZER.vocabulary_size), np.float32)
        logits[:, TOKENIZER.encode("w")[-1]] = 9.0
        return logits, state


@pytest.mark.parametrize(("known", "said"), [(REPLIES, list(REPLIES)), ((), [" ".join("w" * 30)] * 2)])
def test_a_sample_is_what_the_bot_would_say_and_a_decoder_that_babbles_shows_only_without_known_replies(known, said):
    shape = ModelShape(max_reply_tokens=30)
    start = Start(TOKENIZER, ModelConfig.of(shape, TOKENIZER.vocabulary_size, len(known)), known)
    asked = [Pair("when do you open?", REPLIES[0]), Pair("are dogs welcome?", REPLIES[1])]
    assert [sample.reply for sample in sampler(start, Babbler(), asked)()] == said
