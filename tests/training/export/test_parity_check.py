from collections import Counter

import keras
import numpy as np
import pytest

from chatbot.bundle import KnownReply
from chatbot.config import EOS, ModelConfig
from chatbot.errors import TrainingError
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.export.litert_export import StepExport
from chatbot.training.export.parity_check import ParityCheck
from chatbot.training.export.weight_precision import choose_weights
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps
from tests.conftest import sixty_english
from tests.training.export.operations import computes_shapes


@pytest.fixture(scope="module")
def corpus():
    pairs = sixty_english()
    return pairs, Tokenizer.fit([text for pair in pairs for text in pair])


def with_strong_weights(tokenizer, **choices):
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, embedding_size=16, units=24, **choices)
    keras.utils.set_random_seed(2)  # one whose best tokens are not nearer to each other than the models are
    model = build_training_model(config)
    # Weights as large as trained ones, so that replies differ and errors would show.
    model.set_weights([weights * 4 for weights in model.get_weights()])
    return model, config


# The plain shape of each architecture, and that of two layers with attention, are held in `test_step_parity.py`.
every_part = pytest.mark.parametrize(
    "choices",
    [
        {"layers": 3},
        {"bidirectional": True},
        {"attention": "dot"},
        {"attention": "additive"},
        {"architecture": "gru"},
        {"layers": 2, "bidirectional": True, "attention": "additive"},
    ],
    ids=str,
)


@every_part
def test_litert_repeats_keras_for_every_part_of_a_model(corpus, tmp_path, choices):
    pairs, tokenizer = corpus
    model, config = with_strong_weights(tokenizer, known_replies=5, **choices)
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    assert not any(computes_shapes(file) for file in tmp_path.iterdir())
    parity = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config).check_parity(tmp_path)
    assert parity.prompts == parity.same_replies == 60
    assert 0 < parity.largest_difference <= 1e-3 < parity.tolerance


def test_an_export_that_differs_is_an_error(corpus, tmp_path):
    pairs, tokenizer = corpus
    model, config = with_strong_weights(tokenizer)
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    weights = model.get_weights()
    check = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config)
    for damage in (0.004, 0.1, np.nan):
        model.set_weights([weights[0], weights[1] + np.float32(damage), *weights[2:]])
        with pytest.raises(TrainingError, match="not the trained one"):
            check.check_parity(tmp_path)


def token_said_once(pairs, tokenizer):
    """A token that all prompts and replies have once together, within the last two of a reply."""
    texts = (text for pair in pairs for text in (fold(pair.prompt), pair.reply))
    said = Counter(token for text in texts for token in tokenizer.encode(text))
    last = (token for pair in pairs for token in tokenizer.encode(pair.reply)[-2:])
    return next(token for token in last if said[token] == 1)


def test_a_few_tokens_may_differ_by_more_than_is_usual_but_none_by_much(corpus, tmp_path):
    """A transformer amplifies its rounding at single tokens a hundredfold; fifteen minutes of training were lost."""
    pairs, tokenizer = corpus
    model, config = with_strong_weights(tokenizer)
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    check = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config)
    table = model.get_layer("token_embedding").embeddings
    exported, token = table.numpy(), token_said_once(pairs, tokenizer)

    def damage(size):
        changed = exported.copy()
        changed[token] += size
        table.assign(changed)

    damage(0.005)
    assert 1e-3 < check.check_parity(tmp_path).largest_difference < 0.05
    damage(1.0)
    with pytest.raises(TrainingError, match="not the trained one: of [0-9,]+ tokens [1-6] have a logit"):
        check.check_parity(tmp_path)


def undecided(config):
    """A model whose decoder says a token or ends: the two are nearer to each other than 8 bits tell apart."""
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    projection = model.get_layer("vocabulary_projection")
    kernel, bias = projection.get_weights()
    kernel[:, EOS + 1] = kernel[:, EOS] + 5e-4 * np.random.default_rng(0).normal(size=len(kernel))
    bias[:] = -10.0
    bias[[EOS, EOS + 1]] = 0.0
    projection.set_weights([kernel, bias])
    return model


