"""The confidence in a reply: the probability that it is the one recorded for the prompt."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from chatbot import bundle
from chatbot.bot.calibration import Calibration, Lengths
from chatbot.bot.nearest_neighbour import NearestNeighbour
from chatbot.bundle import Bundle
from chatbot.errors import BundleError, ConfigError
from chatbot.files import Readable

#: Bounds the logit of a reply that is certain.
_LEAST_NATS = 1e-3
#: Neighbours among which the reply of the bot is looked for.
_NEIGHBOURS = 10


class Answer(NamedTuple):
    """A prompt and what the bot said to it.

    Attributes:
        prompt: Normalized, in lower case.
        prompt_tokens: Its length.
        reply: The text.
        log_probability: Sum of the natural log-probabilities of the reply's tokens and EOS.
    """

    prompt: str
    prompt_tokens: int
    reply: str
    log_probability: float


@dataclass(frozen=True)
class Confidence:
    """The calibrated confidence of a bot.

    Attributes:
        calibration: Of the bot.
        file: Its index, read when it is first needed; None without one.
    """

    calibration: Calibration
    file: Readable | None

    @classmethod
    def open(cls, source: Bundle) -> Self | None:
        """Read the confidence from a bundle.

        Args:
            source: The bundle.

        Returns:
            The confidence; None where the bundle has no calibration.

        Raises:
            BundleError: Its calibration is damaged, or does not fit its files.
        """
        described = source.manifest.get("confidence")
        if described is None:
            return None
        try:
            calibration = Calibration.from_json(described)
        except ConfigError as error:
            raise BundleError(f"{source.path / bundle.MANIFEST}: {error}; train again with --overwrite") from None
        if (calibration.neighbour_similarity is None) != (source.index is None):
            raise BundleError(
                f"{source.path / bundle.MANIFEST}: the confidence and {bundle.INDEX} do not fit;"
                " train again with --overwrite"
            )
        return cls(calibration, source.index)

    @cached_property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts.

        Raises:
            BundleError: See `NearestNeighbour.load`.
        """
        return None if self.file is None else NearestNeighbour.load(self.file)

    def of(self, answer: Answer) -> float:
        """The confidence of an answer, in 0..1."""
        index = self.index if self.calibration.neighbour_similarity is not None else None
        return self.calibration.probability(signals(answer, self.calibration.lengths, index))


def signals(
    answer: Answer, lengths: Lengths, index: NearestNeighbour | None, besides: str | None = None
) -> dict[str, float]:
    """Compute the signals of an answer by name; the larger, the likelier is the reply right.

    - `reply_logit`: -ln(-ln p) of the whole reply.
    - `prompt_length_z`: 0 for a prompt of usual length; for a longer one, minus its distance from the
      training prompts' mean in standard deviations of ln(tokens).
    - `neighbour_similarity`, with an index: cosine with the nearest training prompt.
    - `neighbour_agreement`, with an index: the largest cosine among the ten nearest with this very reply.

    Args:
        answer: The prompt and the reply.
        lengths: Of the training prompts.
        index: Of the training prompts, or None.
        besides: A training prompt that the index leaves out.

    Returns:
        The signals by name; those of an index only where there is one.
    """
    excess = (math.log(max(answer.prompt_tokens, 1)) - lengths.mean) / lengths.spread
    found = {
        "reply_logit": -math.log(_LEAST_NATS - min(answer.log_probability, 0.0)),
        "prompt_length_z": -max(excess, 0.0),
    }
    if index is not None:
        near = index.nearest(answer.prompt, _NEIGHBOURS + (besides is not None))
        near = [match for match in near if match.prompt != besides][:_NEIGHBOURS]
        found["neighbour_similarity"] = max((match.similarity for match in near), default=0.0)
        agreeing = (match.similarity for match in near if match.reply == answer.reply)
        found["neighbour_agreement"] = max(agreeing, default=0.0)
    return found
