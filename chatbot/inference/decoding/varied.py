"""The search of `--vary`: a beam whose replies are drawn among afterwards."""

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.beam import BeamSearch

#: Hypotheses to draw among at least.
BEAM = 8


class Varied(BeamSearch):
    """A beam search for several replies, of which the caller draws one."""

    name = "drawn among the recorded replies to a prompt"
    random = True
    setting = None

    def applies(self, config: DecodingConfig) -> bool:
        """See `Strategy.applies`."""
        return config.vary

    def describe(self, config: DecodingConfig) -> str:
        """See `Strategy.describe`."""
        del config
        return self.name
