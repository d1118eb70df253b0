"""The operators that step models use: what each takes, and the types and sizes of what comes of it.

An architecture that is exported with another operator adds a row to `RULES`.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chatbot.inference.tflite.operands import (
    ANY,
    BOOL,
    BYTES,
    FLOAT32,
    INT8,
    INT32,
    Operand,
    Operation,
    axis,
    broadcast,
    fit,
    require,
)

#: The activations that an operator may apply: none, and ReLU.
_ACTIVATIONS = {0, 1}
#: Zeros that are added at an edge, at most.
_MOST_PADDING = 16


class Rule(NamedTuple):
    """The rule of an operator.

    Attributes:
        name: Of the operator.
        inputs: The fewest and the most that it takes.
        result: The outputs of an operation; raises ValueError where it is none that can be run.
        options: The kind of its options; 0 without any.
    """

    name: str
    inputs: tuple[int, int]
    result: Callable[[Operation], list[Operand]]
    options: int = 0


def _same_types(operands: Sequence[Operand], *types: int) -> int:
    (first, *_) = operands
    require(all(operand.type == first.type and not operand.scales for operand in operands) and first.type in types)
    return first.type


def _elementwise(*types: int, to: int | None = None) -> Callable[[Operation], list[Operand]]:
    def result(operation: Operation) -> list[Operand]:
        kind = _same_types(operation.inputs, *types)
        require(operation.options.get("activation", 0) in _ACTIVATIONS)
        sizes = broadcast(*(operand.sizes for operand in operation.inputs))
        return [Operand(kind if to is None else to, sizes)]

    return result


def _floor_mod(operation: Operation) -> list[Operand]:
    require(operation.inputs[1].integers()[:1] > (0,))
    return _elementwise(INT32)(operation)


def _select(operation: Operation) -> list[Operand]:
    condition, *values = operation.inputs
    _same_types([condition], BOOL)
    kind = _same_types(values, FLOAT32, INT32)
    return [Operand(kind, broadcast(*(operand.sizes for operand in operation.inputs)))]


def _cast(operation: Operation) -> list[Operand]:
    _same_types(operation.inputs, BOOL, INT32)
    return [Operand(FLOAT32, operation.inputs[0].sizes)]


def _dequantize(operation: Operation) -> list[Operand]:
    (given,) = operation.inputs
    require(given.type == INT8 and given.scales == 1)
    return [Operand(FLOAT32, given.sizes)]


def _expand(operation: Operation) -> list[Operand]:
    given, where = operation.inputs
    (number,) = where.integers()
    place = axis(number, len(given.sizes) + 1)
    return [Operand(_same_types([given], *BYTES), (*given.sizes[:place], 1, *given.sizes[place:]))]


def _concatenate(operation: Operation) -> list[Operand]:
    kind = _same_types(operation.inputs, FLOAT32, INT32)
    sizes = list(operation.inputs[0].sizes)
    at = axis(operation.options["axis"], len(sizes))
    require(operation.options["activation"] == 0)
    joined = [operand.sizes[at : at + 1] for operand in operation.inputs]
    for operand in operation.inputs:
        others = [(*one.sizes[:at], *one.sizes[at + 1 :]) for one in (operand, operation.inputs[0])]
        require(len(operand.sizes) == len(sizes) and fit(*others))
    sizes[at] = ANY if (ANY,) in joined else sum(size for (size,) in joined)
    return [Operand(kind, tuple(sizes))]


def _split(operation: Operation) -> list[Operand]:
    where, given = operation.inputs
    (number,) = where.integers()
    kind, place = _same_types([given], FLOAT32), axis(number, len(given.sizes))
    count = operation.options["count"]
    require(count == operation.outputs > 0 and given.sizes[place] > 0 and given.sizes[place] % count == 0)
    part = (*given.sizes[:place], given.sizes[place] // count, *given.sizes[place + 1 :])
    return [Operand(kind, part)] * count


def _gather(operation: Operation) -> list[Operand]:
    values, indices = operation.inputs
    require(operation.options["axis"] == operation.options["batch_dimensions"] == 0)
    require(values.data is not None and len(values.sizes) > 1 and values.type in {FLOAT32, INT8})
    require(indices.type == INT32 and values.scales == (values.type == INT8))
    return [Operand(values.type, indices.sizes + values.sizes[1:], scales=values.scales)]


def _fully_connect(operation: Operation) -> list[Operand]:
    given, weights, *bias = operation.inputs
    _same_types([given, *bias], FLOAT32)
    require(weights.data is not None and len(weights.sizes) == 2 and weights.type in {FLOAT32, INT8})
    require(operation.options["activation"] in _ACTIVATIONS and operation.options["weights_format"] == 0)
    rows, columns = weights.sizes
    require(len(given.sizes) > 0 and given.sizes[-1] == columns)
    require(all(one.sizes == (rows,) and one.data is not None for one in bias))
    if operation.options["keeps_dimensions"]:
        return [Operand(FLOAT32, (*given.sizes[:-1], rows))]
    others = given.sizes[:-1]
    return [Operand(FLOAT32, (ANY if ANY in others else math.prod(others), rows))]


def _multiply(operation: Operation) -> list[Operand]:
    first, second = (operand.sizes for operand in operation.inputs)
    kind = _same_types(operation.inputs, FLOAT32)
    require(len(first) == len(second) and len(first) in {2, 3, 4})
    rows, depth = first[-2:][:: -1 if operation.options["transposes_first"] else 1]
    other, columns = second[-2:][:: -1 if operation.options["transposes_second"] else 1]
    require(fit((depth,), (other,)))
    return [Operand(kind, (*broadcast(first[:-2], second[:-2]), rows, columns))]


def _softmax(operation: Operation) -> list[Operand]:
    (given,) = operation.inputs
    require(len(given.sizes) > 0 and math.isfinite(operation.options["beta"]))
    return [Operand(_same_types([given], FLOAT32), given.sizes)]


def _reshape(operation: Operation) -> list[Operand]:
    given, shape = operation.inputs
    sizes = shape.integers()
    require(all(size > 0 or size == ANY for size in sizes) and sizes.count(ANY) <= 1)
    if ANY not in given.sizes and ANY not in sizes:
        require(math.prod(sizes) == math.prod(given.sizes))
    return [Operand(_same_types([given], FLOAT32, INT32, BOOL), sizes)]


def _reduce(operation: Operation) -> list[Operand]:
    given, axes = operation.inputs
    places = {axis(number, len(given.sizes)) for number in axes.integers()}
    kept = operation.options["keeps_dimensions"]
    sizes = [1 if place in places else size for place, size in enumerate(given.sizes) if kept or place not in places]
    return [Operand(_same_types([given], FLOAT32, INT32), tuple(sizes))]


def _accumulate(operation: Operation) -> list[Operand]:
    given, where = operation.inputs
    (number,) = where.integers()
    axis(number, len(given.sizes))
    return [Operand(_same_types([given], FLOAT32, INT32), given.sizes)]


def _transpose(operation: Operation) -> list[Operand]:
    given, order = operation.inputs
    places = order.integers()
    require(sorted(places) == list(range(len(given.sizes))))
    return [Operand(_same_types([given], FLOAT32, INT32), tuple(given.sizes[place] for place in places))]


def _pad(operation: Operation) -> list[Operand]:
    given, padding = operation.inputs
    rank = len(given.sizes)
    added = padding.integers()
    require(padding.sizes == (rank, 2) and all(0 <= size <= _MOST_PADDING for size in added))
    sizes = [size if size == ANY else size + added[2 * at] + added[2 * at + 1] for at, size in enumerate(given.sizes)]
    return [Operand(_same_types([given], FLOAT32, INT32), tuple(sizes))]


def _slice(operation: Operation) -> list[Operand]:
    given, *bounds = operation.inputs
    begin, end, strides = (one.integers() for one in bounds)
    rank, options = len(given.sizes), operation.options
    require(len(begin) == len(end) == len(strides) == rank and set(strides) == {1})
    require(not any(options[name] for name in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "offset")))
    sizes = []
    for place, size in enumerate(given.sizes):
        first = None if options["begin_mask"] >> place & 1 else begin[place]
        last = None if options["end_mask"] >> place & 1 else end[place]
        sizes.append(ANY if size == ANY else len(range(size)[first:last]))
    require(0 not in sizes)
    return [Operand(_same_types([given], FLOAT32, INT32), tuple(sizes))]


_NUMBER, _FLOAT, _LOGICAL = _elementwise(FLOAT32, INT32), _elementwise(FLOAT32), _elementwise(BOOL)
_COMPARISON = _elementwise(FLOAT32, INT32, to=BOOL)
#: By the numbers of operators in the schema.
RULES = {
    0: Rule("ADD", (2, 2), _NUMBER, 11),
    2: Rule("CONCATENATION", (1, 64), _concatenate, 10),
    6: Rule("DEQUANTIZE", (1, 1), _dequantize),
    9: Rule("FULLY_CONNECTED", (2, 3), _fully_connect, 8),
    14: Rule("LOGISTIC", (1, 1), _FLOAT),
    18: Rule("MUL", (2, 2), _NUMBER, 21),
    19: Rule("RELU", (1, 1), _FLOAT),
    22: Rule("RESHAPE", (2, 2), _reshape),
    25: Rule("SOFTMAX", (1, 1), _softmax, 9),
    28: Rule("TANH", (1, 1), _FLOAT),
    34: Rule("PAD", (2, 2), _pad, 22),
    36: Rule("GATHER", (2, 2), _gather, 23),
    39: Rule("TRANSPOSE", (2, 2), _transpose),
    40: Rule("MEAN", (2, 2), _reduce, 27),
    41: Rule("SUB", (2, 2), _NUMBER, 28),
    42: Rule("DIV", (2, 2), _FLOAT, 29),
    45: Rule("STRIDED_SLICE", (4, 4), _slice, 32),
    49: Rule("SPLIT", (2, 2), _split, 35),
    53: Rule("CAST", (1, 1), _cast),
    55: Rule("MAXIMUM", (2, 2), _NUMBER),
    57: Rule("MINIMUM", (2, 2), _NUMBER),
    58: Rule("LESS", (2, 2), _COMPARISON),
    59: Rule("NEG", (1, 1), _FLOAT, 42),
    61: Rule("GREATER", (2, 2), _COMPARISON),
    62: Rule("GREATER_EQUAL", (2, 2), _COMPARISON),
    70: Rule("EXPAND_DIMS", (2, 2), _expand, 52),
    71: Rule("EQUAL", (2, 2), _COMPARISON),
    72: Rule("NOT_EQUAL", (2, 2), _COMPARISON),
    74: Rule("SUM", (2, 2), _reduce, 27),
    76: Rule("RSQRT", (1, 1), _FLOAT),
    86: Rule("LOGICAL_AND", (2, 2), _LOGICAL),
    87: Rule("LOGICAL_NOT", (1, 1), _LOGICAL),
    95: Rule("FLOOR_MOD", (2, 2), _floor_mod),
    99: Rule("SQUARED_DIFFERENCE", (2, 2), _FLOAT),
    123: Rule("SELECT_V2", (3, 3), _select, 98),
    126: Rule("BATCH_MATMUL", (2, 2), _multiply, 101),
    128: Rule("CUMSUM", (2, 2), _accumulate, 102),
}
