"""The export of a trained model: LiteRT step models and the files of a bundle."""
