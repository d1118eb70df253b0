import json
from pathlib import Path

import pytest

from chatbot.cli.options.settings_file import SettingsFile
from chatbot.errors import ConfigError
from tests.conftest import run_chatbot

INTERFACE = {
    ("reply",): {"beam": "int", "top_p": "float", "json": "bool", "fallback": "str"},
    ("train",): {"seed": "int", "max_time": "str", "valid": "path", "fallback": "texts"},
    ("corpus", "import"): {"gap": "str", "context": "int"},
}


@pytest.fixture
def write(tmp_path):
    """Write the configuration file of the program that the test runs."""

    def write(text: str) -> Path:
        file = tmp_path / "config" / "chatbot" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def shown(folder, command, **environment):
    done = run_chatbot(["config", *command, "--json"], folder, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["commands"][" ".join(command)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("beam = 3\nbeem = 5", "c.toml: unknown key 'beem'; did you mean beam?"),
        ("# all\n\n[reply]\nbeam = '5'", "c.toml: [reply] beam must be a whole number, not '5'"),
        ("[reply]\nbeam = true", "c.toml: [reply] beam must be a whole number, not True"),
        ("reply.top-p = 'much'", "c.toml: [reply] top-p must be a number, not 'much'"),
        ("json = 1", "c.toml: json must be true or false, not 1"),
        ("fallback = 3", "c.toml: fallback must be a text in quotes, not 3"),
        ("valid = [\n  'a.tsv',\n]", "c.toml: valid must be a path in quotes, not ['a.tsv']"),
        ("[reply]\nseed = 1", "c.toml: [reply] unknown key 'seed'"),
        ("beam = 1\n\n[repl]", "c.toml: there is no command 'repl'"),
        ("[corpus.export]\ngap = '1h'", "c.toml: there is no command 'corpus export'"),
        ("max-time = '1m'\nmax_time = '2m'", "c.toml: max_time is set already, as max-time"),
        ("[corpus.import]\ngap = 6", "c.toml: [corpus.import] gap must be a text in quotes, not 6"),
        ("beam = 1\nbeam = 2", "c.toml: not TOML: "),
        ("beam 1", "c.toml: not TOML: "),
        ("[reply", "c.toml: not TOML: "),
    ],
)
def test_what_no_option_takes_is_an_error_with_its_table_and_key(text, message):
    with pytest.raises(ConfigError) as refusal:
        SettingsFile(Path("c.toml"), text, INTERFACE)
    assert str(refusal.value).startswith(message)


def test_an_option_that_may_be_repeated_has_a_text_or_a_list_of_them():
    SettingsFile(Path("c.toml"), "fallback = 'I do not know.'", INTERFACE)
    SettingsFile(Path("c.toml"), "[train]\nfallback = ['I do not know.', 'Ask me later.']", INTERFACE)
    with pytest.raises(ConfigError, match="must be a text in quotes, not \\['a'\\]"):
        SettingsFile(Path("c.toml"), "fallback = ['a']", INTERFACE)
    with pytest.raises(ConfigError, match="must be a text in quotes, or a list of them, not 3"):
        SettingsFile(Path("c.toml"), "train.fallback = 3", INTERFACE)


def test_the_texts_of_a_repeated_option_keep_their_spaces_wherever_they_are_set(tmp_path, write):
    write("[train]\nfallback = 'I do not know.'")
    assert shown(tmp_path, ["train"])["fallback"]["value"] == ["I do not know."]
    several = shown(tmp_path, ["train"], CHATBOT_FALLBACK="I do not know.\nAsk me later.")
    assert several["fallback"]["value"] == ["I do not know.", "Ask me later."]


def test_empty_tables_and_whole_numbers_for_numbers_are_taken():
    file = SettingsFile(Path("c.toml"), "top-p = 1\n[reply]\n[corpus]\n[corpus.import]\n", INTERFACE)
    found = file.find(("reply",), "top_p")
    assert (found.value, found.place, file.find(("reply",), "beam")) == (1, "c.toml: top-p", None)


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("a." * 5_000_000 + "a = 1\n")
    with pytest.raises(ConfigError, match="c.toml: more than 32 KiB"):
        SettingsFile.read(path, INTERFACE)


@pytest.mark.parametrize(
    ("environment", "text", "value"),
    [
        ({}, "", 1),
        ({}, "beam = 2", 2),
        ({}, "beam = 2\n[reply]\nbeam = 3", 3),
        ({"CHATBOT_BEAM": "4"}, "beam = 2\n[reply]\nbeam = 3", 4),
        ({"CHATBOT_BEAM": "4", "CHATBOT_REPLY_BEAM": "5"}, "beam = 2", 5),
        ({"CHATBOT_BEAM": "", "CHATBOT_TRAIN_BEAM": "6"}, "beam = 2", 2),
    ],
)
def test_one_command_outranks_all_and_the_environment_outranks_the_file(tmp_path, write, environment, text, value):
    write(text)
    assert shown(tmp_path, ["reply"], **environment)["beam"]["value"] == value


