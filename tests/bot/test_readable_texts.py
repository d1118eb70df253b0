"""Texts of people that lie readable in the files of a bundle."""

import shutil

from chatbot import bundle
from chatbot.bot.readable_texts import find_readable
from chatbot.bundle import Correction, Corrections
from chatbot.corpus import Pair, Row
from chatbot.corpus.rare_strings import find_rare_strings


def test_what_a_bot_was_taught_and_what_it_must_forget_lies_readable(english_bundle, tmp_path):
    pairs = [
        Pair("what is my pin", "Your pin is 4921773."),
        Pair("who is there", "Ask for Zelda at 14 Elm Street."),
        Pair("not taught", "My badge is 5810347."),
    ]
    source = bundle.Bundle.open(shutil.copytree(english_bundle, tmp_path / "bot"))
    taught = Correction(pairs[0].prompt, pairs[0].reply, instead_of="I do not know.", file="taught.tsv", line=1)
    corrected = bundle.correct(source, Corrections((taught,), (pairs[1].reply,)))

    rare = find_rare_strings([Row(line, pair, ()) for line, pair in enumerate(pairs, 1)], 100)
    files = {one.file: one for one in find_readable(corrected, pairs, rare)}
    found = files["corrections.json"]
    assert (found.prompts, found.replies, found.guessable) == (1, 2, False)
    assert {"4921773", "14 Elm Street"} <= set(found.strings)
    assert "5810347" not in found.strings
    assert "corrections.json" not in {one.file for one in find_readable(source, pairs, rare)}
