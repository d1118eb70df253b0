"""tensorflow-text, which tokenizes for training, and sentencepiece, which tokenizes for answering."""

import pytest

from chatbot.config import ModelConfig
from chatbot.corpus import Pair, read_pairs
from chatbot.text import fold, normalize
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.tokenized_pairs import tokenize
from tests.conftest import KOREAN, refuse, sixty_english

TEXTS = [
    "Hello, how are you today?",
    "NEVER seen CAPITALS & §igns",
    "안녕하세요! 오늘 날씨가 참 좋네요.",
    "뷁쉙 한글 드문 글자",
    "こんにちは、元気ですか。東京へ行きます",
    "👋 hi 😀 👩\u200d🚀 🇰🇷 👍🏽",
    "e\u0323\u0302 a\u0301 \u0e01\u0e34\u0e19 ก็",
    "שלום עולם \u200f123\u200e abc",
    "مرحبا كيف حالك \u202bRTL\u202c",
    "a" * 200,
    "...---...",
    "tab and\u00a0no-break",
]


@pytest.fixture(scope="module")
def tokenizer():
    pairs = [*sixty_english(), *read_pairs(KOREAN, refuse)]
    return Tokenizer.fit([text for pair in pairs for text in pair])


def test_both_give_the_same_ids(tokenizer):
    texts = [fold(normalize(text)) for text in [*TEXTS, *(text for pair in sixty_english() for text in pair)]]
    config = ModelConfig(vocabulary_size=tokenizer.vocabulary_size, max_prompt_tokens=1000, max_reply_tokens=1000)
    data = tokenize([Pair(text, "x") for text in texts], tokenizer, config)
    differing = []
    for text, prompt in zip(texts, data.prompts.to_list(), strict=True):
        if prompt != tokenizer.encode(text):
            # A tie between two segmentations may be broken differently, but not into another text.
            assert tokenizer.decode(prompt) == text
            differing.append(text)
    assert len(differing) <= 1, differing
