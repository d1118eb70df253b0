"""The one wall: only `chatbot/training` names TensorFlow, and only `train` names `chatbot.training`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DIALOGS, ROOT, program_environment, run_chatbot, write_pairs

PACKAGE = ROOT / "chatbot"
HEAVY = {"tensorflow", "keras", "tensorflow_text"}
#: Modules that are rooms of their own although a folder holds them.
LOOSE = {Path("training", "type_aliases.py"), Path("training", "backend.py")}

#: Every room with the rooms that it may import, from the bottom up: none may import one that stands below it here.
#: A room is a folder, or a loose file of `chatbot/`.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "line_wrap": set(),
    "text": set(),
    "corpus/reading": {"errors", "text"},
    "corpus/redaction": set(),
    "corpus/formats/parsing": {"corpus/reading", "corpus/redaction", "errors", "text"},
    "corpus/formats/parsing/whatsapp": {"corpus/reading"},
    "corpus/formats": {
        "corpus/formats/parsing",
        "corpus/formats/parsing/whatsapp",
        "corpus/reading",
        "corpus/redaction",
        "errors",
        "text",
    },
    "files": {"errors", "text"},
    "config/architectures": set(),
    "config": {"config/architectures", "errors", "files", "text"},
    "corpus/importing": {
        "corpus/formats",
        "corpus/formats/parsing",
        "corpus/reading",
        "corpus/redaction",
        "errors",
        "files",
        "text",
    },
    "corpus": {"corpus/importing", "corpus/reading", "corpus/redaction", "errors", "files", "text"},
    "inference/tflite": set(),
    "inference": {"config", "errors", "files", "text"},
    "inference/litert": {"config", "errors", "files", "inference", "inference/tflite"},
    "inference/decoding": {"config", "inference"},
    "metrics": set(),
    "bundle": {"config", "errors", "files", "metrics"},
    "tokenizer": {"config", "errors", "files"},
    "bot/index": {"bundle", "corpus", "errors", "files", "inference", "text"},
    "bot/reply": {
        "bot/index",
        "bundle",
        "config",
        "errors",
        "files",
        "inference",
        "inference/decoding",
        "text",
        "tokenizer",
    },
    "bot": {
        "bot/index",
        "bot/reply",
        "bundle",
        "config",
        "corpus",
        "errors",
        "files",
        "inference",
        "inference/decoding",
        "inference/litert",
        "metrics",
        "text",
        "tokenizer",
    },
    "evaluation": {"bot", "bot/index", "bot/reply", "config", "corpus", "metrics"},
    "runs": {"bundle", "config", "corpus", "errors", "files", "metrics", "tokenizer"},
    "explain": {
        "bot",
        "bot/index",
        "bot/reply",
        "config",
        "config/architectures",
        "inference",
        "inference/decoding",
        "line_wrap",
        "metrics",
        "runs",
        "text",
        "tokenizer",
    },
    "cli/output": {"corpus", "errors", "explain", "files", "metrics", "runs", "text"},
    "cli/chat": {
        "bot",
        "bot/reply",
        "bundle",
        "cli/output",
        "config",
        "errors",
        "explain",
        "files",
        "inference/decoding",
        "line_wrap",
        "text",
    },
    "cli/server/answering": {"bot", "bot/reply", "bundle", "cli/chat", "config", "errors"},
    "cli/server": {
        "bot",
        "bot/reply",
        "cli/chat",
        "cli/output",
        "cli/server/answering",
        "config",
        "errors",
        "inference",
        "text",
    },
    "cli/options": {"bot", "bundle", "cli/output", "config", "errors", "files", "text"},
    "cli/training_display": {"bot", "bundle", "cli/output", "config", "metrics", "runs", "text"},
    "training/type_aliases": set(),
    "training/backend": {"errors", "inference/litert"},
    "training/data": {"config", "corpus", "inference/litert", "text", "tokenizer", "training/type_aliases"},
    "training/distributed": {"errors", "training/type_aliases"},
    "training/models": {
        "config",
        "config/architectures",
        "inference",
        "inference/litert",
        "training/data",
        "training/type_aliases",
    },
    "training/objective": {
        "corpus",
        "inference",
        "tokenizer",
        "training/data",
        "training/models",
        "training/type_aliases",
    },
    "training/setup": {
        "bot/index",
        "bot/reply",
        "bundle",
        "config",
        "corpus",
        "corpus/reading",
        "errors",
        "inference",
        "runs",
        "text",
        "tokenizer",
        "training/data",
        "training/models",
        "training/objective",
        "training/type_aliases",
    },
    "training/optimizer": {
        "config",
        "training/data",
        "training/distributed",
        "training/models",
        "training/objective",
        "training/setup",
        "training/type_aliases",
    },
    "training/resume": {
        "config",
        "corpus",
        "errors",
        "metrics",
        "runs",
        "tokenizer",
        "training/distributed",
        "training/optimizer",
        "training/setup",
        "training/type_aliases",
    },
    "training/loop": {
        "config",
        "corpus",
        "errors",
        "inference",
        "inference/decoding",
        "metrics",
        "runs",
        "text",
        "training/data",
        "training/optimizer",
        "training/resume",
        "training/setup",
    },
    "training/export": {
        "bot",
        "bot/index",
        "bot/reply",
        "bundle",
        "config",
        "corpus",
        "errors",
        "explain",
        "inference",
        "inference/decoding",
        "inference/litert",
        "metrics",
        "runs",
        "text",
        "tokenizer",
        "training/loop",
        "training/models",
        "training/objective",
        "training/setup",
        "training/type_aliases",
    },
    "training": {
        "bot",
        "bot/reply",
        "bundle",
        "config",
        "corpus",
        "runs",
        "training/data",
        "training/distributed",
        "training/export",
        "training/loop",
        "training/models",
        "training/objective",
        "training/optimizer",
        "training/resume",
        "training/setup",
        "training/type_aliases",
    },
    "cli/commands": {
        "bot",
        "bot/reply",
        "bundle",
        "cli/chat",
        "cli/options",
        "cli/output",
        "cli/server",
        "cli/training_display",
        "config",
        "config/architectures",
        "corpus",
        "corpus/formats",
        "corpus/formats/parsing",
        "corpus/importing",
        "corpus/reading",
        "errors",
        "evaluation",
        "explain",
        "files",
        "runs",
        "text",
        "training",
        "training/backend",
        "training/distributed",
        "training/setup",
    },
    "cli": {"cli/commands", "cli/options", "cli/output", "files", "text"},
    "__main__": {"cli"},
}
#: Importers of one library each.
ONLY = {
    "ai_edge_litert": "inference/litert/litert_interpreter.py",
    "sentencepiece": "tokenizer.py",
    "sacrebleu": "metrics.py",
    "filelock": "runs",
    "yaml": "corpus/formats/chatterbot.py",
    "ijson": "corpus/formats/parsing",
    "starlette": "cli/server",
    "uvicorn": "cli/server",
    "sqlite3": "corpus/",
    "charset_normalizer": "corpus/reading/encodings.py",
    "stdnum": "corpus/redaction",
    "phonenumbers": "corpus/redaction/phone_numbers.py",
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node


def room_of(path: Path) -> str:
    place = path.relative_to(PACKAGE)
    if place in LOOSE or len(place.parts) == 1:
        return str(place.with_suffix(""))
    return str(place.parent)


def modules_named(path: Path):
    """The modules of the package that a module imports, as files."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for name in (f"{node.module}.{alias.name}" for alias in node.names):
                whole, holder = (ROOT / Path(*part.split(".")) for part in (name, node.module))
                files = (
                    whole.with_suffix(".py"),
                    whole / "__init__.py",
                    holder.with_suffix(".py"),
                    holder / "__init__.py",
                )
                yield from [file for file in files if file.is_file()][:1]
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("chatbot") for alias in node.names), f"{path}: import chatbot"


