"""The check of a `.tflite` file before LiteRT, which trusts the structure of its files, is given it."""
