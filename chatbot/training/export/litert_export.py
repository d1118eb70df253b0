"""The export of a trained Keras model to LiteRT step models."""

from pathlib import Path

import tensorflow as tf

from chatbot import bundle
from chatbot.config import ModelConfig
from chatbot.inference.litert.native_stderr import quiet_native_stderr
from chatbot.training.models.keras_steps import KerasSteps
from chatbot.training.models.step_models import build_step_models
from chatbot.training.type_aliases import KerasModel, TFFunction, TFModule


class StepExport:
    """The step models of a trained model, each traced once for both kinds of weights.

    `keras.Model.export` traces a model each time and loads what it has just saved. With that, the
    export took as long as the rest of a small training.
    """

    def __init__(self, keras: KerasSteps, config: ModelConfig) -> None:
        """Build and trace the step models.

        Args:
            keras: The trained model, with its view of n-grams if it has one.
            config: Its shape.
        """
        model, self._view = keras.network, keras.view
        steps = build_step_models(model, config, keras.view)
        self._steps = {f"{stem}.tflite": (_trace(step), _weights_of(step)) for stem, step in steps.items()}

    def write(self, folder: Path, *, int8: bool = False) -> None:
        """Write the step models of the model and what they read beside them, see `bundle.step_names`.

        They have the weights that the model has now.

        Args:
            folder: Where the files go.
            int8: Whether the weights are of 8 bits with a scale for each row, or float32. Sums and
                states are float32 either way.
        """
        if self._view is not None:
            self._view.features.ngrams.save(folder / bundle.NGRAMS)
            if self._view.features.vectors is not None:
                self._view.features.vectors.save(folder / bundle.WORD_VECTORS)
        for name in self._steps:
            self._write_step(folder, name, int8)

    def write_recall(self, folder: Path) -> None:
        """Write `recall.tflite` again, float32, with the weights that its view of n-grams has now.

        Args:
            folder: Where the file goes.
        """
        self._write_step(folder, bundle.RECALL, int8=False)

    def _write_step(self, folder: Path, name: str, int8: bool) -> None:
        function, weights = self._steps[name]
        with quiet_native_stderr():
            converter = tf.lite.TFLiteConverter.from_concrete_functions([function], weights)
            converter.optimizations = [tf.lite.Optimize.DEFAULT] if int8 else []
            (folder / name).write_bytes(converter.convert())


def _weights_of(step: KerasModel) -> TFModule:
    """The variables of a step model, in the form that the converter asks for."""
    module = tf.Module()
    module.weights = [variable.value for variable in step.variables]
    return module


def _trace(step: KerasModel) -> TFFunction:
    """The concrete function of a functional model, with the names of its inputs and outputs."""
    inputs = {tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype, tensor.name) for tensor in step.inputs}
    function = tf.function(lambda given: step(given, training=False), input_signature=[inputs], autograph=False)
    return function.get_concrete_function()