def test_every_room_is_listed_once_and_imports_only_what_stands_above_it():
    assert {room_of(path) for path in modules()} == ROOMS.keys() | {"__init__"}
    for place, (room, below) in enumerate(ROOMS.items()):
        assert below <= set(list(ROOMS)[:place]), f"{room} imports a room that stands below it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_imports_only_what_its_room_may(path):
    room = room_of(path)
    for top, _ in ((name.partition(".")[0], node) for name, node in imports(path)):
        if top in HEAVY:
            assert room.split("/")[0] == "training", f"{path} names {top}"
        if top in ONLY:
            assert path.is_relative_to(PACKAGE / ONLY[top]), f"{path} names {top}"
    if room != "__init__":  # which names what `import chatbot` gives, and `__version__`
        for named in modules_named(path):
            assert room_of(named) in ROOMS[room] | {room, "__init__"}, f"{path} imports {named}"
    if room.split("/")[0] != "training" and path != PACKAGE / "cli" / "commands" / "train.py":
        assert not any(room_of(named).startswith("training") for named in modules_named(path))


def test_a_room_lists_nothing_that_none_of_its_modules_imports():
    for room, allowed in ROOMS.items():
        used = {room_of(named) for path in modules() if room_of(path) == room for named in modules_named(path)}
        assert allowed == used - {room, "__init__"}, room


