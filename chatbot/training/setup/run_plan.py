"""The plan of a run: its sizes, its limits, and the time and memory that it is expected to take."""

from chatbot.config import ModelConfig
from chatbot.corpus import Corpus
from chatbot.runs.events import Plan
from chatbot.training.data.training_data import TrainingData
from chatbot.training.setup.estimate import epoch_seconds, memory_bytes
from chatbot.training.setup.recipe_choice import Recipe


def make_plan(
    corpus: Corpus, model: ModelConfig, training_data: TrainingData, recipe: Recipe, parameters: int, devices: str
) -> Plan:
    """Describe what a run works on and what it will take.

    Args:
        corpus: The pairs.
        model: Shape of the model.
        training_data: The tokenized pairs.
        recipe: How the model is fitted.
        parameters: Trainable numbers of the model.
        devices: The devices, in words.

    Returns:
        The plan.
    """
    steps = training_data.count_batches(recipe.batch_tokens)
    expected = recipe.epochs * epoch_seconds(model, training_data, steps)
    return Plan(
        training_pairs=corpus.count,
        validation_pairs=len(corpus.validation),
        training_tokens=training_data.size.prompt_tokens + training_data.size.target_tokens,
        truncated_pairs=training_data.truncated,
        vocabulary_size=model.vocabulary_size,
        parameters=parameters,
        memory_bytes=memory_bytes(model, parameters, recipe.batch_tokens, len(corpus.sample)),
        steps_per_epoch=steps,
        epochs=recipe.epochs,
        max_seconds=recipe.max_seconds,
        expected_seconds=expected if recipe.max_seconds is None else min(expected, recipe.max_seconds),
        devices=devices,
    )
