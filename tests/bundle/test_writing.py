import contextlib
import json
import shutil
from pathlib import Path

import pytest

from chatbot import Chatbot, bundle
from chatbot.bundle import MANIFEST, Bundle, layout
from chatbot.bundle.checked_file import describe
from chatbot.config import ModelConfig
from chatbot.errors import BundleError

MODEL = ModelConfig(vocabulary_size=300, embedding_size=8, units=8)
FILES = bundle.required_files(MODEL)
WITH_ALL = ModelConfig(vocabulary_size=300, units=8, bidirectional=True, known_replies=60, ngrams=9, word_vectors=9)
#: The files that a bot may lack, without what it was taught after its training.
OPTIONAL = tuple(name for name in bundle.optional_files() if name != layout.CORRECTIONS)
ALL = (*bundle.required_files(WITH_ALL), *OPTIONAL)


@pytest.fixture
def copy(english_bundle, tmp_path):
    return shutil.copytree(english_bundle, tmp_path / "copy")


def change_manifest(path, **changes):
    manifest = json.loads((path / MANIFEST).read_text())
    (path / MANIFEST).write_text(json.dumps(manifest | changes))


def describe_again(path):
    """Make the manifest agree with the files, as somebody who tampers would."""
    change_manifest(path, files={name: describe(path / name) for name in ALL})


def test_a_bundle_is_the_folder_the_readme_describes(english_bundle):
    assert {file.name for file in english_bundle.iterdir()} == {MANIFEST, *ALL}
    manifest = Bundle.open(english_bundle).manifest
    assert manifest["format_version"] == 4
    assert manifest["corpus"] == ["english.tsv"]
    assert {"model", "training", "sizes", "metrics", "versions", "files", "created"} <= set(manifest)
    assert {"parity", "weights", "confidence", "quality"} <= set(manifest)
    assert set(manifest["files"]) == set(ALL)
    assert manifest["parity"]["same_replies"] == manifest["parity"]["prompts"] == 60
    assert str(english_bundle.parent) not in json.dumps(manifest)


def test_the_history_has_a_row_for_each_measurement_to_the_last_step(english_bundle):
    head, *rows = (english_bundle / bundle.HISTORY).read_text().splitlines()
    assert head == (
        "epoch,step,seconds,train_loss,valid_loss,valid_perplexity,valid_bits_per_byte,valid_exact,"
        "top_reply_share,learning_rate,tokens_per_second"
    )
    metrics = Bundle.open(english_bundle).manifest["metrics"]
    assert rows[-1].startswith(f"{metrics['epochs']},{metrics['steps']},")


def test_a_bidirectional_bot_and_one_that_knows_replies_have_files_more():
    assert set(ALL) - set(FILES) == {
        *(bundle.BACKWARD, bundle.RECALL, bundle.NGRAMS, bundle.WORD_VECTORS, bundle.REPLIES),
        *OPTIONAL,
    }


def test_an_index_is_kept_unless_nobody_wants_it(english_bundle, bare_bundle):
    assert str(Bundle.open(english_bundle).index) == str(english_bundle / bundle.INDEX)
    assert Bundle.open(bare_bundle).index is None
    assert not (bare_bundle / bundle.INDEX).exists()


def test_a_bundle_of_before_there_were_pictures_answers(copy, english_pairs):
    (copy / bundle.CURVE).unlink()
    described = json.loads((copy / MANIFEST).read_text())["files"]
    change_manifest(copy, files={name: described[name] for name in described if name != bundle.CURVE})
    assert Chatbot.load(copy).reply(english_pairs[0].prompt).text == english_pairs[0].reply


def test_a_picture_that_is_not_the_one_that_was_drawn_is_noticed(copy):
    (copy / bundle.CURVE).write_text("<svg/>")
    with pytest.raises(BundleError, match=r"history.svg is damaged \(checksum mismatch\)"):
        Bundle.open(copy).verify()


def test_an_index_that_the_manifest_does_not_know_is_not_read(bare_bundle, english_bundle, tmp_path):
    copy = shutil.copytree(bare_bundle, tmp_path / "copy")
    shutil.copy(english_bundle / bundle.INDEX, copy)
    assert Chatbot.load(copy).index is None


def test_an_index_of_nonsense_with_the_right_checksum_is_refused_when_it_is_needed(copy, english_pairs):
    (copy / bundle.INDEX).write_bytes(b"nonsense" * 100)
    describe_again(copy)
    reply = Chatbot.load(copy).reply(english_pairs[0].prompt)
    assert reply.text == english_pairs[0].reply
    with pytest.raises(BundleError, match=r"index.npz: not an index of prompts"):
        reply.confidence  # noqa: B018  # reading it is the test


