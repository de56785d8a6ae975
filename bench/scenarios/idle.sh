#!/usr/bin/env bash
# 1,000 on-demand cameras that nobody watches: what they cost in memory, against a node with a single one.
# Environment: CAMERAS
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cameras=${CAMERAS:-1000}

start_cameras --count "$cameras" --rate 1M --report 0
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$node_pid/status"; }
start_node 1 on-demand tcp
sleep 10
one=$(memory)
stop_node
start_node "$cameras" on-demand tcp
sleep 10
many=$(memory)
echo "one idle camera: $((one / 1024)) MB, $cameras idle cameras: $((many / 1024)) MB, difference $(((many - one) / 1024)) MB" \
  | tee "$out/idle.txt"
if (((many - one) / 1024 >= 100)); then
  echo "FAILED  idle cameras cost 100 MB or more"
  failed=1
fi
# They must also work: a viewer of each of twenty opens its camera.
watch idle-open 20 20 --duration 5 --warmup 5
expect idle-open viewersPlayingAtEnd == 20
exit "$failed"
