#!/usr/bin/env bash
# Checks every model file below a folder, one at a time, and says what is wrong with each.
#
#     bash batch_check.sh [FOLDER]
#
# `gradpath check FOLDER` does this in one call, and faster. This is how a script of your own can
# go about it: exit codes for what came out, JSON and jq for the details, and names of files that
# may hold spaces and line breaks.
#
# Exits with the worst that happened: 3 a bug, 2 a file that is no model, 1 a failure, 0 all well,
# and 5 if there is no model file at all.
set -uo pipefail

folder=${1:-.}
checked=0
worst=0

while IFS= read -r -d '' model; do
    checked=$((checked + 1))
    code=0
    result=$(gradpath check --format jsonl -- "$model") || code=$?
    case $code in
        0) word=ok ;;
        1) word=FAILED ;;
        2) word=ERROR ;;
        5) word=empty ;;
        130) exit 130 ;; # interrupted: so are we
        *) word=BUG code=3 ;;
    esac
    printf '%-7s %q\n' "$word" "$model" # %q: a name is one line, whatever is in it

    # What fails: gradients by their verdict, claims with the diagnosis, errors of the model.
    # What comes from a file is untrusted: its control characters stay out of the terminal.
    jq -r 'def plain: gsub("[[:cntrl:]]"; "?");
        (.gradients // {} | to_entries[]
            | select(.value.check.verdict | IN("differs", "undefined"))
            | "  d/d\(.key): \(.value.check.verdict)" | plain),
        (.claims // [] | .[]
            | select(.status | IN("fails", "point-only"))
            | "  line \(.line): \(.text)",
              "    \(.status): \(.diagnosis.message // .message)" | plain),
        (.errors // [] | .[]
            | "  line \(.line // "?"): error[\(.code)]: \(.message)" | plain)
    ' <<<"$result"

    # 5, nothing to check in one file, is no failure of the batch.
    if ((code != 5 && code > worst)); then
        worst=$code
    fi
done < <(find "$folder" -type f -name '*.grad' -print0 | sort -z)

printf '\n%d checked, worst exit code %d\n' "$checked" "$worst"
if ((checked == 0)); then
    exit 5
fi
exit "$worst"
