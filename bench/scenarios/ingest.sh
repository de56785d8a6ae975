#!/usr/bin/env bash
# 200 cameras of 2 Mb/s into the node, nothing lost: each camera is watched by one viewer, so every frame is accounted for.
# Then the same without viewers, for the cost of ingest alone.
# Environment: CAMERAS, TRANSPORT (from the cameras), SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cameras=${CAMERAS:-200}
each=${SECONDS_EACH:-20}

start_cameras --count "$cameras" --rate 2M --report 0
start_node "$cameras" always "${TRANSPORT:-tcp}"
await_live "$cameras" $((cameras / 5 + 10))
sleep 5
if [[ -n $node_pid ]]; then
  hertz=$(getconf CLK_TCK)
  ticks() { awk '{ print $14 + $15 }' "/proc/$node_pid/stat"; }
  before=$(ticks)
  sleep "$each"
  after=$(ticks)
  awk -v ticks="$((after - before))" -v hertz="$hertz" -v seconds="$each" -v gigabits="$(awk "BEGIN { print $cameras * 0.002 }")" \
    'BEGIN { cores = ticks / hertz / seconds; printf "ingest alone: %.2f cores for %.2f Gb/s, %.3f CPU s/Gb\n", cores, gigabits, cores / gigabits }' \
    | tee "$out/ingest-alone.txt"
fi
watch ingest "$cameras" "$cameras" --duration "$each" --warmup 5
bench report "$out/ingest.json" | tee "$out/ingest.md"
expect ingest framesLost == 0
expect ingest packetsLost == 0
expect ingest framesOfWrongCamera == 0
exit "$failed"
