"""Ways to damage a bundle: what a disk, a broken copy or somebody with time could do to its files."""

import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.bundle import INDEX, KERAS_MODEL, MANIFEST, REPLIES, TOKENIZER
from chatbot.bundle.checked_file import describe

NASTY: list[Any] = [
    *(None, True, -1, 0, 1, 2**31, 2**63, 10**400, 1e308, float("nan"), float("inf"), -float("inf")),
    *("", "x" * 10000, "../../etc/passwd", "\x1b[2J\u202e", [], {}, [[]], {"a": {}}, ["a"] * 1000),
]
Change = Callable[[random.Random, Path], None]


def _flip(draw: random.Random, file: Path) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(draw.choice((1, 1, 4, 32))):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)


def _cut(draw: random.Random, file: Path) -> None:
    os.truncate(file, draw.randrange(file.stat().st_size))


def _insert(draw: random.Random, file: Path) -> None:
    content, place = file.read_bytes(), draw.randrange(file.stat().st_size)
    file.write_bytes(content[:place] + draw.randbytes(draw.choice((1, 4, 1000))) + content[place:])


def _remove(_: random.Random, file: Path) -> None:
    file.unlink()


def _swap(draw: random.Random, file: Path) -> None:
    shutil.copyfile(draw.choice([other for other in sorted(file.parent.iterdir()) if other != file]), file)


