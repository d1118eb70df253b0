"""Answering: step models and the search over them, in numpy, without TensorFlow."""
