"""The real program, holding fewer pairs of a corpus in memory than it would."""

import functools
import runpy

import chatbot.corpus

#: Pairs in memory at a time.
BLOCK = 80

if __name__ == "__main__":
    # The lazy name of the package is what `chatbot train` imports.
    chatbot.corpus.Sources = functools.partial(chatbot.corpus.Sources, block=BLOCK)
    runpy.run_module("chatbot", run_name="__main__", alter_sys=True)
