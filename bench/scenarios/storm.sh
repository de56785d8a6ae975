#!/usr/bin/env bash
# A thousand cameras that the node always pulls are lost at once and come back: behind one address, as behind one recorder, and behind a
# hundred, as behind one switch. Attempts to connect stay within the budget of each host (10 a second and 10 at once) while the cameras
# are dead and when they return, and all are back as soon as the budget and the longest pause between two attempts (60 s) allow.
# Environment: CAMERAS, HOSTS, DEAD_SECONDS
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
cameras=${CAMERAS:-1000}
dead=${DEAD_SECONDS:-30}
fleet_options=(--count "$cameras" --rate 200k --fps 5 --gop 4 --report 0 --bind 0.0.0.0)

# What the node tells twice a second, until stopped: time, attempts in all, cameras that deliver
record() {
  trap - EXIT
  while true; do
    echo "$(date +%s.%N) $(management_get /metrics | tr -d '\r' | awk '
      /^porchlight_source_connects_total/ { connects = $2 } /^porchlight_streams_live / { live = $2 }
      END { printf "%.0f %.0f", connects, live }')" >>"$1"
    sleep 0.5
  done
}

: >"$out/storm.txt"
for hosts in ${HOSTS:-1 100}; do
  camera_hosts=$hosts
  patience=$((cameras / hosts / 5 + 90))
  start_cameras "${fleet_options[@]}"
  start_node "$cameras" always tcp
  await_live "$cameras" "$patience"
  : >"$out/storm-$hosts.csv"
  record "$out/storm-$hosts.csv" &
  trend_pid=$!
  sleep 5
  lost_at=$(date +%s.%N)
  kill -KILL "$cameras_pid"
  wait "$cameras_pid" 2>/dev/null || true
  sleep "$dead"
  start_cameras "${fleet_options[@]}"
  back_at=$(date +%s.%N)
  await_live "$cameras" "$patience"
  sleep 1
  awk -v lost="$lost_at" -v back="$back_at" -v cameras="$cameras" -v hosts="$hosts" '
    NF < 3 { next }
    {
      if ($1 >= lost && $1 < back) { if (first == "") first = last; dead = $2 - first }
      if ($1 >= back && all == "" && $3 == cameras) all = $1 - back
      times[++n] = $1; totals[n] = $2
      last = $2
    }
    END {
      # The most attempts between two looks that lie at least ten seconds apart, as a rate; a burst counts in.
      for (i = 1; i <= n; i++)
        for (j = i + 1; j <= n; j++)
          if (times[j] - times[i] >= 10) {
            rate = (totals[j] - totals[i]) / (times[j] - times[i]); if (rate > most) most = rate
            break
          }
      bound = hosts * (10 + 10 / 10)
      printf "%d cameras behind %d addresses: %d attempts while dead, %.1f attempts a second at most over ten (bound %d), all back after %.1f s\n",
        cameras, hosts, dead, most, bound, all
      exit !(all != "" && most <= bound && all <= cameras / hosts / 10 + 65)
    }' "$out/storm-$hosts.csv" | tee -a "$out/storm.txt" || {
    echo "FAILED  storm of $hosts addresses"
    failed=1
  }
  stop
done
exit "$failed"
