import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from chatbot.config import EOS, GO, PAD, ModelConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import TrainingError
from chatbot.tokenizer import Tokenizer
from chatbot.training.distributed.replicas import Devices, describe, uses_cudnn
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.objective.candidate_replies import UNKNOWN, CandidateReplies
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_broadcast import broadcast_run, receive_run
from chatbot.training.resume.saved_run import RunSetup
from chatbot.training.setup.initial_model import Start
from chatbot.training.setup.recipe_choice import Recipe
from tests.conftest import run_chatbot

SHAPE = ModelConfig(vocabulary_size=20, embedding_size=8, units=8, bidirectional=True, attention="dot", known_replies=3)
OBJECTIVE = CandidateReplies("abc", topics=np.array([0, 1, 0], np.int32))
#: So small a rate that it drops nothing, and yet draws for each vector.
DROPS_NOTHING = 1e-12


def batch(rows, rng):
    """Replies of one to five tokens, some of them known ones."""
    target = rng.integers(4, 20, (rows, 5), dtype=np.int32)
    lengths = rng.integers(1, 6, rows)
    target[np.arange(rows), lengths - 1] = EOS
    target[np.arange(5) >= lengths[:, None]] = PAD
    decoder_input = np.concatenate([np.full((rows, 1), GO, np.int32), target[:, :-1]], axis=1)
    return target, decoder_input, target, rng.integers(UNKNOWN, SHAPE.known_replies, rows, dtype=np.int32)


def learn(devices):
    """Steps on batches of several sizes, one of them smaller than the number of replicas, and a measurement."""
    rng = np.random.default_rng(0)
    batches = [batch(rows, rng) for rows in (4, 5, 1, 3)]
    keras.utils.set_random_seed(3)
    recipe = Recipe(precision="float32", word_dropout=0.2, weight_decay=0.1)
    with devices.scope():
        step = TrainingStep(build_training_model(SHAPE, DROPS_NOTHING), SHAPE, recipe, devices, OBJECTIVE)
    step.seed_dropout_per_replica()
    step.set_learning_rate(0.01)
    return step, [[float(value) for value in step.learn(*each)] for each in batches] + [
        [float(value) for value in step.measure(*batches[1])]
    ]


def two_replicas():
    """What a process of its own finds on two halves of a processor: `children/two_replicas.py`."""
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    devices = Devices(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
    step, figures = learn(devices)
    copies = [[np.asarray(copy).tolist() for copy in weight.value.values] for weight in step.model.trainable_variables]
    generators = [each.value.values for each in step.model.non_trainable_variables]
    return {
        "replicas": devices.replicas,
        "figures": figures,
        "copies": copies,
        "generators": [[np.asarray(copy).tolist() for copy in each] for each in generators],
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    done = run_chatbot(["train"], tmp_path_factory.mktemp("replicas"), module="two_replicas")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_replicas_take_the_steps_that_one_takes_on_the_whole_batch(found):
    alone, figures = learn(Devices())
    assert found["replicas"] == 2
    for together, by_one in zip(found["figures"], figures, strict=True):
        assert together == pytest.approx(by_one, rel=1e-5)
    for one, (first, _) in zip(alone.model.trainable_variables, found["copies"], strict=True):
        np.testing.assert_allclose(first, one, atol=1e-5)


def test_the_replicas_have_the_very_same_weights(found):
    assert all(first == second for first, second in found["copies"])


def test_each_replica_drops_other_vectors(found):
    assert found["generators"]
    assert all(first != second for first, second in found["generators"])


def test_an_lstm_of_cudnn_is_seen_in_the_graph_and_that_of_the_processor_is_not_one():
    @tf.function(input_signature=[tf.TensorSpec((7, 2, 4))])
    def cudnn(sequences):
        state = tf.zeros((1, 2, 4))
        return tf.raw_ops.CudnnRNNV3(
            input=sequences, input_h=state, input_c=state, params=tf.zeros(200), sequence_lengths=[7, 7]
        )[0]

    @tf.function(input_signature=[tf.TensorSpec((7, 2, 4))])
    def in_a_branch(sequences):
        return tf.cond(tf.reduce_sum(sequences) > 0, lambda: cudnn(sequences), lambda: sequences)

    assert uses_cudnn(cudnn.get_concrete_function())
    assert uses_cudnn(in_a_branch.get_concrete_function())
    step = TrainingStep(build_training_model(SHAPE), SHAPE, Recipe(precision="float32"), Devices())
    assert not uses_cudnn(step.teach.get_concrete_function())


def test_without_a_gpu_a_run_says_that_it_is_on_the_cpu():
    devices = Devices()
    assert describe(devices, None) == "CPU"


PAIRS = Corpus.of([Pair("hi", "hello"), Pair("bye", "see you")], [])


class Wire(Devices):
    """Carries what the chief says to a worker in the same process."""

    def __init__(self):
        super().__init__()
        self.workers, self.said = 2, b""

    def broadcast(self, message):
        self.said = message or self.said
        return self.said


def test_a_worker_takes_the_tokenizer_the_shape_the_known_replies_and_the_recipe_from_the_chief():
    tokenizer = Tokenizer.fit(["hi hello", "bye see you"])
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, known_replies=2)
    told = RunSetup(Start(tokenizer, config, ("hello", "see you")), Recipe(epochs=7))
    wire = Wire()
    broadcast_run(wire, PAIRS, told)
    heard = receive_run(wire, PAIRS)
    assert (heard.start.config, heard.start.known_replies, heard.recipe) == (config, ("hello", "see you"), told.recipe)
    assert heard.start.tokenizer.model == tokenizer.model


def test_a_worker_with_other_pairs_says_so_and_what_to_do():
    tokenizer = Tokenizer.fit(["hi hello", "bye see you"])
    wire = Wire()
    broadcast_run(wire, PAIRS, RunSetup(Start(tokenizer, ModelConfig(vocabulary_size=300)), Recipe()))
    with pytest.raises(TrainingError, match="other pairs than the chief; give it the same files"):
        receive_run(wire, Corpus.of(PAIRS.sample[::-1], []))
