"""The parts of a chatbot from the files of a bundle."""

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.errors import BundleError, TokenizerError
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.tokenizer import Tokenizer


def load_tokenizer_and_model(source: Bundle) -> tuple[Tokenizer, LiteRTSteps]:
    """Load the tokenizer and the step models of a checked bundle.

    Args:
        source: The bundle.

    Returns:
        The tokenizer, and the step models with the same vocabulary.

    Raises:
        BundleError: A file is damaged, or they do not fit each other.
    """
    try:
        tokenizer = Tokenizer.load(source.files[bundle.TOKENIZER])
    except TokenizerError as error:
        raise BundleError(f"{error}; train again with --overwrite") from None
    model = LiteRTSteps(source.model, source.step_files, tokenizer.decode)
    sizes = {tokenizer.vocabulary_size, model.vocabulary_size, source.model.vocabulary_size}
    if len(sizes) > 1:
        raise BundleError(
            f"{source.files[bundle.TOKENIZER]}: has {tokenizer.vocabulary_size} pieces, but"
            f" {bundle.DECODER} has {model.vocabulary_size} and {bundle.MANIFEST} says"
            f" {source.model.vocabulary_size}; they belong to different bots, so train again with --overwrite"
        )
    told = (source.model.ngrams, source.model.word_vectors)
    names = ((bundle.NGRAMS, "n-grams"), (bundle.WORD_VECTORS, "words"))
    for (name, content), found, said in zip(names, model.features_seen, told, strict=True):
        if found != said:
            raise BundleError(
                f"{source.path / name}: has {found} {content}, but {bundle.MANIFEST} says {said}; they belong to"
                " different bots, so train again with --overwrite"
            )
    return tokenizer, model
