"""The trained Keras model of a bundle, which a run begins with."""

import struct
import tempfile
import warnings
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from chatbot import bundle
from chatbot.bundle import Bundle, CheckedFile
from chatbot.config import ModelConfig
from chatbot.config.model_description import describe
from chatbot.errors import BundleError
from chatbot.text import excerpt
from chatbot.tokenizer import Tokenizer
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.type_aliases import KerasModel

#: Of a trained number in a Keras model.
_BYTES = 4
#: What Keras, zipfile and h5py raise at a file that was made up.
_UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, RuntimeError, AttributeError, ArithmeticError, EOFError),
    *(zipfile.BadZipFile, zlib.error, struct.error, UserWarning),
)


@dataclass(frozen=True)
class TrainedModel:
    """A trained model that is not loaded yet.

    Attributes:
        tokenizer: Of the model.
        config: Its shape, without the view of n-grams, which each run fits anew.
        weights: The file of its weights.
        option: The option that names the bundle, for messages.
    """

    tokenizer: Tokenizer
    config: ModelConfig
    weights: CheckedFile
    option: str

    @classmethod
    def of(cls, opened: Bundle, option: str) -> Self:
        """The model of a bundle.

        Args:
            opened: The bundle.
            option: That names it.

        Returns:
            The model.

        Raises:
            BundleError: The parts of the bundle do not belong together.
        """
        file = opened.files[bundle.TOKENIZER]
        tokenizer = Tokenizer.load(file)
        if tokenizer.vocabulary_size != opened.model.vocabulary_size:
            raise BundleError(f"{file}: not the tokenizer that the model was trained with; train without {option}")
        weights = opened.files[bundle.KERAS_MODEL]
        if weights.size < _BYTES * describe(opened.model).parameters:
            raise BundleError(f"{weights}: not the weights of its bundle's model (too few); train without {option}")
        return cls(tokenizer, replace(opened.model, ngrams=0, word_vectors=0), weights, option)

    def build(self, dropout: float) -> KerasModel:
        """Build the training model with these weights, from a copy of what was checked: Keras opens a file by its path.

        Args:
            dropout: The dropout rate.

        Returns:
            The model.

        Raises:
            BundleError: The weights are damaged, or not those of such a model.
        """
        model, content = build_training_model(self.config, dropout), self.weights.read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / bundle.KERAS_MODEL
            copy.write_bytes(content)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", UserWarning)  # of layers that it leaves as they are
                    model.load_weights(copy)
            except _UNREADABLE as error:
                said = excerpt(" ".join(str(error).split()))
                raise BundleError(
                    f"{self.weights}: not the weights of its bundle's model ({said}); train without {self.option}"
                ) from None
        return model
