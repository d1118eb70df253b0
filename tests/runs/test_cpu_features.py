import pytest

from chatbot.errors import TrainingError
from chatbot.runs.cpu_features import check_for_tensorflow, read_flags

OLD = "processor\t: 0\nflags\t\t: fpu sse4_2 ssse3\n\nprocessor\t: 1\nflags\t\t: fpu\n"


def test_the_flags_are_those_of_the_first_processor(tmp_path):
    (tmp_path / "cpuinfo").write_text(OLD)
    assert read_flags(tmp_path / "cpuinfo") == {"fpu", "sse4_2", "ssse3"}


@pytest.mark.parametrize("content", [None, b"", b"flags", b"\xff\xfe: \x00"])
def test_where_nothing_is_said_there_are_none(tmp_path, content):
    if content is not None:
        (tmp_path / "cpuinfo").write_bytes(content)
    assert read_flags(tmp_path / "cpuinfo") == frozenset()


@pytest.mark.parametrize(
    ("flags", "found"),
    [({"fpu", "sse4_2"}, {"AVX": True}), ({"fpu", "avx", "avx2"}, {"AVX": False}), (set(), {"AVX": False})],
    ids=["hidden by the system", "of an emulator", "known to NumPy alone"],
)
def test_an_intel_processor_without_avx_is_refused_with_the_way_out(flags, found):
    with pytest.raises(TrainingError, match="no AVX instructions.*train on another machine and copy the bundle"):
        check_for_tensorflow("x86_64", frozenset(flags), found)


def test_others_and_unknown_ones_pass():
    check_for_tensorflow("x86_64", frozenset({"avx"}), {"AVX": True})
    check_for_tensorflow("x86_64", frozenset(), {})
    check_for_tensorflow("aarch64", frozenset({"fp", "asimd"}), {"NEON": True})
    check_for_tensorflow("arm64", frozenset(), {})
    check_for_tensorflow()  # TensorFlow runs where these tests do


def test_without_its_packages_it_says_what_to_install():
    with pytest.raises(TrainingError, match=r"tensorflou is not installed here.*pip install \."):
        check_for_tensorflow(packages=["numpy", "tensorflou"])
