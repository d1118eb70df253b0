import shutil
from pathlib import Path

import pytest

from chatbot import bundle
from chatbot.bundle.default_bundle import read_latest
from chatbot.errors import BundleError, PathError

HERE = bundle.CHECKPOINTS


def find(asked=None):
    """The bundle that is found, and what is told on the way."""
    told = []
    return bundle.find(None if asked is None else Path(asked), told.append), told


def refusal(asked=None):
    with pytest.raises(BundleError) as error:
        find(asked)
    return str(error.value)


def test_a_bare_name_is_looked_for_here_then_under_checkpoints_then_in_the_home(train, home):
    train(home / "faq")
    assert find("faq") == (home / "faq", [])
    train(HERE / "faq")
    assert find("faq") == (HERE / "faq", [])
    Path("faq").mkdir()
    assert find("faq") == (HERE / "faq", []), "a folder that is no bundle hides none"
    train(Path("faq"))
    assert find("faq") == (Path("faq"), [])
    assert find(home / "faq") == (home / "faq", [])


def test_the_one_trained_last_here_answers_by_default_else_the_one_in_the_home(train, home):
    train(home / "mine")
    assert find() == (home / "mine", [])
    train(HERE / "one", day=2)
    train(HERE / "two", day=1)
    train(Path("elsewhere") / "three", day=3)
    assert find() == (HERE / "two", [])


def test_a_home_of_ones_own_is_where_training_writes_and_where_bundles_are_looked_for(
    train, here, tmp_path, monkeypatch
):
    assert bundle.new_place(Path("a/faq.tsv")) == HERE / "faq"
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path / "mine"))
    assert bundle.new_place(Path("a/faq.tsv")) == tmp_path / "mine" / "faq"
    train(bundle.new_place(Path("faq.tsv")))
    assert find() == find("faq") == (tmp_path / "mine" / "faq", [])
    monkeypatch.setenv("CHATBOT_HOME", str(here / "checkpoints"))
    assert bundle.folders() == [HERE]
    monkeypatch.setenv("CHATBOT_HOME", "~nobody-of-that-name/x")
    with pytest.raises(PathError):
        bundle.folders()


def test_without_a_home_folder_only_checkpoints_counts(train, monkeypatch):
    monkeypatch.setattr("chatbot.bundle.locations.user_folder", lambda _: None)
    assert bundle.folders() == [HERE]
    train(HERE / "faq")
    assert find("faq") == find() == (HERE / "faq", [])


def test_where_the_one_that_answered_is_gone_the_newest_whole_one_does_and_says_so(train):
    for day, name in enumerate(("oldest", "newer", "damaged", "gone"), 1):
        train(HERE / name, day)
    (HERE / "damaged" / bundle.ENCODER).unlink()
    shutil.rmtree(HERE / "gone")
    told = [
        "checkpoints/gone, which answered by default, is gone; checkpoints/newer answers instead"
        " (`chatbot use NAME` chooses another)"
    ]
    assert find() == (HERE / "newer", told)
    (HERE / "latest").unlink()
    told = ["checkpoints/latest is missing; checkpoints/newer answers instead (`chatbot use NAME` chooses another)"]
    assert find() == (HERE / "newer", told)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds '', which is not the name of a bundle"),
        (b"../elsewhere\n", "holds '../elsewhere', which is not the name of a bundle"),
        (b"/etc\n", "holds '/etc', which is not the name of a bundle"),
        (b"..\n", "holds '..', which is not the name of a bundle"),
        (b"a\nb\n", "holds 'a\ufffdb', which is not the name of a bundle"),
        (b"\xff", "cannot be read (it is not UTF-8)"),
    ],
)
def test_a_latest_that_names_no_bundle_is_said_and_leads_nowhere(train, content, problem):
    train(HERE / "faq")
    (HERE / "latest").write_bytes(content)
    found, told = find()
    assert found == HERE / "faq"
    assert told == [
        f"checkpoints/latest {problem}; checkpoints/faq answers instead (`chatbot use NAME` chooses another)"
    ]


