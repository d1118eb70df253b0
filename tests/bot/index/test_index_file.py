"""The promise that an index is measured before it is unpacked, and is texts and numbers of an index once it is read."""

import zipfile

import numpy as np
import pytest

from chatbot.bot.index.index_file import read_index, write_index
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.errors import BundleError


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "index.npz"
    NearestNeighbour.build([("hello", "hi"), ("good bye", "see you"), ("안녕", "네")]).save(path)
    return path


def repack(path, **members):
    """Put other bytes in the place of members of an index."""
    with zipfile.ZipFile(path) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    contents |= {f"{name}.npy": content for name, content in members.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents.items():
            packed.writestr(name, content)


def member(shape, content=bytes(10)):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


def test_what_was_written_is_read(index):
    read = read_index(index)
    write_index(index.with_name("again"), read)
    assert NearestNeighbour.load(index).reply("안녕") == "네"
    assert {name: array.tolist() for name, array in read_index(index.with_name("again")).items()} == {
        name: array.tolist() for name, array in read.items()
    }


def test_arrays_are_stored_where_they_can_be_used_and_the_same_arrays_give_the_same_bytes(index):
    arrays = read_index(index)
    write_index(index, arrays)
    written = index.read_bytes()
    write_index(index, arrays)
    with zipfile.ZipFile(index) as stored:
        assert {member.compress_type for member in stored.infolist()} == {zipfile.ZIP_STORED}
        for member in stored.infolist():
            assert written.index(stored.read(member), member.header_offset) % 64 == 0
    assert index.read_bytes() == written
    with np.load(index) as read:
        assert {name: read[name].tolist() for name in read} == {name: one.tolist() for name, one in arrays.items()}


def test_an_index_of_an_earlier_version_is_packed_and_read_like_any_other(index):
    arrays = {name: array.tolist() for name, array in read_index(index).items()}
    repack(index)
    assert {name: array.tolist() for name, array in read_index(index).items()} == arrays


def test_a_member_that_is_said_to_lie_elsewhere_is_refused(index):
    content = bytearray(index.read_bytes())
    at = content.index(b"PK\x01\x02")  # the first entry of the directory, whose place is 42 bytes on
    for place in (1, len(content) - 1, 2**32 - 2):
        content[at + 42 : at + 46] = place.to_bytes(4, "little")
        index.write_bytes(content)
        with pytest.raises(BundleError, match=r"index.npz: not an index of prompts"):
            read_index(index)


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", f"({10**30},)", "(-1,)", "(1,", "(" * 90, "(1.5,)", "None", "()"]
)
def test_a_header_is_believed_only_as_far_as_there_are_bytes(index, shape):
    repack(index, prompts=member(shape))
    with pytest.raises(BundleError, match=r"index.npz: not an index of prompts") as refused:
        read_index(index)
    assert "\n" not in str(refused.value)


def test_a_packed_file_that_would_take_all_memory_is_not_unpacked(index):
    repack(index, prompts=member("(100000000,)", bytes(100_000_000)))
    with pytest.raises(BundleError, match=r"it would take too much memory"):
        read_index(index)


@pytest.mark.parametrize(
    "change",
    [
        {"prompts": b"\xff\xfe"},
        {"replies": b"\x80"},
        {"prompts": b"ab", "prompt_ends": [0, 2]},
        {"prompts": "네a".encode(), "prompt_ends": [1, 4]},
    ],
    ids=["no text", "half a character", "an empty prompt", "cut within a character"],
)
def test_texts_that_are_none_are_refused(index, change):
    arrays = read_index(index)
    for name, value in change.items():
        if isinstance(value, bytes):
            arrays[name] = np.frombuffer(value, np.uint8)
            ends = f"{name[:-1].replace('replie', 'reply')}_ends"
            arrays[ends] = np.array([*range(1, len(arrays[ends])), len(value)], np.uint8)
        else:
            arrays[name] = np.array(value, np.uint8)
    write_index(index, arrays)
    with pytest.raises(BundleError, match=r"not an index of prompts"):
        read_index(index)


def test_an_array_of_another_kind_is_refused_also_one_that_may_be_missing(tmp_path):
    path = tmp_path / "index.npz"
    NearestNeighbour.build([("hello", "hi"), ("bye", "bye")], np.zeros(2, np.uint64)).save(path)
    arrays = read_index(path)
    assert {"files", "lines"} <= set(arrays)
    for name in arrays:
        with path.open("wb") as file:
            np.savez_compressed(file, **(arrays | {name: np.full(len(arrays[name]), np.nan)}))
        with pytest.raises(BundleError, match=r"index.npz: not an index of prompts"):
            read_index(path)
