from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.reading.markup import ENTITY, TAG, count, decode


@pytest.mark.parametrize(
    ("text", "expected", "entities", "tags"),
    [
        ("it&#39;s &quot;late&quot; &amp; cold", 'it\'s "late" & cold', 4, 0),
        ("l&apos;eau&nbsp;&#xE9;&#8217;&euro;", "l'eau\u00a0é’€", 5, 0),
        ("one<br>two<BR/>three<br />four</p>", "one two three four ", 0, 4),
        ('go to <a href="x.html">our <b>shop</b></a>', "go to our shop", 0, 4),
        ("&lt;b&gt; makes bold", "<b> makes bold", 2, 0),
        ("R&D; a=1&copy=2 &nosuch; &; &#; & <name> 3 < 4 > 2 <3 <brr>", None, 0, 0),
    ],
)
def test_what_stands_for_characters_becomes_them_and_the_rest_stays(text, expected, entities, tags):
    found = Counter()
    assert decode(text, found) == (text if expected is None else expected)
    assert (found[ENTITY], found[TAG]) == (entities, tags)
    assert count(text) == +found


@given(st.text(st.sampled_from("&#x39;<br/>p quot ")))
def test_what_was_decoded_is_counted(text):
    found = Counter()
    assert (decode(text, found) == text) == (not +found)


@pytest.mark.parametrize("piece", ["&", "<", "&quot", "<b", "<br ", "&#", "&#x1", "</"])
def test_no_length_is_a_burden(piece):
    long = piece * 1_000_000
    assert decode(long, Counter()) == long
