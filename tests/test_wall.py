"""The one wall: only `chatbot/training` names TensorFlow, and only `train` names `chatbot.training`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DIALOGS, ROOT, program_environment, run_chatbot, write_pairs

PACKAGE = ROOT / "chatbot"
HEAVY = {"tensorflow", "keras", "tensorflow_text"}

#: What each room may import from the package, the "may import" column of the design.
ROOMS = {
    "errors": set(),
    "text": set(),
    "paths": {"errors", "text"},
    "quiet": set(),
    "words": {"text"},
    "batches": {"cores"},
    "cores": set(),
    "collapse": set(),
    "progress": {"collapse"},
    "strict": {"errors"},
    "config": {"strict", "text"},
    "corpus": {"errors", "text", "files"},
    "files": {"errors"},
    "tails": set(),
    "forecast": {"config", "corpus", "tails", "tokenizer"},
    "tokenizer": {"errors", "config"},
    "bundle": {"errors", "config", "files", "strict", "paths"},
    "run_folder": {"errors", "files", "strict", "bundle"},
    "limits": {"errors", "config"},
    "versions": set(),
    "processor": {"errors"},
    "ngrams": set(),
    "nearest_neighbour": {"errors", "text", "ngrams"},
    "calibration": {"strict"},
    "confidence": {"errors", "bundle", "nearest_neighbour", "calibration"},
    "metrics": set(),
    "grading": {"text", "metrics"},
    "catalogue": {"errors", "bundle", "progress"},
    "inference": {"errors", "config", "quiet"},
    "replies": {"errors", "config"},
    "prompts": {"config", "text", "tokenizer"},
    "bot": {
        "errors",
        "config",
        "text",
        "words",
        "batches",
        "tokenizer",
        "bundle",
        "inference",
        "nearest_neighbour",
        "confidence",
        "prompts",
        "replies",
        "paths",
    },
    "evaluation": {"config", "corpus", "bot", "grading", "metrics", "progress", "replies"},
    "svg": set(),
    "explain": {"config", "text", "tokenizer", "inference", "nearest_neighbour", "replies", "bot", "layout", "svg"},
    "settings": {"errors", "config", "paths", "text"},
    "layout": set(),
    "screen": set(),
    "conversation": {"errors", "config", "replies", "screen"},
    "transcripts": {"errors", "conversation", "files"},
    "corrections": {"config", "errors", "text"},
    "completion": {"errors", "paths", "catalogue", "settings", "conversation"},
    "commands": {
        "errors",
        "config",
        "text",
        "settings",
        "conversation",
        "transcripts",
        "corrections",
        "completion",
        "paths",
    },
    "repl": {"errors", "screen", "conversation", "commands"},
    "comparison": {"config", "corpus", "grading", "replies", "text"},
    "cli": {
        "errors",
        "strict",
        "config",
        "text",
        "collapse",
        "progress",
        "corpus",
        "forecast",
        "bundle",
        "catalogue",
        "bot",
        "replies",
        "settings",
        "layout",
        "screen",
        "conversation",
        "transcripts",
        "completion",
        "commands",
        "repl",
        "comparison",
        "evaluation",
        "grading",
        "explain",
        "files",
        "run_folder",
        "limits",
        "processor",
        "versions",
        "paths",
    },
    "training": {
        "errors",
        "files",
        "config",
        "quiet",
        "text",
        "progress",
        "corpus",
        "tails",
        "tokenizer",
        "forecast",
        "bundle",
        "inference",
        "nearest_neighbour",
        "calibration",
        "confidence",
        "grading",
        "metrics",
        "svg",
        "run_folder",
        "limits",
        "processor",
        "versions",
    },
}
#: Importers of one library each.
ONLY = {
    "ai_edge_litert": "inference/litert_model.py",
    "sentencepiece": "tokenizer.py",
    "sacrebleu": "metrics.py",
    "filelock": "run_folder.py",
    "yaml": "corpus/formats/chatterbot.py",
    "ijson": "corpus/formats/json_records.py",
    "sqlite3": "corpus/",
    "charset_normalizer": "corpus/encodings.py",
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "chatbot":
                yield from ((f"chatbot.{alias.name}", node) for alias in node.names)
            else:
                yield node.module or "", node


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_imports_only_what_its_room_may(path):
    room = room_of(path)
    for name, _ in imports(path):
        top, _, rest = name.partition(".")
        if top in HEAVY:
            assert path.relative_to(PACKAGE) == Path("training/backend.py"), f"{path} names {top}"
        if top in ONLY:
            assert path.is_relative_to(PACKAGE / ONLY[top]), f"{path} names {top}"
        target = rest.split(".")[0]
        if top == "chatbot" and target and target != "__version__" and room in ROOMS and target != room:
            allowed = ROOMS[room] | ({"training"} if path == PACKAGE / "cli" / "train.py" else set())
            assert target in allowed, f"{path} imports {name}"


def test_the_train_command_names_training_inside_its_functions_only():
    tree = ast.parse((PACKAGE / "cli" / "train.py").read_text(encoding="utf-8"))
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


def test_help_and_answering_do_not_pay_for_the_parsers_of_foreign_formats(tmp_path, english_bundle):
    parsers = (
        "yaml",
        "ijson",
        "sqlite3",
        "chatbot.corpus.reading.open_file",
        "chatbot.corpus.formats.parsing.import_format",
    )
    for arguments in (["--help"], ["corpus", "import", "--help"], ["reply", "hi", "--checkpoint", str(english_bundle)]):
        code = (
            "import sys\nfrom chatbot.cli import main\n"
            f"sys.argv[1:] = {arguments!r}\n"
            "try: main()\nexcept SystemExit: pass\n"
            f"print(sorted(set({parsers!r}) & sys.modules.keys()), file=sys.stderr)"
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
