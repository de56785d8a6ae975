#!/usr/bin/env bash
# A cut of one camera with 500 viewers, 25 of them frozen: from the request at the management port to the last packet that any viewer gets,
# by the viewers' own clock. Over TCP, then over UDP. The bound is 50 ms at the 99th percentile, which here includes the viewers' own turn.
# Environment: VIEWERS, FROZEN, RATE (of the camera), TRANSPORTS, SECONDS_EACH
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
viewers=${VIEWERS:-500}
frozen=${FROZEN:-25}

[[ -z ${BENCH_URL:-} ]] || die "needs a node of its own: it cuts"
start_cameras --count 1 --rate "${RATE:-2M}" --report 0
for transport in ${TRANSPORTS:-tcp udp}; do
  start_node 1 always tcp
  options=(--duration "${SECONDS_EACH:-10}" --warmup 5 --frozen "$frozen" --cut "http://127.0.0.1:$management/cuts")
  [[ $transport == udp ]] && options+=(--udp)
  watch "cut-$transport" 1 "$viewers" "${options[@]}"
  stop_node
  expect "cut-$transport" receiptSessions == "$viewers"
  expect "cut-$transport" cutViewersStillConnected == 0
  expect "cut-$transport" receiptLastPacketMillis '<' 50
  expect "cut-$transport" cutLastPacketMillisP99 '<' 50
done
exit "$failed"
