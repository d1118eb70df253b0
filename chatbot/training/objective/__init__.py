"""The loss of candidate replies: reply memory, shared features, subword n-grams."""
