#!/usr/bin/env bash
# What the relay adds to the latency while it works at about half a core: ten viewers watch ten cameras directly, then through the node,
# in turn, while other viewers load the node. The direct way, camera's send call to viewer, is one bare wake-up of this machine under
# the same load; the way through the node has two, so the node's own wake-up counts as added.
# Environment: TRANSPORTS, CAMERAS and LOAD (cameras of the node and viewers that load it), ROUNDS, SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cameras=${CAMERAS:-150}
load=${LOAD:-450}
rounds=${ROUNDS:-3}
each=${SECONDS_EACH:-15}

# One figure of the first level, or of a map on it: figure FILE NAME [NAME]
figure() {
  sed -n "/\"$2\"/,/}/s/.*\"${3:-$2}\": \([-0-9.]*\).*/\1/p" "$out/$1.json" | head -n 1
}

# The median of a percentile over the rounds of a way: over_rounds TRANSPORT WAY PERCENTILE
over_rounds() {
  local round
  for ((round = 1; round <= rounds; round++)); do
    figure "latency-$1-$2-$round" latencyMillis "$3"
  done | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

table="| transport | node, cores | direct p50 / p99 ms | through the node p50 / p99 ms | added p50 / p99 ms |"$'\n'"|---|--:|--:|--:|--:|"
for transport in ${TRANSPORTS:-tcp udp}; do
  probe=()
  [[ $transport == udp ]] && probe+=(--udp)
  start_cameras --count "$cameras" --rate 2M --report 0
  start_node "$cameras" always "$transport"
  await_live "$cameras" $((cameras / 5 + 10))
  seconds=$((rounds * 2 * (each + 8) + 30))
  bench viewers --url "rtsp://127.0.0.1:$rtsp/cam{}" --cameras "$cameras" --count "$load" --label "latency-$transport-load" \
    --pid "$node_pid" --warmup 10 --duration "$seconds" "${probe[@]}" --json "$out/latency-$transport-load.json" \
    >"$out/latency-$transport-load.log" &
  viewers_pid=$!
  sleep 20
  for ((round = 1; round <= rounds; round++)); do
    for way in direct relayed; do
      port=$rtsp
      [[ $way == direct ]] && port=$fleet
      bench viewers --url "rtsp://127.0.0.1:$port/cam{}" --cameras 10 --count 10 --label "latency-$transport-$way-$round" --warmup 3 \
        --duration "$each" "${probe[@]}" --json "$out/latency-$transport-$way-$round.json" >"$out/latency-$transport-$way-$round.log"
      expect "latency-$transport-$way-$round" framesLost == 0
    done
  done
  wait "$viewers_pid" || die "the viewers that load the node failed; see $out/latency-$transport-load.log"
  viewers_pid=
  expect "latency-$transport-load" framesLost == 0
  row=$(awk -v transport="$transport" -v cores="$(figure "latency-$transport-load" server cores)" \
    -v d50="$(over_rounds "$transport" direct p50)" -v d99="$(over_rounds "$transport" direct p99)" \
    -v r50="$(over_rounds "$transport" relayed p50)" -v r99="$(over_rounds "$transport" relayed p99)" \
    'BEGIN { printf "| %s | %.2f | %.2f / %.2f | %.2f / %.2f | %.2f / %.2f |", transport, cores, d50, d99, r50, r99, r50 - d50, r99 - d99 }')
  table+=$'\n'$row
  if ! awk -F '[|/ ]+' '{ exit !($(NF - 2) < 0.3 && $(NF - 1) < 2) }' <<<"$row"; then
    echo "MISSED  $transport: added latency must be below 0.3 ms in the median and 2 ms at the 99th percentile"
    failed=1
  fi
  stop
done
echo "$table" | tee "$out/latency.md"
exit "$failed"
