"""Command lines to begin with, for the help pages."""

PROGRAM = """\
# train on the shipped small talk, four minutes; then talk
chatbot train corpora/dialogs.tsv
chatbot chat

# one reply, and one for each line of a file
chatbot reply "how are you?"
chatbot reply < questions.txt > answers.txt

# which bots there are, and which one answers
chatbot list
chatbot use dialogs
"""

TRAIN = """\
# write the bundle checkpoints/faq/
chatbot train faq.tsv

# twenty minutes for a large model, replacing the bundle
chatbot train faq.tsv --max-time 20m --preset large --overwrite

# two files as one corpus, measured on pairs of your own
chatbot train smalltalk.tsv faq.tsv --valid held-out.tsv --checkpoint bots/help-desk

# resume a run that was interrupted, or begin it
chatbot train faq.tsv --resume

# fine-tune a bot on new pairs, and on what it knows, which it would forget otherwise
chatbot train faq.tsv corrections.tsv --init-from faq --checkpoint checkpoints/faq-2
"""

CHAT = """\
# talk to the bot trained last, or chosen with `chatbot use`
chatbot chat

# to another one, with some chance in its words
chatbot chat --checkpoint faq --temperature 0.8 --top-p 0.9

# a scripted conversation
printf 'hello\\nand you?\\n' | chatbot chat
"""

REPLY = """\
# one reply
chatbot reply "how are you?"

# a reply for each line of a file
chatbot reply < questions.txt > answers.txt

# the three best replies of a beam, with their log-probabilities
chatbot reply "how are you?" --beam 5 --n-best 3

# reply and confidence of each line, by jq
chatbot reply --json < questions.txt | jq -r '[.confidence, .reply] | @tsv'

# something else where the bot is not sure
chatbot reply "what thread pitch has an m8 bolt" --fallback "I don't know that."
"""

COMPARE = """\
# two bots, side by side on the same prompts
chatbot compare faq faq-2 questions.txt

# typed one at a time
chatbot compare faq faq-2
"""

EXPLAIN = """\
# why it says what it says, step by step
chatbot explain "how are you?"

# with the beam as a tree, as a page to open in a browser
chatbot explain "how are you?" --beam 5 --output why.html

# the model itself, with its real sizes
chatbot explain --architecture
"""

EVALUATE = """\
# how good the bot is on pairs it has not seen
chatbot evaluate corpora/dialogs.test.tsv

# what it answered wrongly, and what it should have said
chatbot evaluate corpora/dialogs.test.tsv --errors | less

# one number for a script
chatbot evaluate test.tsv --json | jq .right

# whether reranking makes its replies more different
chatbot evaluate test.tsv --beam 10 --diversity 0.7 --length-bonus 0.3
"""

CORPUS = """\
# a chat of your own, to a corpus, to a bot
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact
chatbot corpus check chat.tsv
chatbot train chat.tsv
"""

CHECK = """\
# what stands in a corpus, and how long training will take
chatbot corpus check faq.tsv

# whether test prompts are among the training prompts
chatbot corpus check faq.tsv --test test.tsv

# train only on what can be trained on
chatbot corpus check faq.tsv && chatbot train faq.tsv
"""

IMPORT = """\
# what one person answers in an exported chat, without addresses and numbers
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact

# prompts that carry the two turns before them
chatbot corpus import result.json -o chat.tsv --context 2

# two columns of a table, to standard output
chatbot corpus import faq.csv --columns Question,Answer -o - | head
"""

CONFIG = """\
# what you have set, and every option of one command
chatbot config
chatbot config reply --all

# the configuration file, in your editor
${EDITOR:-vi} "$(chatbot config --path)"

# one run as if nothing were set in the file
chatbot --no-config reply "hello"
"""

INFO = """\
# the bot that would answer now, and another
chatbot info
chatbot info faq

# how many parameters it has
chatbot info faq --json | jq .parameters
"""

LIST = """\
# the bots under checkpoints/ and in your home for bots, the newest first
chatbot list

# those in another folder
chatbot list bots

# their names only
chatbot list --json | jq -r '.[].name'
"""

USE = """\
# let the bot named dialogs answer when none is named
chatbot use dialogs
chatbot chat
"""

RENAME = """\
# give it another name
chatbot rename faq help-desk

# move it to your home for bots, to talk to it from every folder
chatbot rename faq --to-home
"""

RM = """\
# remove a bot, after a question
chatbot rm faq

# several, unasked
chatbot rm faq faq-2 --yes
"""

HELP = """\
# the page of a command
chatbot help reply
chatbot help corpus check
"""

VERSION = """\
# which version this is, for a report of what went wrong
chatbot version
"""
