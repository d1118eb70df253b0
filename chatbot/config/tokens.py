"""The special tokens."""

#: Ids of the four special tokens, the same in every bundle.
PAD, UNK, GO, EOS = 0, 1, 2, 3
#: How EOS is written where tokens are shown.
EOS_PIECE = "<eos>"