def test_the_train_command_names_training_inside_its_functions_only():
    tree = ast.parse((PACKAGE / "cli" / "commands" / "train.py").read_text(encoding="utf-8"))
    at_top = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not any((node.module or "").startswith("chatbot.training") for node in at_top)


@pytest.fixture
def poisoned(tmp_path):
    """A folder whose TensorFlow, Keras and tensorflow-text raise when imported."""
    for name in HEAVY:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise AssertionError('{name} was imported')\n")
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


def test_answering_and_help_never_import_tensorflow(tmp_path, poisoned, english_bundle, english_pairs):
    at = ["--checkpoint", english_bundle]
    prompt, reply = english_pairs[0]
    assert run_chatbot(["reply", prompt, *at], tmp_path, **poisoned).stdout == f"{reply}\n"
    assert run_chatbot(["reply", *at], tmp_path, f"{prompt}\n", **poisoned).stdout == f"{reply}\n"
    assert run_chatbot(["chat", *at], tmp_path, f"{prompt}\n", **poisoned).stdout == f"{reply}\n"
    corpus = write_pairs(tmp_path / "some.tsv", english_pairs[:5])
    assert run_chatbot(["evaluate", corpus, *at], tmp_path, **poisoned).returncode == 0
    assert run_chatbot(["audit", corpus, *at], tmp_path, **poisoned).returncode == 0
    assert run_chatbot(["explain", prompt, *at], tmp_path, **poisoned).returncode == 0
    assert run_chatbot(["info", english_bundle], tmp_path, **poisoned).returncode == 0
    for arguments in (
        ["--help"],
        ["train", "--help"],
        ["corpus", "check", DIALOGS],
        ["--version"],
        ["list"],
        ["config"],
    ):
        assert run_chatbot(arguments, tmp_path, **poisoned).returncode == 0


def test_the_poison_works(tmp_path, poisoned):
    corpus = tmp_path / "pairs.tsv"
    corpus.write_text("a\tb\n")
    done = run_chatbot(["train", corpus], tmp_path, **poisoned)
    assert "was imported" in done.stderr


#: What no help page needs; what the list of commands does not need either; and what no answer needs, the parsers of
#: foreign formats first of all.
NOT_FOR_HELP = ("numpy", "ai_edge_litert", "sentencepiece")
NOT_FOR_THE_LIST = ("chatbot.config", "chatbot.bundle", "chatbot.cli.commands")
PARSERS = (
    "yaml",
    "ijson",
    "sqlite3",
    "phonenumbers",
    "stdnum",
    "chatbot.corpus.reading.open_file",
    "chatbot.corpus.formats.parsing.import_format",
)
OTHER_COMMANDS = tuple(f"chatbot.cli.commands.{name}" for name in ("chat", "corpus", "train", "train_request"))


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["--help"], (*NOT_FOR_HELP, *NOT_FOR_THE_LIST, *PARSERS)),
        (["corpus", "import", "--help"], (*NOT_FOR_HELP, *PARSERS)),
        (["info", "BUNDLE"], (*NOT_FOR_HELP, *PARSERS)),
        (["reply", "hi", "--checkpoint", "BUNDLE"], (*PARSERS, *OTHER_COMMANDS)),
    ],
    ids=["help", "help of a command", "info", "reply"],
)
def test_help_and_answering_do_not_pay_for_what_they_do_not_use(tmp_path, english_bundle, arguments, unused):
    arguments = [str(english_bundle) if word == "BUNDLE" else word for word in arguments]
    code = (
        "import sys\nfrom chatbot.cli import main\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(sorted(set({unused!r}) & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=program_environment(tmp_path),
        check=False,
    )
    assert done.stderr == "[]\n"
