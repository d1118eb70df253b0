"""The Keras models: for training, for inference, and their layers."""
