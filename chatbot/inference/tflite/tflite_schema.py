"""The part of the schema of `.tflite` files that the step models of a bundle use; nothing else may be in them.

See https://github.com/google-ai-edge/LiteRT, `tflite/converter/schema/schema.fbs`. A newer version of TensorFlow that
writes more is met here first: the training refuses its own export, and names what it met.
"""

from collections.abc import Mapping

from chatbot.inference.tflite.flatbuffer_reader import Field, Schema

#: The bytes that tell the kind of the file.
IDENTIFIER = b"TFL3"

_OPERATOR_CODE: Schema = {
    0: Field("code_before_2020", "i8", default=0),
    2: Field("version", "i32", default=1),
    3: Field("code", "i32", default=0),
}
_QUANTIZATION: Schema = {
    2: Field("scale", "[f32]", default=()),
    3: Field("zero_point", "[i64]", default=()),
    6: Field("dimension", "i32", default=0),
}
_TENSOR: Schema = {
    0: Field("shape", "[i32]", default=()),
    1: Field("type", "i8", default=0),
    2: Field("buffer", "u32", default=0),
    3: Field("name", "text", default=""),
    4: Field("quantization", "table", _QUANTIZATION),
    7: Field("sizes", "[i32]"),
    8: Field("has_rank", "bool", default=0),
}
_ACTIVATION = Field("activation", "i8", default=0)
_SCALED = Field("scaled_by_powers_of_two", "bool", default=1)
#: The options of operators, by the kinds that `operator_rules` names.
_OPTIONS: Mapping[int, Schema] = {
    8: {
        0: _ACTIVATION,
        1: Field("weights_format", "i8", default=0),
        2: Field("keeps_dimensions", "bool", default=0),
        3: Field("asymmetric", "bool", default=0),
    },
    9: {0: Field("beta", "f32", default=0.0)},
    10: {0: Field("axis", "i32", default=0), 1: _ACTIVATION},
    11: {0: _ACTIVATION, 1: _SCALED},
    21: {0: _ACTIVATION},
    22: {},
    23: {0: Field("axis", "i32", default=0), 1: Field("batch_dimensions", "i32", default=0)},
    27: {0: Field("keeps_dimensions", "bool", default=0)},
    28: {0: _ACTIVATION, 1: _SCALED},
    29: {0: _ACTIVATION},
    32: {
        0: Field("begin_mask", "i32", default=0),
        1: Field("end_mask", "i32", default=0),
        2: Field("ellipsis_mask", "i32", default=0),
        3: Field("new_axis_mask", "i32", default=0),
        4: Field("shrink_axis_mask", "i32", default=0),
        5: Field("offset", "bool", default=0),
    },
    35: {0: Field("count", "i32", default=0)},
    42: {},
    52: {},
    98: {},
    101: {
        0: Field("transposes_first", "bool", default=0),
        1: Field("transposes_second", "bool", default=0),
        2: Field("asymmetric", "bool", default=0),
    },
    102: {0: Field("exclusive", "bool", default=0), 1: Field("reverse", "bool", default=0)},
}
_OPERATOR: Schema = {
    0: Field("operator_code", "u32", default=0),
    1: Field("inputs", "[i32]", default=()),
    2: Field("outputs", "[i32]", default=()),
    3: Field("options_kind", "u8", default=0),
    4: Field("options", "union", union=_OPTIONS),
}
_SUBGRAPH: Schema = {
    0: Field("tensors", "[table]", _TENSOR, ()),
    1: Field("inputs", "[i32]", default=()),
    2: Field("outputs", "[i32]", default=()),
    3: Field("operators", "[table]", _OPERATOR, ()),
    4: Field("name", "text", default=""),
}
_BUFFER: Schema = {0: Field("data", "[bytes]", default=b"")}
_NAMED_TENSOR: Schema = {0: Field("name", "text", default=""), 1: Field("tensor", "u32", default=0)}
_SIGNATURE: Schema = {
    0: Field("inputs", "[table]", _NAMED_TENSOR, ()),
    1: Field("outputs", "[table]", _NAMED_TENSOR, ()),
    2: Field("key", "text", default=""),
    4: Field("subgraph", "u32", default=0),
}
_METADATA: Schema = {0: Field("name", "text", default=""), 1: Field("buffer", "u32", default=0)}
MODEL: Schema = {
    0: Field("version", "u32", default=0),
    1: Field("operator_codes", "[table]", _OPERATOR_CODE, ()),
    2: Field("subgraphs", "[table]", _SUBGRAPH, ()),
    3: Field("description", "text", default=""),
    4: Field("buffers", "[table]", _BUFFER, ()),
    6: Field("metadata", "[table]", _METADATA, ()),
    7: Field("signatures", "[table]", _SIGNATURE, ()),
}