@pytest.mark.parametrize("change", [{"right": {"offset": 0.0}}, {"threshold": None}, {"familiar": None}])
def test_a_confidence_that_does_not_fit_is_refused(copy, change):
    confidence = json.loads((copy / MANIFEST).read_text())["confidence"]
    change_manifest(copy, confidence=confidence | change)
    with pytest.raises(BundleError, match=r"manifest.json: .*train (it )?again"):
        Chatbot.load(copy)


def test_int8_weights_are_a_quarter_as_large_and_give_the_replies_of_keras(english_bundle, bare_bundle):
    weights = Bundle.open(english_bundle).manifest["weights"]
    assert weights["kind"] == "int8"
    assert weights["same_replies"] == weights["int8_same_replies"] >= 0.98 * weights["prompts"] > 0
    assert weights["prompts"] >= weights["judged"] > 0.9 * weights["prompts"]  # they were learned
    assert weights["int8_kept"] >= 0.98 * weights["judged"]
    for folder, bytes_each in ((english_bundle, 1), (bare_bundle, 4)):
        model = Bundle.open(folder).model
        projection = model.vocabulary_size * model.units
        size = (folder / bundle.DECODER).stat().st_size
        embedding_and_lstm = model.vocabulary_size * model.embedding_size + 4 * model.units * (
            model.embedding_size + model.units
        )
        attention = 2 * model.units * model.units
        assert size == pytest.approx(bytes_each * (projection + embedding_and_lstm + attention), rel=0.25)
    bare = Bundle.open(bare_bundle).manifest["weights"]
    assert (bare["kind"], bare["int8_same_replies"]) == ("float32", None)
    assert bare["same_replies"] == bare["prompts"] == 20


def test_a_bundle_can_be_moved_anywhere(copy, english_pairs):
    assert Chatbot.load(copy).reply(english_pairs[0].prompt).text == english_pairs[0].reply


@pytest.mark.parametrize("name", ALL)
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: missing; train it again"):
        Chatbot.load(copy)


@pytest.mark.parametrize("name", ALL)
def test_a_changed_file_is_named(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"{name} is damaged .checksum mismatch"):
        Bundle.open(copy).verify()


@pytest.mark.parametrize("name", ALL)
def test_a_bot_that_answers_reads_no_file_that_answering_does_not_need(copy, english_pairs, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    if name in {bundle.KERAS_MODEL, bundle.HISTORY, bundle.CURVE}:
        assert Chatbot.load(copy).reply(english_pairs[0].prompt).text == english_pairs[0].reply
    else:
        with pytest.raises(BundleError, match=f"{name} is damaged .checksum mismatch"):
            Chatbot.load(copy)


@pytest.mark.parametrize("name", ALL)
def test_a_file_of_another_size_is_named_before_any_is_used(copy, name):
    with (copy / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(BundleError, match=f"{name} is damaged .checksum mismatch"):
        Bundle.open(copy)


def test_an_unknown_format_version_is_refused(copy):
    change_manifest(copy, format_version=99)
    with pytest.raises(BundleError, match=r"manifest.json: format version 99, .* reads version 4"):
        Chatbot.load(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'"text"', b"[" * 100_000])
def test_a_manifest_that_is_none_is_refused(copy, content):
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(BundleError, match="manifest.json"):
        Chatbot.load(copy)


@pytest.mark.parametrize(
    "changes", [{"files": {}}, {"files": {"../../etc/passwd": {}}}, {"files": None}, {"model": {}}, {"model": None}]
)
def test_a_manifest_that_describes_something_else_is_refused(copy, changes):
    change_manifest(copy, **changes)
    with pytest.raises(BundleError, match="manifest.json"):
        Chatbot.load(copy)


def test_a_tokenizer_of_another_bot_is_refused_by_name(copy, korean_bundle):
    shutil.copy(korean_bundle / bundle.TOKENIZER, copy / bundle.TOKENIZER)
    describe_again(copy)
    with pytest.raises(BundleError, match=r"tokenizer.model: has \d+ pieces, but decoder.tflite has \d+"):
        Chatbot.load(copy)


@pytest.mark.parametrize("name", [bundle.TOKENIZER, bundle.ENCODER, bundle.DECODER, bundle.BACKWARD])
def test_a_file_of_nonsense_with_the_right_checksum_is_refused_by_name(copy, name):
    (copy / name).write_bytes(b"nonsense" * 100)
    describe_again(copy)
    with pytest.raises(BundleError, match=name):
        Chatbot.load(copy)


def test_a_folder_that_is_not_there_and_one_that_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match="no such bundle; train one with: chatbot train"):
        Bundle.open(tmp_path / "none")
    with pytest.raises(BundleError, match=r"manifest.json: missing, so .* is not a bundle"):
        Bundle.open(tmp_path)


def fill_with(word):
    def fill(folder):
        for name in FILES:
            (folder / name).write_text(word)
        return {"word": word}

    return fill


def test_writing_replaces_the_old_bundle_whole_and_leaves_nothing_behind(tmp_path):
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))
    written = bundle.write(tmp_path / "bot", MODEL, {}, fill_with("new"))
    assert written.manifest["word"] == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["bot"]


