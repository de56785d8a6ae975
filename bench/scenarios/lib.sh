#!/usr/bin/env bash
# shellcheck disable=SC2034 # read by the scenarios
# Common to all scenarios: starts cameras and a node, stops what it started. Sourced, not run.
#
#   BENCH_OUT      folder for results (default: bench/target/results)
#   BENCH_RTSP     port of the node, BENCH_FLEET of the cameras, BENCH_MANAGEMENT of the node's management
#   BENCH_JAVA     the java for the bench; the node takes what deploy/porchlight takes
#   BENCH_URL      watch this server instead of starting a node, e.g. rtsp://127.0.0.1:8554; with BENCH_PID its process
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
out=${BENCH_OUT:-bench/target/results}
rtsp=${BENCH_RTSP:-18554}
fleet=${BENCH_FLEET:-19554}
management=${BENCH_MANAGEMENT:-19404}
java=${BENCH_JAVA:-java}
scenario=$(basename "$0" .sh)
mkdir -p "$out"
node_pid=
cameras_pid=
viewers_pid=
trend_pid=

die() {
  echo "$scenario: $*" >&2
  exit 1
}

[[ -f bench/target/porchlight-bench.jar ]] || die "build first: ./mvnw -DskipTests package"

bench() {
  "$java" -XX:+UseSerialGC -Xmx1g -jar bench/target/porchlight-bench.jar "$@"
}

stop() {
  local pid
  for pid in $trend_pid $viewers_pid $node_pid $cameras_pid; do
    kill "$pid" 2>/dev/null || true
  done
  for pid in $trend_pid $viewers_pid $node_pid $cameras_pid; do
    wait "$pid" 2>/dev/null || true
  done
  trend_pid=
  viewers_pid=
  node_pid=
  cameras_pid=
}
trap stop EXIT
trap 'exit 130' INT TERM

# Waits until something listens on a port of this machine, while a process lives.
await_port() {
  local port=$1 pid=$2 tries=0
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$pid" 2>/dev/null || return 1
    ((++tries < 600)) || return 1
    sleep 0.1
  done
}

# Starts the fleet with these arguments of `bench cameras`.
start_cameras() {
  "$java" -XX:+UseSerialGC -Xmx1g -jar bench/target/porchlight-bench.jar cameras --port "$fleet" \
    --json "$out/$scenario-cameras.json" "$@" >"$out/$scenario-cameras.log" 2>&1 </dev/null &
  cameras_pid=$!
  await_port "$fleet" "$cameras_pid" || die "the cameras do not start; see $out/$scenario-cameras.log"
}

# Starts a node that pulls cameras cam1 to camN: start_node N always|on-demand tcp|udp|auto. With camera_hosts=H the cameras have the
# addresses 127.0.0.1 to 127.0.0.H in turn, as H hosts (the fleet must be started with --bind 0.0.0.0 then).
camera_hosts=1
start_node() {
  local count=$1 activation=$2 transport=$3 i
  if [[ -n ${BENCH_URL:-} ]]; then
    return
  fi
  [[ -f control/target/porchlight.jar ]] || die "build first: ./mvnw -DskipTests package"
  {
    echo "listeners:"
    echo "  rtsp: [\"127.0.0.1:$rtsp\"]"
    # RTSP alone is measured here, and other nodes may hold the usual ports.
    echo "http: {listen: []}"
    echo "webrtc: {listen: []}"
    echo "management:"
    echo "  listen: 127.0.0.1:$management"
    echo "cameras:"
    for ((i = 1; i <= count; i++)); do
      echo "  cam$i:"
      echo "    visibility: public"
      echo "    activation: $activation"
      echo "    main:"
      echo "      url: rtsp://127.0.0.$(((i - 1) % camera_hosts + 1)):$fleet/cam$i"
      echo "      transport: $transport"
    done
  } >"$out/$scenario.yaml"
  PORCHLIGHT_DUMPS=$out deploy/porchlight run --config "$out/$scenario.yaml" >"$out/$scenario-node.log" 2>&1 </dev/null &
  node_pid=$!
  await_ready || {
    tail -n 20 "$out/$scenario-node.log" >&2
    die "the node does not become ready"
  }
}

await_ready() {
  local tries=0 status
  while true; do
    status=
    if exec 3<>"/dev/tcp/127.0.0.1/$management"; then
      printf 'GET /health/ready HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
      IFS= read -r -t 5 status <&3 || true
      exec 3>&-
    fi 2>/dev/null
    [[ $status == *" 200 "* ]] && return 0
    kill -0 "$node_pid" 2>/dev/null || return 1
    ((++tries < 300)) || return 1
    sleep 0.1
  done
}

