"""The start of a run: a tokenizer, a model configuration and initial weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from chatbot import bundle
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.reply_restriction import RecordedReplies
from chatbot.bot.reply.search_plan import SearchPlan, plan_search
from chatbot.bundle import Bundle, Corrections, KnownReply
from chatbot.config import DecodingConfig, ModelConfig, ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.inference.step_model import StepModel
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.tokenized_pairs import Tokenized, TokenizedPairs, tokenize
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.objective.base_objective import Objective
from chatbot.training.objective.candidate_replies import CandidateReplies, add_known_replies, choose_known_replies
from chatbot.training.setup.base_language import Base
from chatbot.training.setup.trained_model import TrainedModel
from chatbot.training.type_aliases import KerasModel


@dataclass(frozen=True)
class Start:
    """The parts of a model that are known before the pairs are tokenized.

    Attributes:
        tokenizer: Of the model.
        config: Its shape.
        known_replies: `config.known_replies` of them, in the order of the reply memory.
        trained: The model that is trained further, which may know fewer replies; None for a new one.
        base: What a new model takes over of another; None for nothing.
        recorded: The pairs that the trained model has learned; None where the bundle has no index of them.
        topics: Of the known replies that have one, by reply.
        corrections: What the bot of the trained model was taught after its training.
    """

    tokenizer: Tokenizer
    config: ModelConfig
    known_replies: tuple[str, ...] = ()
    trained: TrainedModel | None = None
    base: Base | None = None
    recorded: tuple[Pair, ...] | None = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)

    def going_on_from(self, opened: Bundle) -> "Start":
        """This start with the pairs, the topics and the corrections of a bundle.

        Args:
            opened: The bundle.

        Returns:
            The start.

        Raises:
            BundleError: A file of the bundle is damaged.
        """
        topics = {reply.text: reply.topic for reply in _known_replies(opened) if reply.topic is not None}
        return replace(self, recorded=recorded_pairs(opened), topics=topics, corrections=Corrections.of(opened))

    def with_topics(self, topics: Mapping[str, str]) -> "Start":
        """This start with topics that take the place of its own where both name one.

        Args:
            topics: By reply, those of a corpus.

        Returns:
            The start.
        """
        return replace(self, topics={**self.topics, **topics})

    @property
    def candidates(self) -> tuple[KnownReply, ...]:
        """The known replies, with their topics."""
        return tuple(KnownReply(reply, self.topics.get(reply)) for reply in self.known_replies)

    def plan_search(self, steps: StepModel, decoding: DecodingConfig) -> SearchPlan:
        """Plan a search for the replies that a bot of this start would give.

        Args:
            steps: The step model.
            decoding: How the tokens are chosen.

        Returns:
            The plan; with known replies it finds those alone.
        """
        recorded = RecordedReplies(self.tokenizer, self.candidates) if self.known_replies else None
        return plan_search(steps, self.tokenizer, recorded, decoding)

    def objective(self, topics: Mapping[str, str]) -> Objective:
        """The objective: candidate replies for a model with known replies, teacher forcing alone for any other.

        Args:
            topics: By reply, those of the corpus.
        """
        if not self.known_replies:
            return Objective()
        return CandidateReplies.of(self.tokenizer, self.known_replies, topics)

    def tokenize(self, pairs: Sequence[Pair], objective: Objective) -> Tokenized:
        """Tokenize and label training pairs. See `chatbot.training.data.tokenized_pairs.tokenize`.

        Args:
            pairs: With normalized texts.
            objective: Makes the labels.

        Returns:
            The tokenized pairs.
        """
        return tokenize(pairs, self.tokenizer, self.config, objective.labels(pairs))

    def build_model(self, dropout: float, data: TokenizedPairs, objective: Objective) -> KerasModel:
        """Build the training model with its initial weights.

        The biases of a new model are the log frequencies of the tokens, so that the first steps are not spent on
        learning which are frequent.

        Args:
            dropout: The dropout rate.
            data: Training pairs, for the frequencies and the objective; a sample of a large corpus.
            objective: Sets first weights, too.

        Returns:
            The model.

        Raises:
            BundleError: The weights of the trained model or of the base are damaged, or not those of such a model.
        """
        if self.trained is None:
            model = build_training_model(self.config, dropout)
            counts = np.bincount(data.targets.values, minlength=self.config.vocabulary_size) + 1.0
            model.get_layer("vocabulary_projection").bias.assign(np.log(counts / counts.sum()))
            objective.initialize(model, data)
            if self.base is not None:
                self.base.lend(model)
            return model
        trained = self.trained.build(dropout)
        same = self.trained.config == self.config
        return trained if same else _grow(trained, build_training_model(self.config, dropout))


def _grow(trained: KerasModel, model: KerasModel) -> KerasModel:
    """Give a new model the weights of a trained one that knows fewer replies; what is new stays random.

    Args:
        trained: The trained model.
        model: A new model of the same layers.

    Returns:
        The new model.
    """
    for variable, known in zip(model.variables, trained.variables, strict=True):
        values = variable.numpy()
        values[tuple(map(slice, known.shape))] = known.numpy()
        variable.assign(values)
    return model


def new_start(corpus: Corpus, shape: ModelShape, training: TrainingConfig, base: Path | None = None) -> Start:
    """Fit a tokenizer for a new model, and choose its known replies.

    Args:
        corpus: The pairs; the tokenizer of a large corpus is fitted on its sample.
        shape: Of the model; that of the base, if there is one.
        training: The vocabulary size and the largest number of known replies.
        base: The folder of a bundle that the model takes its language from; None for none.

    Returns:
        The start.

    Raises:
        TokenizerError: See `Tokenizer.fit`.
        BundleError: The base cannot be read, or its parts do not belong together.
    """
    texts = [text for prompt, reply in corpus.sample for text in (fold(prompt), reply)]
    tokenizer = Tokenizer.fit(texts, training.vocabulary_size, corpus.characters)
    known = choose_known_replies(corpus.blocks(), training.known_replies)
    begins = None if base is None else Base.of(TrainedModel.of(Bundle.open(base), "--base"), tokenizer)
    return Start(tokenizer, ModelConfig.of(shape, tokenizer.vocabulary_size, len(known)), known, base=begins)


def start_from_bundle(path: Path, corpus: Corpus) -> Start:
    """Take the tokenizer, the shape and the weights of a bundle, and add the replies of a corpus to those it knows.

    Args:
        path: The folder of the bundle.
        corpus: The pairs.

    Returns:
        The start, with the file of its weights.

    Raises:
        BundleError: The bundle cannot be read, or its parts do not belong together.
    """
    opened = Bundle.open(path)
    trained = TrainedModel.of(opened, "--init-from")
    known = tuple(reply.text for reply in _known_replies(opened))
    if known:
        known = add_known_replies(known, corpus.blocks())
    config = replace(trained.config, known_replies=len(known))
    return Start(trained.tokenizer, config, known, trained).going_on_from(opened)


def _known_replies(opened: Bundle) -> tuple[KnownReply, ...]:
    count = opened.model.known_replies
    return bundle.read_known_replies(opened.files[bundle.REPLIES], count) if count else ()


def recorded_pairs(opened: Bundle) -> tuple[Pair, ...] | None:
    """The pairs that a bot has learned.

    Args:
        opened: The bundle.

    Returns:
        Prompts in lower case with their replies; None where the bundle has no index.

    Raises:
        BundleError: The index is damaged.
    """
    if bundle.INDEX not in opened.files:
        return None
    return tuple(Pair(*pair) for pair in NearestNeighbour.load(opened.files[bundle.INDEX]).pairs())
