#!/usr/bin/env bash
# Ten minutes of trouble: cameras that restart, viewers that freeze, read slowly, vanish and come back. The good viewers see the right
# camera to the end, and what the node holds (memory, threads, descriptors, media) does not grow.
# Environment: SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
each=${SECONDS_EACH:-600}
# With much room the heap's young part keeps growing towards its bound, which would hide a leak beside it.
export PORCHLIGHT_HEAP=${PORCHLIGHT_HEAP:-160m}

start_cameras --count 20 --rate 2M --reboot 60 --reboot-down 3 --jitter 20 --report 60 \
  --camera 3:transport=udp,reorder=1 --camera 4:transport=udp,reorder=1 --camera 5:gop=10 --camera 6:audio=aac
start_node 20 always auto
start_trend soak-trend $((each / 120 + 1))
watch soak 20 200 --frozen 10 --slow 10 --come-back --vanish 40 --vanish-after 10 --warmup 20 --duration "$each"
bench report "$out/soak.json" | tee "$out/soak.md"
expect soak framesLost == 0
expect soak framesOfWrongCamera == 0
expect soak malformed == 0
expect soak refused == 0
expect soak connectFailures == 0
expect soak disconnected == 0
expect soak vanished '>' 0
expect soak slowDisconnected '>' 0
expect soak cameraRestartsSeen '>' 0
expect_flat soak-trend resident_kb 1.05 10240
expect_flat soak-trend threads 1 1
expect_flat soak-trend descriptors 1 15
expect_flat soak-trend slab_bytes 1.1 4194304
expect_flat soak-trend heap_bytes 1.2 8388608
if grep -E ' (WARN|ERROR) ' "$out/soak-node.log" | grep -v RtspSource | head -n 5 | grep .; then
  echo "FAILED  the node complains in its log"
  failed=1
fi
exit "$failed"
