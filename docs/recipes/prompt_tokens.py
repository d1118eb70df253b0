"""The token ids of a prompt, and its n-grams as number:weight, for step_models.c.

python prompt_tokens.py checkpoints/dialogs "how are you?"
"""

import sys
from pathlib import Path

from chatbot.bot.prompt import read_prompt
from chatbot.bundle import NGRAMS, TOKENIZER, Bundle
from chatbot.inference.ngram_features import NgramFeatures
from chatbot.tokenizer import Tokenizer

bundle = Bundle.open(Path(sys.argv[1]))
tokenizer = Tokenizer.load(bundle.files[TOKENIZER])
ids = read_prompt(sys.argv[2], tokenizer, bundle.model).ids
print(*ids, end=" ")
if NGRAMS in bundle.files:
    features = NgramFeatures.load(bundle.files[NGRAMS]).of([tokenizer.decode(ids)])
    pairs = zip(features.numbers[0], features.weights[0], strict=True)
    print(*(f"{number}:{weight:.9g}" for number, weight in pairs if number), end="")
print()
