"""The promise that the files of a bundle are regular files of its folder."""

import json
import os

import pytest

from chatbot import bundle
from chatbot.bundle import MANIFEST, Bundle, CheckedFile
from chatbot.bundle.checked_file import describe
from chatbot.bundle.open_folder import OpenFolder
from chatbot.errors import BundleError


def link_outside(path):
    path.rename(path.parent.with_suffix(".kept"))
    path.symlink_to(path.parent.with_suffix(".kept"))


def endless(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("name", [MANIFEST, bundle.DECODER])
@pytest.mark.parametrize("damage", [link_outside, endless, pipe, folder])
def test_what_is_no_file_of_the_folder_is_refused_without_waiting(train, here, name, damage):
    place = train(here / "bot")
    damage(place / name)
    with pytest.raises(BundleError, match=f"{name}: cannot be read") as refused:
        Bundle.open(place)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["../bot/decoder.tflite", "/etc/passwd", "sub/decoder.tflite"])
def test_a_manifest_names_no_file_outside_the_table(train, here, name):
    place = train(here / "bot")
    content = (place / MANIFEST).read_text().replace(bundle.DECODER, name)
    (place / MANIFEST).write_text(content)
    with pytest.raises(BundleError, match=r"does not list the files of a bundle"):
        Bundle.open(place)


@pytest.mark.parametrize("name", [bundle.DECODER, bundle.KERAS_MODEL])
@pytest.mark.parametrize("size", [0, 10**15])
def test_a_size_that_was_made_up_is_damage_and_not_read_for(train, here, name, size):
    place = train(here / "bot")
    manifest = json.loads((place / MANIFEST).read_text())
    manifest["files"][name]["bytes"] = size
    (place / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=rf"{name} is damaged"):
        Bundle.open(place)


@pytest.mark.parametrize("key", ["bytes", "sha256"])
def test_a_manifest_describes_each_file_by_size_and_checksum(train, here, key):
    place = train(here / "bot")
    manifest = json.loads((place / MANIFEST).read_text())
    del manifest["files"][bundle.DECODER][key]
    (place / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"manifest.json: does not describe decoder.tflite"):
        Bundle.open(place)


def test_a_manifest_of_any_size_is_not_read_to_its_end(train, here):
    place = train(here / "bot")
    with (place / MANIFEST).open("ab") as file:
        file.truncate(1 << 40)
    with pytest.raises(BundleError, match=r"too large for a manifest"):
        Bundle.open(place)


def test_a_checked_file_is_the_one_that_was_opened(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"first")
    opened = OpenFolder(tmp_path)
    file = CheckedFile(path, opened, describe(path))
    opened.close()
    path.unlink()
    path.write_bytes(b"other")
    file.check_content()
    assert (file.read_bytes(), str(file)) == (b"first", str(path))


def test_content_that_is_kept_is_read_once_and_held_until_it_is_asked_for(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"first")
    file = CheckedFile(path, OpenFolder(tmp_path), describe(path))
    file.keep_content()
    path.write_bytes(b"other")
    assert file.read_bytes() == b"first"
    with pytest.raises(BundleError, match=r"file is damaged \(checksum mismatch\)"):
        file.read_bytes()
