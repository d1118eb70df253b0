"""TensorFlow, Keras and tensorflow-text, imported in one place and without their chatter.

Of TensorFlow's inner parts only those are named for which it has no public name.
"""

import os

from chatbot.inference.native_stderr import quiet_native_stderr
from chatbot.training.memory import keep_freed_memory

# Read by the libraries when they are imported. The backend is no choice here: the step models
# are exported through TensorFlow, whatever a person's keras.json says.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

keep_freed_memory()

with quiet_native_stderr():
    import keras
    import tensorflow as tf
    import tensorflow_text as tf_text
    from tensorflow.python.eager.context import context as tf_context

__all__ = ["keras", "tf", "tf_context", "tf_text"]
