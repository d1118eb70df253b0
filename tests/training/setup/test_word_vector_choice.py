"""The word vectors of a run: which file they come from, which words are kept, and what is said of the wrong file."""

from pathlib import Path

import pytest

from chatbot.config import ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import CorpusError
from chatbot.runs.run_folder import RunFolder
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.word_vector_choice import choose_word_vectors

CORPUS = Corpus.of([Pair("Open today?", "Yes."), Pair("open", "Yes.")], [Pair("cake", "No.")])


class Listener:
    """An observer that keeps what is said before the steps."""

    def __init__(self):
        self.stages, self.warnings = [], []

    def stage(self, what):
        self.stages.append(what)

    def warned(self, what):
        self.warnings.append(what)


def choose(tmp_path, content, corpus=CORPUS, chief=True):
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    folder = RunFolder(tmp_path / "bot.run") if chief else None
    job = TrainingJob(Path("bot"), folder, None, (), ModelShape(), TrainingConfig(), vectors=path)
    listener = Listener()
    return choose_word_vectors(corpus, job, listener), listener


def test_the_words_of_the_prompts_are_found_in_lower_case_and_counted(tmp_path):
    vectors, listener = choose(tmp_path, "the 1 2\nOpen 3 4\ntoday 5 6\n")
    assert vectors.count_known(["open", "today", "cake"]) == 2
    assert listener.stages[-1] == "keeping the vectors of 3 words, with 2 of the 2 in the prompts"
    assert not listener.warnings


def test_vectors_of_another_language_are_noticed(tmp_path):
    _, listener = choose(tmp_path, "der 1 2\nheute 3 4\n")
    (said,) = listener.warnings
    assert said.endswith("vectors.txt: has 0 of the 2 words in the prompts; another language?")


def test_a_file_of_another_form_ends_the_run_before_its_first_step(tmp_path):
    with pytest.raises(CorpusError, match=r"vectors\.txt:2: 1 numbers, where the first word has 2"):
        choose(tmp_path, "the 1 2\ncake 1\n")


def test_a_process_that_writes_no_bundle_reads_no_vectors(tmp_path):
    vectors, listener = choose(tmp_path, "", chief=False)
    assert vectors is None
    assert not listener.stages
