"""The plan of a search: the model, the settings and the constraints that it takes besides the prompts."""

from collections.abc import Sequence
from typing import NamedTuple

from chatbot.bot.reply.reply_restriction import RecordedReplies
from chatbot.bot.reply.text_constraints import build_text_constraints
from chatbot.config import DecodingConfig
from chatbot.errors import ConfigError
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.search_results import Search
from chatbot.inference.decoding.strategies import choose_strategy
from chatbot.inference.step_model import Remembering, StepModel
from chatbot.tokenizer import Tokenizer


class SearchPlan(NamedTuple):
    """The model, the settings and the constraints of a search.

    Attributes:
        model: Gives the logits; where only recorded replies are said, of those alone.
        decoding: The settings, complete.
        constraints: What a reply may say.
    """

    model: StepModel
    decoding: DecodingConfig
    constraints: Constraints

    def search(self, prompts: Sequence[Sequence[int]]) -> Search:
        """Search for the replies to prompts; see `chatbot.inference.decoding.search.search`.

        Args:
            prompts: Token ids of each prompt, at least one.

        Returns:
            The search.
        """
        return choose_strategy(self.decoding).search(self.model, prompts, self.decoding, self.constraints)


def plan_search(
    model: StepModel,
    tokenizer: Tokenizer,
    recorded: RecordedReplies | None,
    decoding: DecodingConfig,
    always_steps: bool = False,
) -> SearchPlan:
    """Plan a search.

    Args:
        model: Of the bot.
        tokenizer: Of the bot.
        recorded: Its recorded replies, if it has a set of them; a search that is not free says no others.
        decoding: The settings.
        always_steps: See `RecordedSteps`.

    Returns:
        The plan.

    Raises:
        ConfigError: The settings refuse every recorded reply, or vary those of a bot that has none.
    """
    if decoding.vary and recorded is None:
        raise ConfigError("vary draws among recorded replies, and this bot has no set of them; try temperature 0.8")
    if decoding.free or recorded is None or not isinstance(model, Remembering):
        allows = build_text_constraints(decoding, tokenizer.decode)
        return SearchPlan(model, decoding, Constraints(decoding, tokenizer.suppressed_ids, allows))
    constrained = recorded.constrain(model, decoding, always_steps)
    return SearchPlan(constrained, recorded.complete(decoding), Constraints(decoding))
