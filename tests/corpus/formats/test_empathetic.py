from tests.corpus.formats.reading import read, recognized, write

HEADER = "conv_id,utterance_idx,context,prompt,speaker_idx,utterance,selfeval,tags\n"


def test_utterances_of_a_conversation_answer_each_other_with_commas_and_quotes(tmp_path):
    path = write(
        tmp_path,
        HEADER
        + 'hit:0,1,proud,I won "gold",1,I won "gold"_comma_ really.,5|5|5_2|2|5,\n'
        + "hit:0,2,proud,I won,0,Wow_comma_ when?,5|5|5_2|2|5,\n"
        + 'hit:1,1,afraid,It is dark,2,"It is dark.,5,\n\nhit:1,2,afraid,It is dark,3,Where?,5\n',
    )
    assert recognized(path) == "empathetic"
    result = read("empathetic", path)
    assert result.said == [
        [("1", 'I won "gold", really.'), ("0", "Wow, when?")],
        [("2", '"It is dark.'), ("3", "Where?")],
    ]
    assert result.problems == []


def test_a_line_that_lacks_columns_is_named_and_an_empty_utterance_counted(tmp_path):
    result = read("empathetic", write(tmp_path, f"{HEADER}hit:0,1\nhit:0,1,x,y,0,,5,\nhit:0,2,x,y,1,hello,5,\n"))
    assert result.texts == [["", "hello"]]
    assert result.problems == ["2: 2 columns instead of at least 6"]
    assert result.dropped == {"damaged": 1, "empty side": 1}
