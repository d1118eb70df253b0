"""A small transformer, trained by the command line on a few pairs, and asked for them."""

import json
import re

import pytest

from tests.conftest import run_chatbot, write_pairs


@pytest.fixture(scope="module")
def trained(tmp_path_factory, english_pairs):
    """The folder of a bot without known replies, so that every token is the decoder's, and its pairs."""
    folder, pairs = tmp_path_factory.mktemp("transformer"), english_pairs[:12]
    corpus = write_pairs(folder / "twelve.tsv", pairs)
    sizes = ["--architecture", "transformer", "--preset", "tiny", "--known-replies", "0"]
    limits = ["--valid-share", "0", "--epochs", "150", "--max-time", "none", "--seed", "1"]
    done = run_chatbot(["train", corpus, *sizes, *limits], folder)
    assert done.returncode == 0, done.stderr
    return folder, pairs


def test_it_says_what_it_has_learned(trained):
    folder, pairs = trained
    prompts = "".join(f"{prompt}\n" for prompt, _ in pairs)
    done = run_chatbot(["chat"], folder, stdin=prompts)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert sum(reply in line for (_, reply), line in zip(pairs, said, strict=False)) >= 11


def test_beams_sampling_and_scores_work_as_with_any_other(trained):
    folder, pairs = trained
    prompt, reply = pairs[0]
    done = run_chatbot(["reply", prompt, "--beam", "3", "--n-best", "3"], folder)
    assert done.returncode == 0, done.stderr
    assert reply in done.stdout.splitlines()[0]


def test_it_is_described(trained):
    folder, _ = trained
    shown = run_chatbot(["info"], folder).stdout
    assert "transformer of 64 units, 1 block on each side, 2 heads each; attention: in each block" in shown
    (parameters,) = re.findall(r"parameters +([\d,]+)", shown)
    drawn = run_chatbot(["explain", "--architecture"], folder).stdout
    assert "Self-attention 1, 2 heads" in drawn
    assert "Cross-attention 1, 2 heads" in drawn
    assert f"{parameters} parameters\n" in drawn.splitlines(keepends=True)[0]


def test_on_the_terminal_what_passes_to_the_decoder_leaves_the_end_of_the_encoder(trained):
    folder, _ = trained
    drawn = run_chatbot(["explain", "--architecture"], folder).stdout.splitlines()
    (row,) = [line for line in drawn if "Mean, tanh" in line]
    assert "Positions added" in row
    (outputs,) = [line for line in drawn if "Encoder outputs" in line]
    assert "Cross-attention 1" in outputs


def test_its_attention_is_explained_by_block_and_head_on_the_terminal_and_in_pictures(trained):
    folder, pairs = trained
    shown = run_chatbot(["explain", pairs[0][0], "--plain"], folder)
    assert (shown.returncode, shown.stderr) == (0, "")
    for title in ("Encoder self-attention", "Decoder self-attention", "Cross-attention"):
        (section,) = [part for part in shown.stdout.split("\n\n") if part.startswith(title)]
        assert [line.split(":")[0] for line in section.splitlines()[-2:]] == ["block 1, head 1", "block 1, head 2"]
    for name in ("why.svg", "why.html"):
        drawn = run_chatbot(["explain", pairs[0][0], "--output", name], folder)
        assert drawn.returncode == 0, drawn.stderr
        picture = (folder / name).read_text(encoding="utf-8")
        assert picture.count("block 1, head 2") == 3


def test_it_goes_on_to_learn_from_its_own_weights_and_keeps_its_shape(trained):
    folder, pairs = trained
    corpus = write_pairs(folder / "more.tsv", pairs[:3])
    limits = ["--valid-share", "0", "--epochs", "1", "--max-time", "none", "--learning-rate", "0.00001"]
    done = run_chatbot(["train", corpus, "--init-from", "twelve", "--checkpoint", "more", *limits], folder)
    assert done.returncode == 0, done.stderr
    told = json.loads((folder / "more" / "manifest.json").read_text())["model"]
    assert told["architecture"] == "transformer"
    said = run_chatbot(["reply", pairs[0][0], "--checkpoint", "more"], folder)
    assert said.stdout == run_chatbot(["reply", pairs[0][0], "--checkpoint", "twelve"], folder).stdout


def test_its_manifest_names_the_architecture(trained):
    folder, _ = trained
    (manifest,) = folder.glob("checkpoints/twelve/manifest.json")
    assert json.loads(manifest.read_text())["model"]["architecture"] == "transformer"
