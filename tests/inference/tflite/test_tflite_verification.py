"""The promise that a step model that was made to end the process is refused, and that no real one is."""

import json
import random
import shutil
import struct

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as tflite

from chatbot.bundle import BACKWARD, DECODER, ENCODER, MANIFEST, RECALL
from chatbot.bundle.checked_file import describe
from chatbot.inference.tflite.operator_rules import RULES
from chatbot.inference.tflite.tflite_verification import verify
from tests.conftest import run_chatbot

STEPS = [ENCODER, DECODER, BACKWARD, RECALL]


@pytest.fixture
def model(english_bundle):
    """The encoder, to be changed at will."""
    model = tflite.ModelT.InitFromPackedBuf((english_bundle / ENCODER).read_bytes(), 0)
    for one in model.subgraphs[0].operators:  # which are NumPy's views of the file
        one.inputs, one.outputs = list(one.inputs), list(one.outputs)
    return model


def packed(model):
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize("name", STEPS)
def test_step_models_of_int8_are_taken(english_bundle, name):
    verify((english_bundle / name).read_bytes())


@pytest.mark.parametrize("name", STEPS)
def test_step_models_of_float32_are_taken(bare_bundle, name):
    if (bare_bundle / name).exists():
        verify((bare_bundle / name).read_bytes())


def test_a_model_that_was_packed_again_is_taken(model):
    verify(packed(model))


def test_the_rules_have_the_numbers_and_names_of_the_schema():
    assert {rule.name: code for code, rule in RULES.items()} == {
        rule.name: getattr(tflite.BuiltinOperator, rule.name) for rule in RULES.values()
    }


def graph(model):
    return model.subgraphs[0]


def operator(model, name):
    code = getattr(tflite.BuiltinOperator, name)
    numbers = [number for number, one in enumerate(model.operatorCodes) if one.builtinCode == code]
    return next(one for one in graph(model).operators if one.opcodeIndex in numbers)


def left_out(model):
    operator(model, "SPLIT").inputs[0] = -1


def beyond(model):
    operator(model, "ADD").inputs[0] = len(graph(model).tensors)


def later(model):
    first, last = graph(model).operators[0], graph(model).operators[-1]
    first.inputs[-1] = last.outputs[0]


def written_twice(model):
    first, last = graph(model).operators[0], graph(model).operators[-1]
    last.outputs[0] = first.outputs[0]


def one_output_less(model):
    split = operator(model, "SPLIT")
    split.outputs = split.outputs[:-1]


def other_axis(model):
    operator(model, "CONCATENATION").builtinOptions.axis = 7


def other_options(model):
    operator(model, "ADD").builtinOptionsType = tflite.BuiltinOptions.MulOptions
    operator(model, "ADD").builtinOptions = tflite.MulOptionsT()


def shuffled_weights(model):
    operator(model, "FULLY_CONNECTED").builtinOptions.weightsFormat = 1


def other_code(model):
    model.operatorCodes[0].builtinCode = tflite.BuiltinOperator.WHILE


def custom_code(model):
    model.operatorCodes[0].customCode = "mine"


def no_code(model):
    graph(model).operators[0].opcodeIndex = 999


def short_buffer(model):
    buffer = next(one for one in model.buffers if one.data is not None and len(one.data) > 100)
    buffer.data = buffer.data[:100]


def buffer_beyond(model):
    graph(model).tensors[3].buffer = 10**6


def buffer_elsewhere(model):
    model.buffers[1].offset, model.buffers[1].size = 10**9, 10**9


def other_type(model):
    graph(model).tensors[-1].type = tflite.TensorType.STRING


def negative_shape(model):
    graph(model).tensors[-1].shape = [-5, 4]


def huge_input(model):
    for tensor in graph(model).tensors:
        if tensor.shapeSignature is not None and len(tensor.shape) == 2:
            tensor.shape, tensor.shapeSignature = [1, 2**30], [-1, 2**30]


def sparse(model):
    graph(model).tensors[3].sparsity = tflite.SparsityParametersT()


def variable(model):
    graph(model).tensors[-1].isVariable = True


def many_scales(model):
    tensor = next(one for one in graph(model).tensors if one.type == tflite.TensorType.INT8)
    tensor.quantization.scale = [0.5] * 3
    tensor.quantization.zeroPoint = [0] * 3


def zero_points(model):
    tensor = next(one for one in graph(model).tensors if one.type == tflite.TensorType.INT8)
    tensor.quantization.zeroPoint = [7] * len(tensor.quantization.zeroPoint)


def no_scales(model):
    tensor = next(one for one in graph(model).tensors if one.type == tflite.TensorType.INT8)
    tensor.quantization = None


def two_graphs(model):
    model.subgraphs = model.subgraphs * 2


def no_signature(model):
    model.signatureDefs = []


def signature_of_constants(model):
    model.signatureDefs[0].inputs[0].tensorIndex = 4


DAMAGES = [
    *(left_out, beyond, later, written_twice, one_output_less, other_axis, other_options, shuffled_weights, other_code),
    *(custom_code, no_code, short_buffer, buffer_beyond, buffer_elsewhere, other_type, negative_shape, huge_input),
    *(sparse, variable, many_scales, zero_points, no_scales, two_graphs, no_signature, signature_of_constants),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_model_of_another_make_is_refused(model, damage):
    damage(model)
    with pytest.raises(ValueError, match="."):
        verify(packed(model))


def test_bytes_that_were_changed_or_cut_are_refused_or_taken_and_nothing_else(english_bundle):
    """Each of a thousand damages either leaves a model whose structure holds, or is a ValueError."""
    content = (english_bundle / ENCODER).read_bytes()
    draw, refused = random.Random(5), 0
    for _ in range(1000):
        damaged = bytearray(content)
        place = 4 * draw.choice((draw.randrange(1500), len(content) // 4 - 1 - draw.randrange(1500)))
        struct.pack_into("<I", damaged, place, draw.choice((0, 1, 2**31, 2**32 - 1, draw.randrange(2**32))))
        try:
            verify(bytes(damaged[: draw.choice((len(content), draw.randrange(len(content))))]))
        except ValueError:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"\0\0\0\0TFL3", b"\xff\xff\xff\xffTFL3" * 9])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(ValueError, match="."):
        verify(content)


def test_a_bundle_that_would_end_the_process_is_refused_in_one_line(english_bundle, tmp_path, model):
    place = shutil.copytree(english_bundle, tmp_path / "bot")
    left_out(model)
    (place / ENCODER).write_bytes(packed(model))
    manifest = json.loads((place / MANIFEST).read_text())
    manifest["files"][ENCODER] = describe(place / ENCODER)
    (place / MANIFEST).write_text(json.dumps(manifest))
    done = run_chatbot(["reply", "hello", "--checkpoint", place], tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "encoder.tflite: not a LiteRT model (operator " in done.stderr
