"""Training pairs as token ids: tokenized, in shards, in batches."""
