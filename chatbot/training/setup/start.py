"""What a run starts from: a new model and tokenizer, those of a bundle, or those of an interrupted run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.config import Architecture, ModelConfig, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import BundleError
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.candidate_replies import choose_known_replies
from chatbot.training.data.tokenized_pairs import Tokenized, TokenizedPairs, tokenize
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.objective.reply_memory import start_bag_from_ngrams
from chatbot.training.objective.shared_features import SharedFeatures


@dataclass(frozen=True)
class Start:
    """All that is known of a model before the pairs are tokenized.

    Attributes:
        tokenizer: Whose ids the model reads.
        config: The model's shape.
        known_replies: `config.known_replies` of them, in the order of the reply memory.
        weights: The file of the trained weights to go on from; None begins at random.
    """

    tokenizer: Tokenizer
    config: ModelConfig
    known_replies: tuple[str, ...] = ()
    weights: Path | None = None

    def tokenize(self, pairs: Sequence[Pair]) -> Tokenized:
        """Tokenize pairs for this model; see `chatbot.training.data.tokenized_pairs.tokenize`."""
        return tokenize(pairs, self.tokenizer, self.config, self.known_replies)

    def build_model(self, dropout: float, data: TokenizedPairs, features: SharedFeatures) -> Any:
        """Build the training model with its first weights.

        A new model expects each token as often as it stands in the replies of `data`, of a large
        corpus a sample, so that the first steps are not spent on learning which tokens are frequent.
        Pieces that are alike begin alike.

        Raises:
            BundleError: The weights are not those of such a model.
        """
        model = build_training_model(self.config, dropout)
        if self.weights is None:
            counts = np.bincount(data.targets.values, minlength=self.config.vocabulary_size) + 1.0
            model.get_layer("vocabulary_projection").bias.assign(np.log(counts / counts.sum()))
            if features.pieces is not None:
                start_bag_from_ngrams(model, features.pieces)
            return model
        try:
            model.load_weights(self.weights)
        except (ValueError, OSError, KeyError) as error:
            raise BundleError(
                f"{self.weights}: not the weights of its bundle's model ({error}); train without --init-from"
            ) from None
        return model


def new_start(corpus: Corpus, architecture: Architecture, training: TrainingConfig) -> Start:
    """Fit a tokenizer for a new model, and choose the replies that it is to know.

    Of a large corpus, the tokenizer is fitted on the sample.

    Raises:
        TokenizerError: See `Tokenizer.fit`.
    """
    texts = [text for prompt, reply in corpus.sample for text in (fold(prompt), reply)]
    tokenizer = Tokenizer.fit(texts, training.vocabulary_size, corpus.characters)
    known = choose_known_replies(corpus.blocks(), training.known_replies)
    return Start(tokenizer, ModelConfig.of(architecture, tokenizer.vocabulary_size, len(known)), known)


def start_from_bundle(path: Path) -> Start:
    """Take the tokenizer, the shape and the weights of a bundle.

    Raises:
        BundleError: It cannot be read, or its parts do not belong together.
    """
    opened = Bundle.open(path)
    file = opened.path / bundle.TOKENIZER
    tokenizer = Tokenizer.load(file)
    if tokenizer.vocabulary_size != opened.model.vocabulary_size:
        raise BundleError(f"{file}: not the tokenizer that the model was trained with; train without --init-from")
    count = opened.model.known_replies
    known = bundle.read_known_replies(opened.path / bundle.REPLIES, count) if count else ()
    return Start(tokenizer, opened.model, tuple(reply.text for reply in known), opened.path / bundle.KERAS_MODEL)
