import os
import shutil
import signal
import subprocess
import sys

import pytest

from chatbot.errors import RunError
from chatbot.runs.run_identity import Identity
from chatbot.runs.run_lock import claim
from tests.conftest import program_environment


@pytest.fixture
def folder(tmp_path):
    with claim(tmp_path / "bot") as folder:
        folder.begin(Identity({}, "the digest", {}))
        yield folder


@pytest.mark.usefixtures("folder")
def test_a_place_is_for_one_at_a_time_and_the_message_names_it_and_the_process(tmp_path):
    expected = f"bot: another training is writing there .process {os.getpid()}.*--checkpoint DIR"
    with pytest.raises(RunError, match=expected), claim(tmp_path / "bot"):
        pass
    with claim(tmp_path / "another"):
        pass


def test_a_process_that_was_killed_gives_its_place_back(tmp_path):
    script = (
        "import pathlib, time\n"
        "from chatbot.runs.run_lock import claim\n"
        "with claim(pathlib.Path('bot')):\n"
        "    print('mine', flush=True)\n"
        "    time.sleep(100)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, env=program_environment(tmp_path), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"mine\n"
        with pytest.raises(RunError, match="another training"), claim(tmp_path / "bot"):
            pass
        process.send_signal(signal.SIGKILL)
    with claim(tmp_path / "bot"):
        pass


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("error", ["ENOLCK", "EOPNOTSUPP", "EBADF", "ENOSYS"])
def test_a_file_system_without_locks_is_a_warning_that_names_the_folder_and_the_work_goes_on(tmp_path, error):
    script = (
        "import pathlib, sys\n"
        "from chatbot.runs.run_lock import claim\n"
        "with claim(pathlib.Path('bot'), lambda text: print(text)) as folder:\n"
        "    print(folder.read())\n"
    )
    calls = ["-f", "-qq", "-e", "trace=flock,fcntl", "-e", f"inject=flock:error={error}", "-o", "/dev/null"]
    done = subprocess.run(
        ["strace", *calls, sys.executable, "-c", script],
        cwd=tmp_path,
        env=program_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr.lower():
        pytest.skip("strace may not trace here")
    assert (done.returncode, done.stderr) == (0, "")
    warning, rest = done.stdout.split("\n", 1)
    assert warning.startswith("bot.run: its file system has no locks (")
    assert "--checkpoint DIR" in warning
    assert rest == "None\n"
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_another_process_holds_is_no_missing_lock(folder, tmp_path):
    del folder
    warned = []
    with pytest.raises(RunError, match="another training"), claim(tmp_path / "bot", warned.append):
        pass
    assert warned == []
