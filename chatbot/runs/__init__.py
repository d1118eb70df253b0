"""A training run as seen without TensorFlow: its events, its folder, its forecast."""
