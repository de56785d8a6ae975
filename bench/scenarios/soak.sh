#!/usr/bin/env bash
# Ten minutes of trouble: cameras that restart, viewers that freeze, read slowly, vanish and come back. The good viewers see the right
# camera to the end and memory does not grow.
# Environment: SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

start_cameras --count 20 --rate 2M --reboot 60 --reboot-down 3 --jitter 20 --report 60 \
  --camera 3:transport=udp,reorder=1 --camera 4:transport=udp,reorder=1 --camera 5:gop=10 --camera 6:audio=aac
start_node 20 always auto
watch soak 20 200 --frozen 10 --slow 10 --vanish 40 --vanish-after 10 --warmup 20 --duration "${SECONDS_EACH:-600}"
bench report "$out/soak.json" | tee "$out/soak.md"
expect soak framesOfWrongCamera == 0
expect soak malformed == 0
expect soak disconnected == 0
expect soak cameraRestartsSeen '>' 0
expect soak residentGrowthMegabytes '<' 200
exit "$failed"
