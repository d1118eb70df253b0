"""The promise that a bundle is seen at every moment of a swap, whichever steps of reader and writer come together."""

import itertools
import os
from pathlib import Path

import pytest

from chatbot.bundle import MANIFEST, bundles_in, is_bundle
from chatbot.bundle.locations import previous

#: Steps of the writer that may come before a step of the reader, at most.
MOST_AT_ONCE = 3


def make(folder):
    folder.mkdir()
    (folder / MANIFEST).write_text('{"format_version": 4, "files": {}}')
    return folder


def steps_of_swaps(place):
    """The steps of a writer that replaces a bundle again and again, each as one call; as `bundle.writing` has them."""
    for number in itertools.count():
        staging, old = make(place.with_name(f".new{number}")), previous(place)
        yield lambda old=old: place.rename(old)
        yield lambda staging=staging: staging.rename(place)
        yield (old / MANIFEST).unlink
        yield old.rmdir


def interleaved(monkeypatch, steps, schedule):
    """Let steps of the writer happen before the reader's calls of the system, as many as the schedule says."""
    due = iter(schedule)

    def before(call):
        def done(*arguments, **options):
            for _ in range(0 if writing else next(due, 0)):
                writing.append(next(steps))
                writing[0]()
                writing.clear()
            return call(*arguments, **options)

        return done

    writing = []
    for name in ("open", "stat", "listdir"):
        monkeypatch.setattr(os, name, before(getattr(os, name)))


def schedules():
    """Up to three of the first eight calls of the reader have steps of the writer before them."""
    for where in itertools.combinations(range(8), 3):
        for many in itertools.product(range(MOST_AT_ONCE + 1), repeat=3):
            counts = dict(zip(where, many, strict=True))
            yield [counts.get(call, 0) for call in range(8)]


@pytest.mark.parametrize(
    "look", [is_bundle, lambda place: [(seen.path, seen.problem) for seen in bundles_in(place.parent)]]
)
def test_a_bundle_is_there_at_every_moment_of_a_swap(tmp_path, monkeypatch, look):
    expected = True if look is is_bundle else None
    for number, schedule in enumerate(schedules()):
        place = tmp_path / str(number) / "bot"
        place.parent.mkdir()
        make(place)
        with monkeypatch.context() as patch:
            interleaved(patch, steps_of_swaps(place), schedule)
            seen = look(place)
        assert seen == (expected or [(place, None)]), f"steps of the writer before each call of the reader: {schedule}"


def test_what_is_no_bundle_is_none_however_often_it_is_replaced(tmp_path):
    place = tmp_path / "bot"
    assert not is_bundle(place)
    place.mkdir()
    assert not is_bundle(place)
    place.rmdir()
    place.write_text("a file")
    assert not is_bundle(place)
    assert not is_bundle(Path("\0"))