def _link(_: random.Random, file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _pipe(_: random.Random, file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _integer(draw: random.Random, file: Path) -> None:
    """Change one number of the structure of a FlatBuffer, which is at its beginning and its end."""
    content = bytearray(file.read_bytes())
    room = min(len(content) // 4, 6000)
    place = 4 * draw.choice((draw.randrange(room), len(content) // 4 - 1 - draw.randrange(room)))
    wild = (0, 1, -1, 2**31 - 1, -(2**31), 1 << 20, draw.randrange(-(2**31), 2**31), draw.randrange(256))
    content[place : place + 4] = draw.choice(wild).to_bytes(4, "little", signed=True)
    file.write_bytes(content)


def _arrays(draw: random.Random, file: Path) -> None:
    """Change one array of an index: its size, its kind, its values, its header, or pack 400 MB of zeros."""
    with np.load(file) as stored:
        found = {name: stored[name] for name in stored.files}
    name, kind = draw.choice(sorted(found)), draw.randrange(7)
    array = found[name]
    found[name] = [
        array[:0],
        array[: len(array) // 2],
        array.astype(np.float64) * float("nan"),
        array[::-1],
        np.full_like(array, np.iinfo(array.dtype).max if array.dtype.kind == "u" else -1),
        array.reshape(1, -1),
        array,
    ][kind]
    np.savez_compressed(file, **found)
    if kind == 6:
        _pack(draw, file, f"{name}.npy")


def _pack(draw: random.Random, file: Path, member: str) -> None:
    with zipfile.ZipFile(file) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    shape = draw.choice(("(400000000,)", "(1000000000000,)", f"({10**30},)", "(-1,)", "(1,", "(" * 90))
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    contents[member] = head + bytes(400_000_000 if shape == "(400000000,)" else 10)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents.items():
            packed.writestr(name, content)


def _table(draw: random.Random, file: Path) -> None:
    """Change the entries of a table, their type, its length or its header."""
    table = np.load(file)
    kind, name = draw.randrange(6), draw.choice(table.dtype.names)
    changed = table.copy()
    if kind == 0:
        changed = table[: draw.randrange(len(table))]
    elif kind == 1:
        changed[name] = np.frombuffer(draw.randbytes(table[name].nbytes), table[name].dtype)
    elif kind == 2:
        with np.errstate(over="ignore"):  # 1e39 is infinite where numbers have four bytes
            changed[name] = draw.choice([0, -1, 1e39, float("nan")] if table[name].dtype.kind == "f" else [0, 1])
    elif kind == 3:
        changed = table[::-1]
    elif kind == 4:
        changed = table[name]
    np.save(file, changed)
    if kind == 5:
        content = file.read_bytes()
        shape = draw.choice((b"1000000000000,", b"-1,", b"9" * 30 + b",", b"(" * 40, b"1" * 4000))
        file.write_bytes(content.replace(str(table.shape)[1:-1].encode(), shape, 1))


def _value(*sections: str) -> Change:
    """A change of one value in some sections of the manifest."""

    def change(draw: random.Random, file: Path) -> None:
        told = json.loads(file.read_text())
        section = draw.choice(sections)
        if isinstance(told[section], dict):
            places = [place for place in _places(told[section]) if place]
            *way, last = draw.choice(places)
            holder = told[section]
            for key in way:
                holder = holder[key]
            holder[last] = draw.choice(NASTY)
        else:
            told[section] = draw.choice([*NASTY, 2, 4, "3"])
        file.write_text(json.dumps(told))

    return change


def _bomb(_: random.Random, file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("config.json", bytes(100_000_000))


def _replies(draw: random.Random, file: Path) -> None:
    value = json.loads(file.read_text())
    value[draw.randrange(len(value))] = draw.choice(NASTY)
    texts = [json.dumps(value), "[" * draw.choice((100, 100_000)), "[]", json.dumps(value[:-1]), "nonsense"]
    file.write_text(draw.choice(texts))


def _manifest(draw: random.Random, file: Path) -> None:
    """Put a nasty value in a random place of the manifest, or take the place out."""
    value = json.loads(file.read_text())
    place = draw.choice(list(_places(value)))
    holder = value
    for key in place[:-1]:
        holder = holder[key]
    if draw.random() < 0.2:
        del holder[place[-1]]
    else:
        holder[place[-1]] = draw.choice(NASTY)
    text = json.dumps(value)
    if draw.random() < 0.1:
        text = text.replace('"created"', f'"deep": {"[" * 100_000}{"]" * 100_000}, "created"', 1)
    file.write_text(text)


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    for key in value if isinstance(value, dict) else range(len(value)):
        yield (key,)
        if isinstance(value[key], dict | list):
            yield from ((key, *rest) for rest in _places(value[key]))


#: Kinds of damage: how often of all, in which files, what is done, whether the checksums are made right again.
KINDS: dict[str, tuple[int, str, tuple[Change, ...], bool]] = {
    "any file, checksums as they were": (15, "*", (_flip, _cut, _insert, _remove, _swap, _link, _pipe), False),
    "step model, bytes": (15, "*.tflite", (_flip, _cut, _insert), True),
    "step model, numbers of its structure": (25, "*.tflite", (_integer,), True),
    "step model, swapped": (3, "*.tflite", (_swap,), True),
    "tokenizer": (7, TOKENIZER, (_flip, _cut, _insert, _swap), True),
    "index, bytes": (5, INDEX, (_flip, _cut, _insert, _swap), True),
    "index, arrays": (8, INDEX, (_arrays,), True),
    "known replies": (4, REPLIES, (_replies, _flip, _cut, _swap), True),
    "Keras model": (3, KERAS_MODEL, (_bomb, _cut, _flip), True),
    "table of n-grams or recorded prompts": (8, "*.npy", (_table, _table, _flip, _cut, _insert, _swap), True),
    "manifest, any value or byte": (12, MANIFEST, (_manifest, _flip, _cut, _insert), False),
    "manifest, calibration": (6, MANIFEST, (_value("confidence"),), False),
    "manifest, version, sizes, metrics": (
        7,
        MANIFEST,
        (_value("format_version", "model", "versions", "metrics"),),
        False,
    ),
}


def damage(draw: random.Random, kind: str, place: Path) -> None:
    """Damage a bundle.

    Args:
        draw: Chooses the file and what becomes of it.
        kind: One of `KINDS`.
        place: The folder.
    """
    _, pattern, changes, right = KINDS[kind]
    file = draw.choice(sorted(place.glob(pattern)))
    draw.choice(changes)(draw, file)
    if right:
        told = json.loads((place / MANIFEST).read_text())
        told["files"][file.name] = describe(file)
        (place / MANIFEST).write_text(json.dumps(told))