def test_where_nothing_is_left_here_the_one_in_the_home_answers_and_says_why(train, home):
    train(home / "mine")
    train(HERE / "gone")
    shutil.rmtree(HERE / "gone")
    assert find() == (
        home / "mine",
        [
            f"checkpoints/gone, which answered by default, is gone; {home}/mine answers instead"
            " (`chatbot use NAME` chooses another)"
        ],
    )


def test_without_any_bot_the_folders_that_were_looked_in_are_named_and_how_to_train_one(here, home):
    looked = f"no bot has been trained yet; looked in {here}/checkpoints and {home}. Train one first:\n"
    assert refusal() == (
        f"{looked}    chatbot train CORPUS\n"
        "where CORPUS is a file of pairs, a prompt, a tab and its reply a line; or name a bundle with --checkpoint DIR"
    )
    Path("corpora").mkdir()
    Path("corpora/dialogs.tsv").touch()
    assert refusal() == f"{looked}    chatbot train corpora/dialogs.tsv\nor name a bundle with --checkpoint DIR"


def test_where_no_bundle_is_whole_the_error_says_what_is_wrong(train, here, home):
    train(HERE / "faq")
    (HERE / "faq" / bundle.ENCODER).unlink()
    (HERE / "latest").write_text("other\n")
    assert refusal().startswith(
        f"no bot can answer; looked in {here}/checkpoints and {home} (checkpoints/other, which answered by default,"
        " is gone; checkpoints/faq/encoder.tflite is missing or damaged). Train one first:\n"
    )


def test_what_is_not_found_is_told_with_all_folders_and_what_may_be_meant(train, here, home):
    assert refusal("othr") == (
        f"othr: no such bundle; looked in {here}, {here}/checkpoints and {home}; train one with: chatbot train CORPUS"
    )
    train(HERE / "other")
    train(home / "mine")
    train(Path("bots") / "help-desk")
    looked = f"no such bundle; looked in {here}, {here}/checkpoints and {home}"
    assert refusal("othr") == f"othr: {looked}; did you mean other?"
    assert refusal("mein") == f"mein: {looked}; did you mean mine?"
    assert refusal("xyz") == f"xyz: {looked}; `chatbot list` shows the bundles there are"
    assert refusal("bots/helpdesk") == (
        f"bots/helpdesk: no such bundle; looked in {here}/bots; did you mean bots/help-desk?"
    )
    Path("bots/none").mkdir()
    assert refusal("bots/none").startswith(f"bots/none: not a bundle, for {here}/bots/none/manifest.json is missing; ")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "x/" * 3000])
@pytest.mark.usefixtures("here")
def test_a_path_that_can_be_none_is_not_found(name):
    assert "no such bundle; looked in " in refusal(name)
    assert len(refusal(name)) < 700


def test_a_choice_holds_here_where_there_are_bundles_and_else_in_the_home(train, home):
    for name in ("one", "two"):
        train(home / name)
    bundle.set_default(home / "one")
    assert (find(), read_latest(home), read_latest(HERE)) == ((home / "one", []), "one", None)
    train(HERE / "here")
    bundle.set_default(home / "two")
    assert (find(), read_latest(home), read_latest(HERE)) == ((home / "two", []), "one", "two")
    bundle.set_default(Path("checkpoints/here"))
    assert find() == (HERE / "here", [])


def test_what_can_not_be_found_by_its_name_can_not_be_chosen(train, here, home):
    train(HERE / "faq")
    train(home / "faq")
    train(Path("bots") / "faq")
    with pytest.raises(BundleError, match=r"checkpoints/faq: has the same name and comes first; rename one"):
        bundle.set_default(home / "faq")
    with pytest.raises(BundleError, match=f"only a bundle in {here}/checkpoints and {home} can answer by default"):
        bundle.set_default(Path("bots/faq"))
