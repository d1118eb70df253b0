"""The order of the package, counted: places, names, circles, docstrings and sizes, with each offender by name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.docstrings import (
    Documented,
    errors_undescribed,
    lacks_errors,
    lacks_parameters,
    lacks_result,
    parameters_undescribed,
    results_undescribed,
)
from tests.test_wall import PACKAGE, modules, modules_named

MOST_LOOSE_FILES = MOST_FOLDERS = 9
MOST_LINES, MOST_FUNCTION_LINES, MOST_PARAMETERS = 250, 40, 9
#: A docstring that begins so is a clause, and no noun phrase.
CLAUSE = re.compile(r"(What|How|Which|Whether|Where|Why|That|When|Who)\b")
#: A name of the package in a docstring or a comment.
DOTTED = re.compile(r"`(chatbot(?:\.\w+)+)`")

#: Offenders that are known, by the rule that they break; an entry that breaks it no more has to go.
KNOWN: dict[str, set[str]] = {}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def twice(found: Iterator[tuple[str, Path]]) -> set[str]:
    """The names that are found in several files, each with those files."""
    places = defaultdict(set)
    for name, path in found:
        places[name].add(name_of(path))
    return {f"{name}: {', '.join(sorted(files))}" for name, files in places.items() if len(files) > 1}


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(path)}: {node.name}", node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function: its signature, and its body without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    signature = function.body[0].lineno - function.lineno
    return signature + (function.end_lineno or 0) - body[0].lineno + 1


def parameters_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args
    return len([*given.posonlyargs, *given.args, *given.kwonlyargs])


def reached(start: Path, imported: Mapping[Path, set[Path]]) -> set[Path]:
    """The modules to which a way along the imports of a module leads."""
    found: set[Path] = set()
    ahead = [*imported[start]]
    while ahead:
        if (path := ahead.pop()) not in found:
            found.add(path)
            ahead += imported[path]
    return found


def circles_in(imported: Mapping[Path, set[Path]]) -> set[frozenset[Path]]:
    """The groups of modules that import each other, at the top or in functions, on whatever ways."""
    ways = {path: reached(path, imported) for path in imported}
    return {frozenset(other for other in ways[path] if path in ways[other]) for path in ways if path in ways[path]}


def circles() -> set[str]:
    found = circles_in({path: set(modules_named(path)) - {path} for path in modules()})
    return {", ".join(sorted(map(name_of, group))) for group in found}


def loose_files() -> set[str]:
    files = {name_of(path) for path in PACKAGE.glob("*.py")}
    return files if len(files) > MOST_LOOSE_FILES else set()


def folders() -> set[str]:
    places = {name_of(path) for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    return places if len(places) > MOST_FOLDERS else set()


def file_names_twice() -> set[str]:
    return twice((path.name, path) for path in modules() if path.name != "__init__.py")


def class_names_twice() -> set[str]:
    return twice(
        (node.name, path)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )


def docstrings_missing() -> set[str]:
    return {name_of(path) for path in modules() if not ast.get_docstring(tree_of(path))}


def docstrings_that_are_clauses() -> set[str]:
    """The files whose docstring, or that of a class or a function in them, is a clause.

    A function may begin with "Whether": it answers the question.
    """
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    return {
        f"{name_of(path)}: {getattr(node, 'name', '')}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, documented) and (found := CLAUSE.match(ast.get_docstring(node) or ""))
        if found[1] != "Whether" or not isinstance(node, ast.FunctionDef)
    }


def exists(name: str) -> bool:
    """Whether a dotted name is that of a folder, of a module, or of something at the top of one."""
    place = PACKAGE.joinpath(*name.split(".")[1:])
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module = place.parent / "__init__.py" if place.parent.is_dir() else place.parent.with_suffix(".py")
    return module.is_file() and place.name in names_in(tree_of(module))


def names_in(tree: ast.Module) -> set[str]:
    """The names that a module defines or imports at its top."""
    named: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            named.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            named |= {alias.asname or alias.name for alias in node.names}
        else:
            named |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return named


def names_that_are_gone() -> set[str]:
    """The files that name a module of the package, or something in one, that is not there."""
    return {
        f"{name_of(path)}: {name}"
        for path in modules()
        for name in DOTTED.findall(path.read_text(encoding="utf-8"))
        if not exists(name)
    }


def bare_any_in_training() -> set[str]:
    """The files of training that name `Any` where an alias says of what: TensorFlow and Keras ship no types."""
    aliases = PACKAGE / "training" / "type_aliases.py"
    return {
        name_of(path)
        for path in modules()
        if path.is_relative_to(aliases.parent)
        if path != aliases
        if any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree_of(path)))
    }


def long_modules() -> set[str]:
    return {name_of(path) for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES}


def long_functions() -> set[str]:
    return {name for path in modules() for name, node in functions(path) if lines_of(node) > MOST_FUNCTION_LINES}


def long_signatures() -> set[str]:
    return {name for path in modules() for name, node in functions(path) if parameters_of(node) > MOST_PARAMETERS}


RULES = (
    loose_files,
    folders,
    file_names_twice,
    class_names_twice,
    circles,
    docstrings_missing,
    docstrings_that_are_clauses,
    names_that_are_gone,
    bare_any_in_training,
    long_modules,
    long_functions,
    long_signatures,
    parameters_undescribed,
    results_undescribed,
    errors_undescribed,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps(rule):
    offenders, known = rule(), KNOWN.get(rule.__name__, set())
    assert not offenders - known, "new offenders"
    assert not known - offenders, "no offenders any more: strike them from KNOWN"


def test_known_offenders_are_those_of_a_rule():
    assert KNOWN.keys() <= {rule.__name__ for rule in RULES}


def test_a_circle_is_found_with_all_of_its_modules():
    a, b, c, d = map(Path, "abcd")
    assert circles_in({a: {b}, b: {c}, c: {b, d}, d: set()}) == {frozenset({b, c})}
    assert circles_in({a: {b, c}, b: {c}, c: set()}) == set()


def test_a_name_exists_where_a_folder_a_module_or_its_top_has_it():
    there = (
        "bundle",
        "bundle.listing",
        "bundle.listing.complete_name",
        "config.DecodingConfig",
        "config.model.PRESETS",
    )
    assert all(exists(f"chatbot.{name}") for name in there)
    assert not any(exists(f"chatbot.{name}") for name in ("bundel", "bundle.lists", "bundle.listing.complete"))


def test_a_signature_makes_a_function_long_and_a_docstring_does_not():
    def measured(text):
        function = ast.parse(text).body[0]
        return lines_of(function), parameters_of(function)

    assert measured("def f(\n    a,\n    b,\n):\n    return a") == (5, 2)
    assert measured('def f(a):\n    """One.\n\n    Two.\n    """\n    return a') == (2, 1)


def gaps_of(text: str) -> list[str]:
    """The gaps in the docstring of the first function of a text."""
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    function = Documented(PACKAGE / "toy.py", node)
    rules = {"parameters": lacks_parameters, "result": lacks_result, "errors": lacks_errors}
    return [name for name, lacks in rules.items() if lacks(function)]


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ('def f(path): "Remove a path."', []),
        ('def f(path): "Remove a file."', ["parameters"]),
        ('def f(path, name): "Remove a path with a name."', ["parameters"]),
        ('def f(path, name): """Remove.\n\n    Args:\n        path: One.\n        name: Two.\n    """', []),
        ('def f(path, name): "Remove it. See `Folder.remove`."', []),
        ('def f(path) -> str: "Read a path."', ["result"]),
        ('def f(path) -> str: "The name of a path."', []),
        ('def f(tokens: Tensor) -> Tensor: "The logits of tokens."', ["parameters", "result"]),
        ('def _f(tokens: Tensor) -> Tensor: "The logits of tokens."', ["parameters"]),
        ('def _f(path) -> str: "Read."', []),
        ('def f(): "Read."; raise CorpusError("no")', ["errors"]),
        ('def f(): "Read."; raise ValueError("no")', []),
    ],
)
def test_a_gap_in_a_docstring_is_found(text, gaps):
    assert gaps_of(text) == gaps
