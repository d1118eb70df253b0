"""The comparison of architectures: models of equal size, rows that are measured once, and their table."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.config import PRESETS, ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.config.model_description import describe
from chatbot.corpus import Pair
from tests.conftest import PATIENCE, ROOT, program_environment, write_pairs

SCRIPTS = ROOT / "benchmarks"
sys.path.append(str(SCRIPTS))  # where the script finds its parts

from architecture_corpora import draw_phrasings, equal_shapes_of, shape_options, table  # noqa: E402
from architecture_table import write_table  # noqa: E402

LINE = {
    "corpus": "faq",
    "architecture": "lstm",
    "minutes": 1,
    "threads": 1,
    "seed": 0,
    "measure": "right",
    "quality": 0.5,
    "nearest_neighbour": 0.4,
    "units": 128,
    "parameters": 1_500_000,
    "steps": 1200,
    "seconds": 60,
    "tokens_per_second": 900,
    "bundle_bytes": 5_000_000,
}


@pytest.mark.parametrize("known", [0, 300])
@pytest.mark.parametrize("preset", ["small", "base"])
def test_all_architectures_get_as_many_parameters_to_a_few_hundredths(preset, known):
    config = ModelConfig.of(PRESETS[preset], 2000, known)
    shapes = equal_shapes_of(preset, 2000, known)
    assert shapes.keys() == ARCHITECTURES.keys()
    budget = describe(config).parameters
    assert {name: one for name, one in shapes.items() if abs(describe(one).parameters / budget - 1) > 0.06} == {}
    assert shapes["lstm"] == config


def test_the_options_choose_the_shape():
    shape = replace(PRESETS["small"], architecture="gru", units=136)
    words = shape_options(shape)
    assert words[words.index("--architecture") + 1] == "gru"
    assert words[words.index("--units") + 1] == "136"
    assert "--bidirectional" in words


def test_a_drawing_has_so_many_phrasings_of_each_reply_and_is_always_the_same():
    pairs = [Pair(f"{reply} {number}", reply) for reply in ("yes", "no") for number in range(9)] + [Pair("hm", "eh")]
    drawn = draw_phrasings(pairs, 5)
    assert [sum(pair.reply == reply for pair in drawn) for reply in ("yes", "no", "eh")] == [5, 5, 1]
    assert set(drawn) <= set(pairs)
    assert draw_phrasings(pairs, 5) == drawn


def test_a_corpus_of_the_table_has_another_name_than_any_architecture():
    names = [corpus.name for corpus in table(Path("data"))]
    assert len(set(names)) == len(names)
    assert not ARCHITECTURES.keys() & set(names)


def test_the_table_has_a_column_for_each_time_and_the_speed_of_the_longest_training():
    speed = {name: LINE[name] for name in ("corpus", "architecture", "minutes", "threads", "seed")}
    lines = [
        LINE,
        LINE | {"minutes": 4, "quality": 0.625, "steps": 4800, "seconds": 240},
        LINE | {"architecture": "gru", "minutes": 4, "quality": 0.6},
        LINE | {"corpus": "talk", "measure": "bits", "quality": 1.5, "nearest_neighbour": None},
        speed | {"minutes": 4, "reply_ms": 1.25, "reply_tokens": 9, "cold_reply_s": 0.5},
    ]
    head, _, *rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in write_table(lines).splitlines()]
    cells = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["corpus"], row["architecture"]) for row in cells] == [
        ("faq", "lstm"),
        ("faq", "gru"),
        ("talk", "lstm"),
    ]
    assert [(row["1 min"], row["4 min"]) for row in cells] == [("50.0%", "62.5%"), ("–", "60.0%"), ("1.500", "–")]
    assert (cells[0]["steps"], cells[0]["ms a reply"], cells[0]["cold reply"]) == ("4,800", "1.25", "0.50 s")
    assert (cells[1]["ms a reply"], cells[2]["nearest neighbour"]) == ("–", "–")


def test_a_row_is_measured_once_and_stays(tmp_path, english_pairs):
    corpus = write_pairs(tmp_path / "few.tsv", english_pairs[:12])
    asked = ["--corpus", "few", corpus, corpus, "right", "--known-replies 0", "--only", "gru"]
    done = run_script(tmp_path, *asked, "--minutes", "0.03", "--out", "out")
    assert done.returncode == 0, done.stderr
    trained, speed = map(json.loads, (tmp_path / "out" / "results.jsonl").read_text().splitlines())
    assert (trained["corpus"], trained["architecture"], trained["minutes"]) == ("few", "gru", 0.03)
    assert 0 <= trained["quality"] <= 1
    assert trained["nearest_neighbour"] > 0.8
    assert trained["steps"] > 0
    assert speed["reply_ms"] > 0
    row = (tmp_path / "out" / "table.md").read_text().splitlines()[2]
    assert row.startswith("| few | accepted replies | gru |")
    assert row.count("–") == 0
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    again = run_script(tmp_path, *asked, "--minutes", "0.03", "--out", "out")
    assert again.returncode == 0, again.stderr
    assert "1 of 1 rows are there" in again.stdout
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "grue"], "grue: not among"),
        (["--jobs", "9999"], "--jobs times --threads"),
        (["--data", "nowhere"], "nowhere/chitchat.train.tsv"),
        (["--corpus", "faq", "a.tsv", "b.tsv", "wrong"], "--corpus"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_before_anything_is_trained(tmp_path, words, said):
    done = run_script(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def run_script(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPTS / "architectures.py"), *map(str, words)]
    return subprocess.run(
        command,
        cwd=folder,
        env=program_environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
