"""The operations of a step model."""

from pathlib import Path

from ai_edge_litert.interpreter import Interpreter


def computes_shapes(file: Path) -> bool:
    """Whether a step model has operations that compute shapes.

    Behind them, LiteRT 2.3 gave other replies in one of ten loadings.
    """
    operations = Interpreter(str(file))._get_ops_details()  # nothing public lists them
    return "SHAPE" in {operation["op_name"] for operation in operations}
