"""The index of the training prompts: nearest neighbours, and the baselines that learn from the same n-grams."""
