"""Gaps in the docstrings of functions: parameters, results and errors that they leave out.

The rules, for a public function and a public method of a public class, `__init__` among them:

- **Parameters**: `Args:` names each one. A single parameter needs none where the docstring names it in words:
  `"The replies of a folded prompt"` for `prompt`. A function that takes an array or a tensor needs `Args:`, also a
  private one, for shapes and dtypes; a private one with nothing else may have the shape behind the name in words.
- **Result**: `Returns:` or `Yields:` describes it. A summary that names it needs neither: `"The path of …"`,
  `"Whether …"`. An array or a tensor always needs it.
- **Errors**: `Raises:` names each `ChatbotError` that the body of the function raises.

None of them asks for what is described elsewhere: `` See `Class.method`. `` refers to it; a method that a protocol or
a base class of the package has too is described there; the parameters of a command are described by its options.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.test_wall import PACKAGE, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef

#: The types of arrays and tensors, as annotations name them.
ARRAYS = frozenset(
    {
        "Array",
        "Floats",
        "LogProbabilities",
        "Logits",
        "NDArray",
        "Ragged",
        "Ranks",
        "Rows",
        "Tensor",
        "Tokens",
        "ndarray",
    }
)
#: The first words of a summary that names a result.
NAMING = frozenset(
    {"A", "All", "An", "Each", "Every", "No", "Return", "The", "These", "This", "Those", "Two", "Whether", "Yield"}
)
SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$", re.MULTILINE)
REFERENCE = re.compile(r"See `[\w.]+`")


@dataclass(frozen=True)
class Documented:
    """A function of the package, and the class that it is a method of."""

    path: Path
    node: Function
    owner: ast.ClassDef | None = None

    @property
    def name(self) -> str:
        owner = f"{self.owner.name}." if self.owner else ""
        return f"{self.path.relative_to(PACKAGE)}: {owner}{self.node.name}"

    @property
    def is_public(self) -> bool:
        names = [self.node.name, *([self.owner.name] if self.owner else [])]
        return all(name == "__init__" or not name.startswith("_") for name in names)

    @property
    def parameters(self) -> list[ast.arg]:
        given = self.node.args
        every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        return [one for one in every if one is not None and one.arg not in ("self", "cls")]

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    def section(self, *names: str) -> str:
        """The text of the sections with these names, empty where there is none."""
        parts = SECTION.split(self.docstring)
        return "\n".join(text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name in names)

    @property
    def prose(self) -> str:
        """The docstring before its sections."""
        return SECTION.split(self.docstring)[0]

    @property
    def is_described_elsewhere(self) -> bool:
        return bool(REFERENCE.search(self.prose)) or self.node.name in inherited(self.owner)

    @property
    def is_command(self) -> bool:
        """Whether it is a command, which has examples, or the program itself, which has Typer's parameters."""
        written = [one.annotation for one in self.parameters if one.annotation is not None]
        marked = any(ast.unparse(one).startswith("examples(") for one in self.node.decorator_list)
        return marked or any("typer." in ast.unparse(note) for note in written)


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in modules()}


@cache
def classes() -> dict[str, ast.ClassDef]:
    nodes = (node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {node.name: node for node in nodes}


def names_in(node: ast.AST | None) -> set[str]:
    """The names in an annotation or in the bases of a class, also those between quotes."""
    return set() if node is None else set(re.findall(r"\w+", ast.unparse(node)))


def methods(owner: ast.ClassDef) -> set[str]:
    return {node.name for node in owner.body if isinstance(node, Function)}


@cache
def protocols() -> tuple[ast.ClassDef, ...]:
    return tuple(node for node in classes().values() if any("Protocol" in names_in(base) for base in node.bases))


@cache
def inherited(owner: ast.ClassDef | None) -> frozenset[str]:
    """The methods that a class has from its bases in the package, and from the protocols that it has whole."""
    if owner is None or owner in protocols():
        return frozenset()
    own = methods(owner)
    bases = [classes()[name] for base in owner.bases for name in names_in(base) if name in classes()]
    above = [methods(base) | inherited(base) for base in bases]
    whole = [methods(protocol) for protocol in protocols() if methods(protocol) <= own.union(*above)]
    return frozenset().union(*above, *whole) - {"__init__"}


def functions() -> Iterator[Documented]:
    """All functions and methods of the package, but for those inside functions, and properties."""
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, Function):
                yield Documented(path, node)
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, Function) and not is_property(inner):
                        yield Documented(path, inner, node)


def is_property(node: Function) -> bool:
    return any(names_in(one) & {"property", "cached_property", "overload", "setter"} for one in node.decorator_list)


def is_array(annotation: ast.expr | None) -> bool:
    return bool(names_in(annotation) & ARRAYS)


def says(text: str, parameter: str) -> bool:
    """Whether a text has each word of the name of a parameter, in the singular or the plural."""
    words = {word.lower().removesuffix("s") for word in re.findall(r"[^\W_]+", text)}
    return all(part.removesuffix("s") in words for part in parameter.strip("_").split("_"))


def lacks_parameters(function: Documented) -> bool:
    parameters = function.parameters
    arrays = any(is_array(one.annotation) for one in parameters)
    if not parameters or function.is_described_elsewhere or function.is_command:
        return False
    if not function.is_public and not arrays:
        return False
    if len(parameters) == 1 and says(function.prose, parameters[0].arg):
        has_shape = not function.is_public and re.search(r"\(.+\)", function.prose)
        if has_shape or not arrays:
            return False
    described = function.section("Args")
    return not all(re.search(rf"^ +\**{one.arg}\b.*:", described, re.MULTILINE) for one in parameters)


def lacks_result(function: Documented) -> bool:
    result = function.node.returns
    if not function.is_public or function.is_described_elsewhere or function.is_command:
        return False
    if result is None or ast.unparse(result) in ("None", "Iterator[None]") or function.section("Returns", "Yields"):
        return False
    return is_array(result) or function.docstring.partition(" ")[0] not in NAMING


@cache
def errors() -> frozenset[str]:
    tree = trees()[PACKAGE / "errors.py"]
    return frozenset(node.name for node in tree.body if isinstance(node, ast.ClassDef))


def raised(function: Documented) -> set[str]:
    """The errors for people that the body of a function raises, functions within it aside."""
    found, ahead = set[str](), [*function.node.body]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found |= names_in(node.exc.func) & errors()
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            ahead += ast.iter_child_nodes(node)
    return found


def lacks_errors(function: Documented) -> bool:
    return function.is_public and not raised(function) <= set(re.findall(r"\w+", function.section("Raises")))


def parameters_undescribed() -> set[str]:
    return {function.name for function in functions() if lacks_parameters(function)}


def results_undescribed() -> set[str]:
    return {function.name for function in functions() if lacks_result(function)}


def errors_undescribed() -> set[str]:
    return {function.name for function in functions() if lacks_errors(function)}
