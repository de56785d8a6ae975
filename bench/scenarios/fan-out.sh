#!/usr/bin/env bash
# One 4 Mb/s camera to 100, 500 and 1,000 viewers over TCP and UDP, and the limit of the same fan-outs in the same run. The first row of a
# transport warms up for a minute: the steady state counts, and until then the compiler takes as much as the kernel.
# Environment: SIZES, TRANSPORTS, SECONDS_EACH, WARMUP
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
sizes=${SIZES:-100 500 1000}
each=${SECONDS_EACH:-20}

files=()
start_cameras --count 1 --rate 4M --report 0
start_node 1 always tcp
for transport in ${TRANSPORTS:-tcp udp}; do
  warmup=${WARMUP:-60}
  for size in $sizes; do
    options=(--duration "$each" --warmup "$warmup")
    warmup=5
    [[ $transport == udp ]] && options+=(--udp)
    watch "fan-out-$transport-$size" 1 "$size" "${options[@]}"
    files+=("$out/fan-out-$transport-$size.json")
  done
done
stop
bench limit --viewers "${sizes// /,}" --rate 4M --seconds 5 --json "$out/fan-out-limit.json"
bench report "${files[@]}" "$out/fan-out-limit.json" | tee "$out/fan-out.md"
for transport in ${TRANSPORTS:-tcp udp}; do
  for size in $sizes; do
    expect "fan-out-$transport-$size" framesLost == 0
    expect "fan-out-$transport-$size" viewersPlayingAtEnd == "$size"
  done
done
exit "$failed"
