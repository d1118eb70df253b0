import os
import platform
import subprocess
import sys

import pytest

# Prints the bytes that a process still has of a block that it has filled and freed.
RESIDENT = """
import ctypes, resource, sys
from chatbot.training.backend import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.free.argtypes = [ctypes.c_void_p]
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
before = resident()
block = c.malloc(50_000_000)
ctypes.memset(block, 1, 50_000_000)
c.free(block)
print(resident() - before)
"""


def resident_after_free(how):
    done = subprocess.run([sys.executable, "-c", RESIDENT, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt belongs to glibc")
def test_memory_that_was_freed_is_kept_for_the_next_step():
    assert resident_after_free("kept") > 45_000_000
    assert resident_after_free("given back") < 5_000_000


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_the_backend_is_tensorflow_whatever_a_person_has_set_for_keras():
    code = "from chatbot.training.backend import setup_backend\nsetup_backend()\nimport keras\n"
    assert run(f"{code}print(keras.backend.backend())", KERAS_BACKEND="numpy").stdout == "tensorflow\n"


def test_keras_that_already_runs_on_another_backend_is_refused():
    code = (
        "import sys, types\n"
        "sys.modules['keras'] = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: 'jax'))\n"
        "from chatbot.training.backend import setup_backend\nsetup_backend()"
    )
    assert "TrainingError: Keras runs on jax in this process" in run(code).stderr


def test_importing_the_module_imports_no_tensorflow():
    code = (
        "import sys, chatbot.training.backend\nprint({'keras', 'tensorflow', 'tensorflow_text'} & sys.modules.keys())"
    )
    assert run(code).stdout == "set()\n"


def test_what_was_imported_is_no_garbage_and_what_is_traced_is_searched_seldom():
    code = (
        "import gc\n"
        "from chatbot.training.backend import setup_backend\nsetup_backend()\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000, gc.get_threshold()[0] >= 50_000)"
    )
    assert run(code).stdout == "True True True\n"
