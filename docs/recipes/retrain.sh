#!/bin/sh
# Lets a bot learn what /teach has collected, and on Sundays trains it with all of that; for cron, every night at three:
#   0 3 * * *  cd /srv/bot && sh retrain.sh dialogs >>retrain.log 2>&1
# A server that answers with the bot takes the new bundle by itself. What `chatbot forget` took out stays out.
# DAYS are the days of the training (1 is Monday), OPTIONS further options of it.
set -eu
name=$1
bundle=checkpoints/$name
corrections=${CORRECTIONS:-corpora/corrections.tsv}
done_before=$bundle.corrections
[ -s "$corrections" ] || exit 0
# If it cannot, the log says why; the training that is due is needed all the more.
chatbot learn "$corrections" --checkpoint "$bundle" || true
case " ${DAYS:-7} " in *" $(date +%u) "*) ;; *) exit 0 ;; esac
if [ -f "$done_before" ] && cmp -s "$corrections" "$done_before"; then exit 0; fi
taken=$(mktemp)
trap 'rm -f "$taken"' EXIT
cp "$corrections" "$taken"    # what is taught meanwhile is for the next time
chatbot train "corpora/$name.tsv" "$corrections" --init-from "$bundle" --checkpoint "$bundle" --overwrite ${OPTIONS:-}
cp "$taken" "$done_before"
