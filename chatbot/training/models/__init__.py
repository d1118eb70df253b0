"""The Keras models: for training and for inference, with the reply memory and their layers."""