stop_node() {
  if [[ -n $node_pid ]]; then
    kill "$node_pid" 2>/dev/null || true
    wait "$node_pid" 2>/dev/null || true
    node_pid=
  fi
}

# What the node's management port answers: management_get PATH
management_get() {
  if exec 3<>"/dev/tcp/127.0.0.1/$management"; then
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$1" >&3
    cat <&3
    exec 3>&-
  fi 2>/dev/null
}

# The sum of one of the node's metrics over its labels, whole: metric NAME, or metric 'NAME{LABELS}' for one row
metric() {
  management_get /metrics | tr -d '\r' | awk -v name="$1" '
    { row = substr($0, 1, length($0) - length($NF) - 1); if (name !~ /{/) sub(/{.*/, "", row) }
    row == name { sum += $NF; found = 1 }
    END { if (found) printf "%.0f\n", sum; else print "missing" }'
}

# Waits until so many cameras deliver: await_live CAMERAS SECONDS. Connects to one host are rationed, so many cameras take their time.
await_live() {
  local deadline=$((SECONDS + $2))
  [[ -n $node_pid ]] || return 0
  until [[ $(metric porchlight_streams_live) == "$1" ]]; do
    ((SECONDS < deadline)) || die "only $(metric porchlight_streams_live) of $1 cameras deliver after $2 s"
    sleep 0.5
  done
}

# Writes once every few seconds what the node holds, to NAME.csv, until stopped: start_trend NAME SECONDS
start_trend() {
  local file=$out/$1.csv every=$2 pid=${BENCH_PID:-$node_pid}
  [[ -n $pid ]] || die "no process to look at; set BENCH_PID"
  echo "seconds,resident_kb,threads,descriptors,slab_bytes,heap_bytes,connections" >"$file"
  (
    trap - EXIT
    started=$SECONDS
    while kill -0 "$pid" 2>/dev/null; do
      echo "$((SECONDS - started)),$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"),$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l),$(find "/proc/$pid/fd" -mindepth 1 | wc -l),$(metric porchlight_slab_used_bytes),$(metric 'jvm_memory_used_bytes{area="heap",id="G1 Old Gen"}'),$(metric porchlight_connections)" >>"$file"
      sleep "$every"
    done
  ) &
  trend_pid=$!
}

# Fails the scenario when a column of a trend ends higher than it was: the median of the last quarter against that of the second quarter,
# which leaves warming up out. expect_flat NAME COLUMN FACTOR SLACK: at most FACTOR times as much, or SLACK more.
expect_flat() {
  local column early late rows
  column=$(head -n 1 "$out/$1.csv" | tr ',' '\n' | awk -v name="$2" '$0 == name { print NR }')
  rows=$(($(wc -l <"$out/$1.csv") - 1))
  ((rows >= 8)) || die "$1.csv has only $rows rows"
  median() { sed -n "$((1 + $1)),$((1 + $2))p" "$out/$3.csv" | cut -d , -f "$column" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
  early=$(median $((rows / 4 + 1)) $((rows / 2)) "$1")
  late=$(median $((rows * 3 / 4 + 1)) "$rows" "$1")
  if awk -v a="$early" -v b="$late" -v factor="$3" -v slack="$4" 'BEGIN { exit !(b <= a * factor || b <= a + slack) }'; then
    echo "ok      $1: $2 is $late at the end, was $early"
  else
    echo "FAILED  $1: $2 grew from $early to $late"
    failed=1
  fi
}

# Watches cameras cam1 to camN: watch LABEL CAMERAS VIEWERS [options of `bench viewers`]
watch() {
  local label=$1 cameras=$2 viewers=$3 pid
  shift 3
  pid=${BENCH_PID:-$node_pid}
  bench viewers --url "${BENCH_URL:-rtsp://127.0.0.1:$rtsp}/cam{}" --cameras "$cameras" --count "$viewers" --label "$label" \
    ${pid:+--pid "$pid"} --json "$out/$label.json" "$@" | tee "$out/$label.log"
}

# Fails the scenario when a figure of a result is not as it must be: expect FILE NAME OPERATOR NUMBER
expect() {
  local value
  value=$(sed -n "s/^  *\"$2\": \([-0-9.]*\),*\$/\1/p" "$out/$1.json" | head -n 1)
  if ! awk -v value="$value" -v limit="$4" "BEGIN { exit !(value != \"\" && value + 0 $3 limit + 0) }"; then
    echo "FAILED  $1: $2 is ${value:-missing}, must be $3 $4"
    failed=1
  else
    echo "ok      $1: $2 is $value"
  fi
}
failed=0
