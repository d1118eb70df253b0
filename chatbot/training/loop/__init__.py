"""The training loop: steps, validations, early stopping, sample replies."""
