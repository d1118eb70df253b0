"""The attention of a transformer by block and head: as matrices, on a terminal and in a picture."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from rich.console import Console

from chatbot import Chatbot, DecodingConfig
from chatbot.cli.output.attention_view import print_heads
from chatbot.explain import HeadMaps, explain, head_maps
from chatbot.explain.attention_picture import draw_heads

#: Two blocks of two heads, of a reply of two tokens to a prompt of three.
MAPS = HeadMaps(
    kind="across",
    title="Cross-attention",
    about="before each token of the reply (rows), the prompt was looked at (columns)",
    rows=("▁fine", "<eos>"),
    columns=("▁how", "▁are", "▁you"),
    shares=(
        (((1.0, 0.0, 0.0), (0.5, 0.25, 0.25)), ((0.0, 1.0, 0.0), (0.0, 0.25, 0.75))),
        (((0.0, 0.0, 1.0), (0.25, 0.5, 0.25)), ((0.2, 0.2, 0.6), (1.0, 0.0, 0.0))),
    ),
)


def printed(maps, width=80, in_words=False):
    console = Console(file=io.StringIO(), width=width)
    print_heads(maps, console, in_words)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


def test_on_a_terminal_each_head_is_a_map_with_a_row_for_each_token_that_looks():
    assert printed(MAPS) == [
        "       block 1, head 1  block 1, head 2",
        "▁fine  █                 █",
        "<eos>  ▓░░               ░█",
        "       block 2, head 1  block 2, head 2",
        "▁fine    █              ░░▓",
        "<eos>  ░▓░              █",
    ]


def test_where_there_is_no_room_the_heads_stand_below_each_other():
    lines = printed(MAPS, width=30)
    assert [line.strip() for line in lines if "head" in line] == [
        f"block {block}, head {head}" for block in (1, 2) for head in (1, 2)
    ]
    assert max(map(len, lines)) <= 30


def test_in_words_each_head_says_where_it_looked_most():
    assert printed(MAPS, in_words=True) == [
        "block 1, head 1: ▁fine looked most at ▁how, 100%",
        "block 1, head 2: ▁fine looked most at ▁are, 100%",
        "block 2, head 1: ▁fine looked most at ▁you, 100%",
        "block 2, head 2: <eos> looked most at ▁how, 100%",
    ]


def test_a_reply_that_sees_itself_grow_has_shorter_rows_above():
    grown = replace(MAPS, columns=("<go>", "▁fine"), shares=((((1.0,), (0.5, 0.5)),),))
    assert printed(grown) == ["       block 1, head 1", "▁fine  █", "<eos>  ▓▓"]
    assert drawn_shares(grown) == [1.0, 0.5, 0.5]


def drawn_shares(maps):
    """How dark each cell of the picture is, from the first map on, row by row."""
    bars = [one for one in all_drawn(maps) if one.tag == "rect" and one.get("class") == "bar"]
    return [float(one.get("fill-opacity")) for one in bars]


def all_drawn(maps):
    return [one for part in draw_heads(maps).body for one in part.iter()]


def test_a_picture_has_a_cell_for_each_share_as_dark_as_it_is_large():
    flat = [share for heads in MAPS.shares for rows in heads for row in rows for share in row]
    assert drawn_shares(MAPS) == flat
    texts = [one.text for one in all_drawn(MAPS) if one.tag == "text"]
    heads = [f"block {block}, head {head}" for block in (1, 2) for head in (1, 2)]
    assert texts == ["▁fine", "<eos>", *heads[:2], "▁fine", "<eos>", *heads[2:]]
    tips = [one.text for one in all_drawn(MAPS) if one.tag == "title"]
    assert tips[:2] == ["▁fine looked at ▁how: 100.0%", "▁fine looked at ▁are: 0.0%"]


def test_a_cell_stands_in_the_row_of_the_token_that_looks_and_right_of_the_one_before():
    cells = [one for one in all_drawn(MAPS) if one.tag == "rect" and one.get("class") == "bar"]
    places = [(float(one.get("x")), float(one.get("y"))) for one in cells[:6]]
    (left, top), above = places[0], [y for _, y in places]
    assert above == [top] * 3 + [above[3]] * 3
    assert above[3] > top
    assert [x for x, _ in places] == [left, left + 12, left + 24] * 2


def test_the_section_says_what_it_shows_and_holds_all_that_is_drawn():
    section = draw_heads(MAPS)
    assert (section.name, section.title) == ("heads-across", "Cross-attention")
    assert section.about == f"By block and head: {MAPS.about}."
    for cell in (one for part in section.body for one in part.iter() if one.tag == "rect"):
        assert float(cell.get("x")) + float(cell.get("width")) <= section.width
        assert float(cell.get("y")) + float(cell.get("height")) <= section.height
    ElementTree.tostring(section.body[0])


def test_a_bot_of_recurrent_layers_has_no_heads(english_bundle):
    explanation = explain(Chatbot.load(english_bundle), "hello", DecodingConfig())
    assert list(head_maps(explanation)) == []
    assert explanation.read == ()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_share_is_out_of_the_range_of_shades(share):
    one = replace(MAPS, rows=("a",), columns=("b",), shares=((((share,),),),))
    assert printed(one)[1].split() == (["a", "█"] if share else ["a"])