def test_what_is_typed_outranks_the_environment_which_outranks_the_file_which_outranks_the_default(
    tmp_path, write, english_bundle, learned_pairs
):
    prompt, reply = learned_pairs[0]
    assert shown(tmp_path, ["reply"])["n_best"] == {"value": 1, "source": "default", "place": None}
    file = write(f"# mine\nbeam = 6\nn-best = 4\n\n[reply]\ncheckpoint = '{english_bundle}'\nn-best = 2\n")
    held = shown(tmp_path, ["reply"])
    assert held["beam"] == {"value": 6, "source": "file", "place": f"{file}: beam"}
    assert held["n_best"] == {"value": 2, "source": "file", "place": f"{file}: [reply] n-best"}
    assert shown(tmp_path, ["chat"])["beam"]["value"] == 6
    assert len(run_chatbot(["reply", prompt], tmp_path).stdout.splitlines()) == 2
    variable = {"CHATBOT_N_BEST": "3"}
    held = shown(tmp_path, ["reply"], **variable)["n_best"]
    assert held == {"value": 3, "source": "environment", "place": "CHATBOT_N_BEST"}
    assert len(run_chatbot(["reply", prompt], tmp_path, **variable).stdout.splitlines()) == 3
    assert run_chatbot(["reply", prompt, "--n-best", "1"], tmp_path, **variable).stdout == f"{reply}\n"


def test_paths_of_the_file_are_taken_from_its_folder_and_flags_are_true_or_false(tmp_path, write):
    file = write("checkpoint = 'bots/a'\n[train]\noverwrite = true\nindex = false\n")
    held = shown(tmp_path, ["train"])
    assert held["checkpoint"]["value"] == str(file.parent / "bots" / "a")
    assert (held["overwrite"]["value"], held["index"]["value"]) == (True, False)
    assert shown(tmp_path, ["train"], CHATBOT_INDEX="yes")["index"]["value"] is True
    assert shown(tmp_path, ["train"], CHATBOT_CHECKPOINT="b")["checkpoint"]["value"] == "b"


def test_the_bare_name_of_a_bundle_is_taken_as_it_is_unless_the_folder_of_the_file_has_it(tmp_path, write):
    file = write("checkpoint = 'dialogs'\n")
    assert shown(tmp_path, ["reply"])["checkpoint"]["value"] == "dialogs"
    (file.parent / "dialogs").mkdir()
    assert shown(tmp_path, ["reply"])["checkpoint"]["value"] == str(file.parent / "dialogs")


