#!/bin/sh
# Retrains a bot when /teach has collected new corrections; for cron, every night at three:
#   0 3 * * *  cd /srv/bot && sh retrain.sh dialogs >>retrain.log 2>&1
# A server that answers with the bot takes the new bundle by itself.
set -eu
name=$1
corrections=${CORRECTIONS:-corpora/corrections.tsv}
done_before=checkpoints/$name.corrections
[ -s "$corrections" ] || exit 0
if [ -f "$done_before" ] && cmp -s "$corrections" "$done_before"; then exit 0; fi
taken=$(mktemp)
trap 'rm -f "$taken"' EXIT
cp "$corrections" "$taken"    # what is taught meanwhile is for the next night
chatbot train "corpora/$name.tsv" "$corrections" --checkpoint "checkpoints/$name" --overwrite ${OPTIONS:-}
cp "$taken" "$done_before"
