"""The verification of a `.tflite` file: one graph of known operators, whose tensors are of the sizes that come of them.

LiteRT itself reads such a file without a look at its bounds, so that one that was made to can end the process.
"""

import math
from collections.abc import Sequence

from chatbot.inference.tflite.flatbuffer_reader import FlatBufferReader, Table
from chatbot.inference.tflite.operands import ANY, BYTES, INT8, Operand, Operation, fit, known_numbers
from chatbot.inference.tflite.operator_rules import RULES, Rule
from chatbot.inference.tflite.tflite_schema import IDENTIFIER, MODEL

#: The input of an operator that is left out.
_NONE = -1
#: Numbers of a tensor for each row and each token that the model is run with, at most.
_MOST_NUMBERS = 1 << 20
_MOST_DIMENSIONS = 4
#: Tensors, operators and buffers of a graph, at most.
_MOST_PARTS = 4096


def verify(content: bytes) -> None:
    """Verify a file.

    Args:
        content: The whole of it.

    Raises:
        ValueError: It is none that LiteRT can be given; the message says what it has.
    """
    if content[4:8] != IDENTIFIER:
        raise ValueError("not a .tflite file")
    model = FlatBufferReader(content).read(MODEL)
    if not (len(model["subgraphs"]) == len(model["signatures"]) == 1):
        raise ValueError(f"{len(model['subgraphs'])} graphs with {len(model['signatures'])} signatures")
    if any(one["buffer"] >= len(model["buffers"]) for one in model["metadata"]):
        raise ValueError("metadata in a buffer that is not there")
    (graph,), (signature,) = model["subgraphs"], model["signatures"]
    if max(map(len, (graph["tensors"], graph["operators"], model["buffers"]))) > _MOST_PARTS:
        raise ValueError(f"more than {_MOST_PARTS} parts")
    tensors = [_operand(number, one, model["buffers"]) for number, one in enumerate(graph["tensors"])]
    _check_signature(signature, graph, tensors)
    _check_graph(graph, tensors, [_rule(code) for code in model["operator_codes"]])


def _rule(code: Table) -> Rule:
    number = max(code["code"], code["code_before_2020"])
    if number not in RULES:
        raise ValueError(f"operator {number}, which no step model uses")
    return RULES[number]


def _operand(number: int, tensor: Table, buffers: Sequence[Table]) -> Operand:
    """A tensor as it is declared."""
    kind, shape = tensor["type"], tensor["shape"]
    sizes = shape if tensor["sizes"] is None else tensor["sizes"]
    if kind not in BYTES or tensor["buffer"] >= len(buffers) or len(shape) > _MOST_DIMENSIONS:
        raise ValueError(f"tensor {number}: of type {kind} with {len(shape)} dimensions in buffer {tensor['buffer']}")
    data = buffers[tensor["buffer"]]["data"]
    fits = len(sizes) == len(shape) and all(
        size == declared or (size, declared) == (ANY, 1) for size, declared in zip(sizes, shape, strict=False)
    )
    if not fits or any(size < 1 for size in shape):
        raise ValueError(f"tensor {number}: of shape {shape} and of sizes {sizes}")
    if data and len(data) != math.prod(shape) * BYTES[kind]:
        raise ValueError(f"tensor {number}: of shape {shape} in {len(data)} bytes")
    return Operand(kind, sizes, data or None, _scales(number, tensor))


def _scales(number: int, tensor: Table) -> int:
    """The number of scales of a tensor: one, or one for each row."""
    quantization = tensor["quantization"]
    scales, zeros = ((), ()) if quantization is None else (quantization["scale"], quantization["zero_point"])
    expected = {1, *tensor["shape"][:1]} if tensor["type"] == INT8 else {0}
    if len(scales) not in expected or len(zeros) != len(scales) or any(zeros):
        raise ValueError(f"tensor {number}: {len(scales)} scales and {len(zeros)} zero points for {tensor['shape']}")
    if quantization is not None and quantization["dimension"] != 0:
        raise ValueError(f"tensor {number}: scales along dimension {quantization['dimension']}")
    return len(scales)


def _check_signature(signature: Table, graph: Table, tensors: Sequence[Operand]) -> None:
    """Check that a signature names the inputs and outputs of a graph, each once."""
    for side in ("inputs", "outputs"):
        named = sorted(one["tensor"] for one in signature[side])
        names = {one["name"] for one in signature[side]}
        if signature["subgraph"] or not named or named != sorted(graph[side]) or len(names) < len(set(named)):
            raise ValueError(f"a signature with other {side} than its graph")
        if named[-1] >= len(tensors) or any(not tensors[one].sizes or tensors[one].sizes[0] != ANY for one in named):
            raise ValueError(f"{side} that are no rows")
    if len(set(graph["inputs"])) < len(graph["inputs"]):
        raise ValueError("an input twice")


def _check_graph(graph: Table, tensors: Sequence[Operand], rules: Sequence[Rule]) -> None:
    """Check that each operator takes what is known by then, and writes what its rule says, once."""
    known = {number: tensor for number, tensor in enumerate(tensors) if tensor.data is not None}
    if known.keys() & set(graph["inputs"]):
        raise ValueError("a constant as an input")
    known |= {number: tensors[number] for number in graph["inputs"]}
    for place, operator in enumerate(graph["operators"]):
        if operator["operator_code"] >= len(rules):
            raise ValueError(f"operator {place}: without a code")
        rule = rules[operator["operator_code"]]
        try:
            results = _results(operator, rule, known)
        except (ValueError, IndexError) as error:
            raise ValueError(f"operator {place}, {rule.name}: {error}") from None
        for number, result in zip(operator["outputs"], results, strict=True):
            if number in known or not 0 <= number < len(tensors) or not _is(tensors[number], result):
                raise ValueError(f"operator {place}, {rule.name}: writes another tensor than it computes")
            known[number] = result
    if not set(graph["outputs"]) <= known.keys():
        raise ValueError("an output that nothing computes")


def _results(operator: Table, rule: Rule, known: dict[int, Operand]) -> list[Operand]:
    inputs = list(operator["inputs"])
    fewest, most = rule.inputs
    if fewest < most == len(inputs) and inputs[-1] == _NONE:
        inputs.pop()
    options = operator["options"]
    kind = operator["options_kind"] if options is not None else 0
    if not fewest <= len(inputs) <= most or not known.keys() >= set(inputs):
        raise ValueError(f"takes {inputs}")
    if kind != rule.options or (options is None and operator["options_kind"]):
        raise ValueError(f"options of kind {kind}")
    outputs = operator["outputs"]
    results = rule.result(Operation([known[number] for number in inputs], len(outputs), options or {}))
    if len(results) != len(outputs):
        raise ValueError(f"writes {len(outputs)} tensors")
    return results


def _is(declared: Operand, computed: Operand) -> bool:
    """Whether a tensor is declared as it is computed, and small enough for every row and token."""
    same = declared.type == computed.type and declared.scales == computed.scales and declared.data is None
    return same and fit(declared.sizes, computed.sizes) and known_numbers(computed.sizes) <= _MOST_NUMBERS