@pytest.mark.parametrize("value", ["bots/help-desk", "help-desk"])
def test_an_error_about_a_bundle_that_nobody_typed_says_where_it_is_set(tmp_path, write, value):
    file = write(f"# mine\n[reply]\ncheckpoint = '{value}'\n")
    done = run_chatbot(["reply", "hi"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "help-desk: no such bundle; looked in " in done.stderr
    assert done.stderr.endswith(f" (--checkpoint is set by {file}: [reply] checkpoint)\n")
    done = run_chatbot(["reply", "hi"], tmp_path, CHATBOT_REPLY_CHECKPOINT=value)
    assert done.stderr.endswith(" (--checkpoint is set by CHATBOT_REPLY_CHECKPOINT)\n")
    assert "is set by" not in run_chatbot(["reply", "hi", "--checkpoint", value], tmp_path).stderr


def test_another_file_can_be_named_and_none_at_all(tmp_path, write):
    write("beam = 2")
    (tmp_path / "other.toml").write_text("beam = 3")
    asked = ["config", "reply", "--json"]
    for before, environment, beam in [
        (["--config", "other.toml"], {}, 3),
        ([], {"CHATBOT_CONFIG": "other.toml"}, 3),
        (["--no-config"], {}, 1),
        ([], {"CHATBOT_NO_CONFIG": "1"}, 1),
        ([], {}, 2),
    ]:
        found = json.loads(run_chatbot([*before, *asked], tmp_path, **environment).stdout)
        assert found["commands"]["reply"]["beam"]["value"] == beam
    done = run_chatbot(["--config", "missing.toml", "reply", "hi"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "chatbot: missing.toml: cannot be read: No such file or directory\n"


def test_a_refused_file_stops_every_command_but_the_help(tmp_path, write):
    file = write("[train]\nunits = 1.5\n")
    message = f"{file}: [train] units must be a whole number, not 1.5"
    for command in (["reply", "hi"], ["chat"], ["config"], ["list"]):
        done = run_chatbot(command, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"chatbot: {message}\n")
    told = run_chatbot(["list", "--json"], tmp_path).stderr
    assert json.loads(told) == {"error": message, "exit_code": 2}
    for command in (["--help"], ["train", "--help"], ["config", "--help"], ["--version"]):
        assert run_chatbot(command, tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("typed", "blamed"),
    [(["--temperature", "1"], "--beam is set by {file}: beam"), (["--beam", "7"], "--n-best is set by")],
)
def test_an_error_says_where_an_option_is_set_that_nobody_typed(tmp_path, write, typed, blamed):
    file = write("# mine\nbeam = 5\n[reply]\nn-best = 9\n" if typed[0] == "--beam" else "# mine\nbeam = 5\n")
    done = run_chatbot(["reply", "hi", *typed], tmp_path)
    assert done.returncode == 2
    assert blamed.format(file=file) in done.stderr
    assert f"{typed[0]} is set by" not in done.stderr


def test_a_variable_that_is_no_value_is_named_by_the_command_and_by_config(tmp_path):
    for command in (["reply", "hi"], ["config", "reply"]):
        done = run_chatbot(command, tmp_path, CHATBOT_BEAM="many")
        assert done.returncode == 2
        assert "(--beam is set by CHATBOT_BEAM)" in done.stderr


def test_json_can_be_set_for_errors_too(tmp_path):
    done = run_chatbot(["reply", "hi", "--beam", "many"], tmp_path, CHATBOT_JSON="1")
    assert json.loads(done.stderr)["exit_code"] == 2


def test_a_variable_that_no_option_has_is_named(tmp_path):
    done = run_chatbot(["config", "reply"], tmp_path, CHATBOT_BEEM="5", CHATBOT_CONFIG="", CHATBOT_SEED="1")
    assert (done.returncode, done.stderr) == (0, "CHATBOT_BEEM is set, but no option has this variable\n")


def test_people_see_what_differs_from_the_defaults_and_where_it_is_set(tmp_path, write):
    file = write("[corpus.import]\ngap = '2h'\n")
    place = f"~/{file.relative_to(tmp_path)}"
    done = run_chatbot(["config"], tmp_path, HOME=str(tmp_path), CHATBOT_REDACT="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"file: {place}\n"
        "home: ~/data/chatbot\n"
        "\n"
        "corpus import\n"
        f"  gap     2h    {place}: [corpus.import] gap\n"
        "  redact  true  CHATBOT_REDACT\n"
    )


def test_where_nothing_is_set_config_says_how_to_see_the_defaults(tmp_path):
    done = run_chatbot(["config"], tmp_path, HOME=str(tmp_path))
    assert done.stdout == (
        "file: ~/config/chatbot/config.toml (not there)\n"
        "home: ~/data/chatbot\n"
        "\n"
        "Every option has its default; --all shows them.\n"
    )


def test_all_options_are_shown_on_request_with_what_they_do_in_words(tmp_path):
    rows = [line.split(None, 1) for line in run_chatbot(["config", "reply", "--all"], tmp_path).stdout.splitlines()]
    held = {row[0]: " ".join(row[1].split()) for row in rows[4:]}
    assert held["beam"] == "1 default"
    assert held["ban-words"] == "no words are banned default"
    assert held["seed"] == "another one each time default"
    assert held["checkpoint"] == "the one chosen by `chatbot use`, or trained last default"


def test_the_home_can_be_typed_set_by_a_variable_or_by_the_file(tmp_path, write):
    file = write("home = 'mine'\n")
    by_file = {"value": str(file.parent / "mine"), "place": f"{file}: home"}
    for before, environment, home in [
        ([], {}, by_file),
        ([], {"CHATBOT_HOME": "/by/variable"}, {"value": "/by/variable", "place": "CHATBOT_HOME"}),
        (["--home", "/typed"], {"CHATBOT_HOME": "/by/variable"}, {"value": "/typed", "place": "--home"}),
        (["--no-config"], {}, {"value": str(tmp_path / "data" / "chatbot"), "place": None}),
    ]:
        found = json.loads(run_chatbot([*before, "config", "reply", "--json"], tmp_path, **environment).stdout)
        assert found["home"] == home
    write("[reply]\nhome = 'mine'\n")
    assert ": [reply] unknown key 'home'" in run_chatbot(["list"], tmp_path).stderr


def test_standard_output_stays_what_it_is_and_a_path_is_taken_from_the_folder_of_the_file(tmp_path, write):
    for value, means in (("-", "-"), ("chat.tsv", str(write("").parent / "chat.tsv"))):
        write(f"[corpus.import]\noutput = '{value}'\n")
        assert shown(tmp_path, ["corpus", "import"])["output"]["value"] == means


def test_the_place_of_the_file_is_told_whether_or_not_it_is_there_or_right(tmp_path, write):
    expected = write("beam = ")
    assert run_chatbot(["config", "--path"], tmp_path).stdout == f"{expected}\n"
    expected.unlink()
    assert run_chatbot(["config", "--path"], tmp_path).stdout == f"{expected}\n"
    assert "(not there)" in run_chatbot(["config"], tmp_path).stdout


def test_a_command_that_is_none_is_wrong_usage(tmp_path):
    done = run_chatbot(["config", "frobnicate"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no command 'frobnicate'" in done.stderr
