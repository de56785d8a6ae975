#!/usr/bin/env bash
# 50 of 500 viewers stop reading: the others lose nothing, memory stays flat.
# Environment: SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"

start_cameras --count 1 --rate 4M --report 0
start_node 1 always tcp
watch frozen-none 1 500 --duration "${SECONDS_EACH:-30}" --warmup 10
watch frozen-50 1 500 --frozen 50 --duration "${SECONDS_EACH:-30}" --warmup 10
bench report "$out/frozen-none.json" "$out/frozen-50.json" | tee "$out/frozen.md"
expect frozen-50 framesLost == 0
expect frozen-50 disconnected == 0
expect frozen-50 residentGrowthMegabytes '<' 300
exit "$failed"
