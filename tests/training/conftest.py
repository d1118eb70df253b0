"""TensorFlow as the tests of `chatbot.training` have it: set up before any of its modules is imported."""

from chatbot.training.backend import setup_backend

setup_backend()
