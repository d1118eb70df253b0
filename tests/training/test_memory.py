import platform
import subprocess
import sys

import pytest

# Counts the pages that the system has to hand out while a block is taken, filled and freed again and again.
FAULTS = """
import ctypes, resource, sys
from chatbot.training.backend import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.free.argtypes = [ctypes.c_void_p]
def use():
    block = c.malloc(50_000_000)
    ctypes.memset(block, 1, 50_000_000)
    c.free(block)
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt belongs to glibc")
def test_memory_that_was_freed_is_used_again_without_asking_the_system():
    assert faults("kept") * 10 < faults("given back")
