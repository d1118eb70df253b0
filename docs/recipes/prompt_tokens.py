"""The token ids of a prompt, its n-grams as number:weight, and the features of its word vectors as 0:feature.

python prompt_tokens.py checkpoints/dialogs "how are you?"
"""

import sys
from pathlib import Path

from chatbot.bot.reply.prompt import read_prompt
from chatbot.bundle import NGRAMS, TOKENIZER, WORD_VECTORS, Bundle
from chatbot.inference.ngram_features import PromptFeatures
from chatbot.tokenizer import Tokenizer

bundle = Bundle.open(Path(sys.argv[1]))
tokenizer = Tokenizer.load(bundle.files[TOKENIZER])
ids = read_prompt(sys.argv[2], tokenizer, bundle.model).ids
print(*ids, end=" ")
if NGRAMS in bundle.files:
    files = bundle.files[NGRAMS], bundle.files.get(WORD_VECTORS)
    features = PromptFeatures.load(*files, tokenizer.decode).of([tokenizer.decode(ids)])
    pairs = zip(features.numbers[0], features.weights[0], strict=True)
    print(*(f"{number}:{weight:.9g}" for number, weight in pairs if number), end=" ")
    if features.vectors is not None:
        print(*(f"0:{feature:.9g}" for feature in features.vectors[0]), end="")
print()
