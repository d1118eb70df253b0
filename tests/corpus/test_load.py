import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import Corpus, Pair, Sources, load_pairs, open_corpus, split_by_prompt
from chatbot.corpus.origins import split_origins
from chatbot.errors import CorpusError, OutputError
from tests.conftest import refuse, write_pairs

PAIRS = [Pair(f"prompt {number}", f"reply {number % 40}") for number in range(100)]


def sources(*paths, scratch, block=8, valid=None, valid_share=0.1, seed=0):
    return Sources(paths, valid, valid_share, seed, scratch, block)


def read(*paths, on_problem=refuse, **options):
    """The corpus, its blocks in memory, as it is told while the files are open."""
    with open_corpus(sources(*paths, **options), on_problem) as corpus:
        return corpus, [list(block) for block in corpus.blocks()]


def test_a_corpus_that_fits_in_a_block_is_in_memory_and_all_of_it_is_the_sample(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    corpus, blocks = read(path, scratch=tmp_path, block=100)
    training, validation = split_by_prompt(PAIRS, 0.1, seed=0)
    assert corpus.in_memory
    assert (blocks, corpus.sample, corpus.validation) == ([training], training, validation)


def test_a_large_corpus_has_in_its_blocks_and_held_out_what_it_would_have_in_memory(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    small, _ = read(path, scratch=tmp_path, block=100)
    large, blocks = read(path, scratch=tmp_path)
    assert not large.in_memory
    assert all(0 < len(block) <= 8 for block in blocks)
    assert [pair for block in blocks for pair in block] == small.sample
    for name in ("validation", "count", "characters", "turns", "closed"):
        assert getattr(large, name) == getattr(small, name)


def test_each_pair_of_the_sample_has_its_file_and_line_whatever_the_size_of_a_block(tmp_path):
    files = [write_pairs(tmp_path / "one.tsv", PAIRS[:50]), write_pairs(tmp_path / "two.tsv", PAIRS[50:])]
    files[1].write_text(f"no tab\n\n{files[1].read_text()}", encoding="utf-8")
    lines = [file.read_text(encoding="utf-8").split("\n") for file in files]
    for block in (8, 100, 200):
        corpus, _ = read(*files, scratch=tmp_path, block=block, on_problem=lambda _: None)
        found = [lines[file][line - 1] for file, line in zip(*split_origins(corpus.origins), strict=True)]
        assert found == ["\t".join(pair) for pair in corpus.sample]


def test_the_topics_of_replies_are_in_the_third_column_whatever_the_size_of_a_block(tmp_path):
    path = tmp_path / "pairs.tsv"
    lines = [f"{pair.prompt}\t{pair.reply}\ttopic {number % 5}\n" for number, pair in enumerate(PAIRS)]
    path.write_text("".join(lines), encoding="utf-8")
    for block in (8, 100):
        corpus, _ = read(path, scratch=tmp_path, block=block)
        assert corpus.topics == {f"reply {number}": f"topic {number % 5}" for number in range(40)}


@given(
    st.lists(st.builds(Pair, *[st.text("aAbB ␞é", min_size=1, max_size=3).filter(str.strip)] * 2), min_size=1),
    st.integers(1, 9),
    st.none() | st.floats(0, 0.9),
    st.integers(0, 9),
)
def test_the_split_is_the_same_whatever_the_size_of_a_block(tmp_path_factory, pairs, block, share, seed):
    folder = tmp_path_factory.mktemp("corpus")
    path = write_pairs(folder / "pairs.tsv", pairs)
    whole, _ = read(path, scratch=folder, block=1000, valid_share=share, seed=seed)
    cut, blocks = read(path, scratch=folder, block=block, valid_share=share, seed=seed)
    assert [pair for part in blocks for pair in part] == whole.sample
    assert cut.validation == whole.validation


def test_the_sample_is_as_large_as_a_block_drawn_from_everywhere_and_another_with_another_seed(tmp_path):
    pairs = [Pair(f"prompt {number}", f"reply {number}") for number in range(100)]
    path = write_pairs(tmp_path / "pairs.tsv", pairs)
    samples = [read(path, scratch=tmp_path, valid_share=0, seed=seed)[0].sample for seed in (0, 0, *range(1, 60))]
    assert samples[0] == samples[1] != samples[2]
    assert all(len(set(sample)) == 8 and set(sample) <= set(pairs) for sample in samples)
    drawn = [pairs.index(pair) for sample in samples for pair in sample]
    assert len(set(drawn)) > 90
    assert 40 < sum(drawn) / len(drawn) < 60


@pytest.mark.parametrize("valid_share", [0, 0.1, None])
def test_the_sample_has_each_reply_of_a_set_however_rare_and_no_more_than_one_pair_beside_the_draw(
    tmp_path, valid_share
):
    pairs = [Pair(f"prompt {number}", "often") for number in range(600)]
    rare = {33: "once", 321: "never more", 599: "at the end"}
    pairs = [Pair(pair.prompt, rare.get(number, pair.reply)) for number, pair in enumerate(pairs)]
    path = write_pairs(tmp_path / "pairs.tsv", pairs)
    for seed in range(10):
        corpus, _ = read(path, scratch=tmp_path, valid_share=valid_share, seed=seed)
        assert {pair.reply for pair in corpus.sample} == {"often", *rare.values()}
        assert len(corpus.sample) == len(set(corpus.sample)) <= 8 + 4
        assert list(corpus.sample) == sorted(corpus.sample, key=pairs.index)
        lines = path.read_text().splitlines()
        _, places = split_origins(corpus.origins)
        assert [lines[line - 1] for line in places] == list(map("\t".join, corpus.sample))


def test_pairs_that_stand_there_twice_count_twice_in_one_block_or_in_two(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS[:10] * 3)
    for block in (100, 8):
        _, blocks = read(path, scratch=tmp_path, block=block, valid_share=0)
        assert [pair for part in blocks for pair in part] == PAIRS[:10] * 3


def test_several_files_are_one_corpus_and_a_validation_file_leaves_them_whole(tmp_path):
    one = write_pairs(tmp_path / "one.tsv", PAIRS[:30])
    two = tmp_path / "two.tsv.gz"
    two.write_bytes(gzip.compress(write_pairs(tmp_path / "plain.tsv", PAIRS[30:]).read_bytes()))
    valid = write_pairs(tmp_path / "valid.tsv", [Pair("prompt 1", "reply 1"), Pair("what", "something new")])
    corpus, blocks = read(one, two, scratch=tmp_path, valid=valid)
    assert [pair for block in blocks for pair in block] == PAIRS
    assert corpus.validation == [Pair("prompt 1", "reply 1"), Pair("what", "something new")]
    assert corpus.closed, "half of the replies are known"


def test_held_out_replies_are_a_known_set_where_most_of_them_are_learned_in_any_block(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    for replies, closed in ((["reply 0", "reply 39", "new"], True), (["reply 0", "new", "newer"], False)):
        valid = write_pairs(tmp_path / "valid.tsv", [Pair("ask", reply) for reply in replies])
        assert read(path, scratch=tmp_path, valid=valid)[0].closed == closed


def test_a_line_that_cannot_be_used_is_told_once_with_its_place_in_whichever_block(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    path.write_text(path.read_text().replace("prompt 50\t", "prompt 50 "))
    problems = []
    corpus, _ = read(path, on_problem=problems.append, scratch=tmp_path, valid_share=0)
    assert list(map(str, problems)) == [f"{path}:51: no tab between prompt and reply"]
    assert corpus.count == 99


def test_a_later_file_without_a_pair_is_an_error_that_names_it(tmp_path):
    one = write_pairs(tmp_path / "one.tsv", PAIRS)
    empty = write_pairs(tmp_path / "empty.tsv", [])
    with pytest.raises(CorpusError, match=r"empty\.tsv: no usable pair"):
        read(one, empty, scratch=tmp_path)


def test_what_is_on_disk_has_no_name_even_while_it_is_used(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_corpus(sources(path, scratch=scratch), refuse) as corpus:
        assert sum(map(len, corpus.blocks())) == corpus.count
        assert list(scratch.iterdir()) == []


def test_what_is_on_disk_makes_no_folder(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    with open_corpus(sources(path, scratch=tmp_path / "not" / "there"), refuse) as corpus:
        assert sum(map(len, corpus.blocks())) == corpus.count
        assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_takes_nothing_is_an_error_that_names_the_folder(tmp_path):
    path = write_pairs(tmp_path / "pairs.tsv", PAIRS)
    with pytest.raises(OutputError, match=r"pairs\.tsv: cannot be written"):
        read(path, scratch=path)


def test_a_corpus_of_lists_is_counted_like_one_of_files():
    corpus = Corpus.of([Pair("Hi", "Yes."), Pair("a ␞ b ␞ c", "No")], [Pair("ho", "No"), Pair("he", "Maybe")])
    assert (corpus.count, corpus.characters, corpus.turns, corpus.closed) == (2, 2 + 4 + 9 + 2, 2, True)


def test_a_corpus_in_another_form_is_never_told_to_be_imported_over_itself_or_over_another_file(tmp_path):
    source = tmp_path / "faq.tsv"
    source.write_bytes("caf\xe9\tth\xe9\nna\xefve\tyes\n".encode("latin-1"))
    with pytest.raises(CorpusError) as caught:
        list(load_pairs(source, lambda _: None))
    assert str(caught.value).endswith(f"try: chatbot corpus import {source} -o {tmp_path / 'faq-2.tsv'}")
    (tmp_path / "faq-2.tsv").touch()
    with pytest.raises(CorpusError) as caught:
        list(load_pairs(source, lambda _: None))
    assert str(caught.value).endswith(f" -o {tmp_path / 'faq-3.tsv'}")
