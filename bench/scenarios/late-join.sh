#!/usr/bin/env bash
# 100 viewers join one by one while 100 others watch the same warm cameras: time from PLAY to the end of the first keyframe.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

start_cameras --count 10 --rate 4M --gop 4 --report 0
start_node 10 always tcp
watch late-join 10 200 --late 100 --duration 20 --warmup 8
bench report "$out/late-join.json" | tee "$out/late-join.md"
expect late-join framesLost == 0
median=$(sed -n '/"firstKeyframeMillis"/,/}/s/.*"p50": \([0-9.]*\).*/\1/p' "$out/late-join.json")
if ! awk -v median="$median" 'BEGIN { exit !(median != "" && median < 20) }'; then
  echo "FAILED  the first keyframe takes ${median:-for ever} ms, must be below 20"
  failed=1
fi
exit "$failed"