def test_a_run_that_dies_while_writing_leaves_the_old_bundle_whole(tmp_path):
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))

    def dies(folder):
        fill_with("new")(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundle.write(tmp_path / "bot", MODEL, {}, dies)
    assert Bundle.open(tmp_path / "bot").manifest["word"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["bot"]


def test_a_full_disk_is_an_error_and_the_old_bundle_stays(tmp_path):
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))

    def full(_folder):
        raise OSError(28, "No space left on device")

    with pytest.raises(BundleError, match="No space left on device"):
        bundle.write(tmp_path / "bot", MODEL, {}, full)
    assert Bundle.open(tmp_path / "bot").manifest["word"] == "old"


def test_what_fails_once_the_bundle_is_in_its_place_is_a_warning_and_the_new_one_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = bundle.CHECKPOINTS / "bot"
    place.parent.mkdir()
    (place.parent / bundle.LATEST).mkdir()  # a folder, which no file can replace
    warnings = []
    bundle.write(place, MODEL, {}, fill_with("old"), warnings.append)
    written = bundle.write(place, MODEL, {}, fill_with("new"), warnings.append)
    assert written.manifest["word"] == Bundle.open(place).manifest["word"] == "new"
    assert len(warnings) == 2
    assert warnings[1].startswith("checkpoints/bot: written, but checkpoints/latest cannot be pointed at it (")
    assert warnings[1].endswith("; name it with --checkpoint checkpoints/bot")
    assert {path.name for path in place.parent.iterdir()} >= {"bot", "latest"}
    assert not list(place.parent.glob(".bot*"))


def test_a_bundle_caught_between_the_two_renames_comes_back(tmp_path):
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))
    (tmp_path / "bot").rename(tmp_path / ".bot.previous")
    assert Bundle.open(tmp_path / "bot").manifest["word"] == "old"
    assert not (tmp_path / "bot").exists(), "a reader must not move what a writer is about to replace"
    with pytest.raises(BundleError, match="a bundle is there already"):
        bundle.require_free(tmp_path / "bot")
    bundle.clean_up(tmp_path / "bot")
    assert Bundle.open(tmp_path / "bot").path == tmp_path / "bot"


@pytest.mark.parametrize("moment", range(1, 6))
def test_a_writer_that_is_killed_at_any_moment_leaves_a_bundle_that_loads_and_nothing_that_stays(
    tmp_path, monkeypatch, moment
):
    """Every change of a name and every removal is a moment; from then on the writer does nothing more."""
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))
    left = [moment]

    class Killed(BaseException):
        pass

    def until_killed(do):
        def done(*arguments, **options):
            left[0] -= 1
            if left[0] <= 0:
                raise Killed
            return do(*arguments, **options)

        return done

    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(Path, "rename", until_killed(Path.rename))
        patch.setattr(shutil, "rmtree", until_killed(shutil.rmtree))
        bundle.write(tmp_path / "bot", MODEL, {}, fill_with("new"))
    assert Bundle.open(tmp_path / "bot").manifest["word"] == ("old" if moment <= 3 else "new")
    bundle.clean_up(tmp_path / "bot")
    assert Bundle.open(tmp_path / "bot").path == tmp_path / "bot"
    assert [path.name for path in tmp_path.iterdir()] == ["bot"]


def test_the_folder_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place in (".", "..", tmp_path):
        with pytest.raises(BundleError, match="the folder you are in"):
            bundle.check_place(Path(place))


def test_what_is_in_the_way_is_refused_before_any_work(tmp_path):
    bundle.write(tmp_path / "bot", MODEL, {}, fill_with("old"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letters.txt").write_text("dear")
    (tmp_path / "file").write_text("text")
    with pytest.raises(BundleError, match="--overwrite"):
        bundle.require_free(tmp_path / "bot")
    bundle.check_place(tmp_path / "bot")
    with pytest.raises(BundleError, match="a folder with other things in it"):
        bundle.check_place(tmp_path / "home")
    with pytest.raises(BundleError, match="not a folder"):
        bundle.check_place(tmp_path / "file")
    for check in (bundle.check_place, bundle.require_free):
        check(tmp_path / "new" / "place")


@pytest.mark.parametrize("name", ["latest", "caf\udce9", ".hidden", "-x", "a" * 241])
def test_a_name_that_cannot_be_a_bundle_is_refused_before_any_work(name):
    with pytest.raises(BundleError, match="choose another name with --checkpoint DIR"):
        bundle.check_place(bundle.CHECKPOINTS / name)


@pytest.mark.parametrize(("written", "turns"), [(3, 3), (0, 0), (-1, 0)])
def test_the_turns_it_was_trained_on_are_known_and_none_where_the_manifest_does_not_say(copy, written, turns):
    assert Bundle.open(copy).context_turns == 0
    change_manifest(copy, context_turns=written)
    assert Bundle.open(copy).context_turns == turns
