"""Training and export: the only part of the package that names TensorFlow and Keras."""