def sizes(folder):
    return {file.name: file.stat().st_size for file in folder.iterdir()}


def test_int8_weights_that_change_the_replies_are_not_taken(corpus, tmp_path):
    pairs, tokenizer = corpus
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, embedding_size=16, units=24)
    model = undecided(config)
    export = StepExport(KerasSteps(model, config), config)
    export.write(tmp_path)
    before = sizes(tmp_path)
    comparison = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config)
    weights = choose_weights(export, config, tmp_path, comparison, comparison.check_parity(tmp_path))
    assert weights.int8_same_replies < 0.98 * 60
    assert (weights.kind, weights.same_replies, weights.prompts) == ("float32", 60, 60)
    assert sizes(tmp_path) == before


def test_int8_weights_are_judged_by_what_the_bot_says_where_that_is_a_recorded_reply(corpus, tmp_path):
    pairs, tokenizer = corpus
    known = tuple(dict.fromkeys(pair.reply for pair in pairs))
    config = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, embedding_size=16, units=24, known_replies=len(known)
    )
    model = undecided(config)  # but its memory is not
    for view in ("reply_scores", "bag_scores"):
        kernel = model.get_layer(view).kernel
        kernel.assign(40 * kernel)
    export = StepExport(KerasSteps(model, config), config)
    export.write(tmp_path)
    comparison = ParityCheck(
        KerasSteps(model, config), pairs, tokenizer, config, [KnownReply(reply) for reply in known]
    )
    weights = choose_weights(export, config, tmp_path, comparison, comparison.check_parity(tmp_path))
    assert comparison.count_same(tmp_path) < 0.98 * 60
    assert (weights.kind, weights.prompts) == ("int8", 60)
    assert weights.same_replies >= 0.98 * 60


def test_of_recorded_replies_the_right_ones_have_to_stay_and_no_others(corpus, tmp_path):
    pairs, tokenizer = corpus
    known = tuple(dict.fromkeys(pair.reply for pair in pairs))
    shape = {"vocabulary_size": tokenizer.vocabulary_size, "embedding_size": 16, "units": 24}
    config = ModelConfig(**shape, known_replies=len(known))
    replies = [KnownReply(reply, "all of them") for reply in known]
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
        model = undecided(config)
        for view in ("reply_scores", "bag_scores"):
            kernel = model.get_layer(view).kernel
            kernel.assign((40 if folder is folders[0] else -40) * kernel)
        StepExport(KerasSteps(model, config), config).write(folder)
    by_topic = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config, replies).compare(*folders)
    assert (by_topic.judged, by_topic.kept) == (60, 60)  # every reply is of the right topic
    assert by_topic.same < 10
    exact = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config, [KnownReply(reply) for reply in known])
    assert exact.compare(*folders).judged < 30  # nothing was learned
    assert exact.compare(folders[0], folders[0]).kept == exact.compare(*folders).judged


def test_int8_weights_that_change_nothing_take_the_place_of_the_others(corpus, tmp_path):
    pairs, tokenizer = corpus
    model, config = with_strong_weights(tokenizer, bidirectional=True)
    # One token is far likelier than the rest, whatever came before.
    bias = np.zeros(config.vocabulary_size, np.float32)
    bias[300] = 50
    model.get_layer("vocabulary_projection").bias.assign(bias)
    export = StepExport(KerasSteps(model, config), config)
    export.write(tmp_path)
    before = sizes(tmp_path)
    comparison = ParityCheck(KerasSteps(model, config), pairs, tokenizer, config)
    weights = choose_weights(export, config, tmp_path, comparison, comparison.check_parity(tmp_path))
    assert (weights.kind, weights.same_replies, weights.prompts) == ("int8", 60, 60)
    assert weights.int8_nats == pytest.approx(weights.float32_nats, rel=0.01)
    after = sizes(tmp_path)
    assert set(after) == set(before)
    assert all(after[name] < before[name] for name in after)
