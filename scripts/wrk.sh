#!/usr/bin/env bash
# Does the client of the benchmark put as much load on a server as one that is known? wrk and it load the same server by
# turns, one CPU for the server and one for the client, and their rates must agree where the server is the limit.
set -euo pipefail

usage() {
    cat <<'END'
Usage: scripts/wrk.sh [--rounds N] [--seconds S] [--shapes "SHAPE ..."] [PROGRAM]

For each shape of server: wrk, ours, ours, wrk, in N rounds of four turns of S seconds each; then a table of requests
per second. Each request touches pages, so that the server is the limit. The two agree if the median of the rounds' ratios is within 10 % of 1. Where a client, ours or wrk, is busy
for 90 % of its CPU's time or more it is the limit, and the row decides nothing.

  --rounds N     [3]
  --seconds S    whole seconds, as wrk wants them [2]
  --shapes       [prefork thread-pool thread-per-connection epoll epoll-per-core]
  PROGRAM        [target/release/process-vs-thread, which is built if it is not there]

Exit status: 0 they agree wherever the server is the limit, 1 they do not or something failed, 2 usage, 77 this machine
cannot say: the server was the limit nowhere, or something is missing.
END
}

readonly UNAVAILABLE=77 CONNECTIONS=32 BUSY_PERCENT=90 APART_PERCENT=10
# Pages that each request touches: work of the server alone, so that it is the limit and not its client.
readonly PAGES=1024
# What our client sends (src/load/request.rs), so that the server parses the same bytes; tests/load.rs compares them.
readonly FIELDS=(
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) process-vs-thread/0.1'
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    'Accept-Language: en-US,en;q=0.5'
    'Accept-Encoding: gzip, deflate'
    'Connection: keep-alive'
)
rounds=3
seconds=2
shapes='prefork thread-pool thread-per-connection epoll epoll-per-core'
program=''
scratch=''
server=''

say() { printf 'wrk.sh: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}
unavailable() {
    say "$*"
    exit "$UNAVAILABLE"
}
misused() {
    say "$* (--help says more)"
    exit 2
}

stop_server() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
        server=''
    fi
}

leave() {
    local status=$?
    trap - EXIT
    stop_server
    rm -rf "${scratch:-/nonexistent}"
    exit "$status"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

whole() {
    case $2 in
    '' | *[!0-9]* | 0*) misused "$1 wants a whole number above 0 and not '$2'" ;;
    esac
}

# The first two CPUs that this script may use: the client's and the server's.
two_cpus() {
    local list part
    list=$(taskset -cp $$ | sed 's/.*: //')
    for part in ${list//,/ }; do
        seq "${part%-*}" "${part#*-}"
    done | sed 2q
}

# start_server SHAPE: sets server and url.
start_server() {
    taskset -c "$server_cpu" "$program" serve --shape "$1" --pages "$PAGES" --workers "$CONNECTIONS" >"$scratch/url" &
    server=$!
    local tries
    for tries in {1..100}; do
        url=$(sed 's/ .*//' "$scratch/url")
        if [ -n "$url" ]; then
            return
        fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    fail "the server $1 does not come up (looked $tries times)"
}

# Requests per second by wrk, and percent of a CPU that it used. It counts answers that are not 200 apart: there must be none.
by_wrk() {
    local field fields=()
    for field in "${FIELDS[@]}"; do
        fields+=(-H "$field")
    done
    local TIMEFORMAT='%R %U %S'
    { time taskset -c "$client_cpu" wrk -t1 -c"$CONNECTIONS" -d"${seconds}s" "${fields[@]}" "$url" \
        >"$scratch/wrk" 2>&1; } 2>"$scratch/wrk-time" || fail "wrk: $(cat "$scratch/wrk")"
    if grep -E 'Socket errors|Non-2xx' "$scratch/wrk" >&2; then
        fail 'wrk was not answered as it should be'
    fi
    awk 'NR == FNR { busy = 100 * ($2 + $3) / $1; next } /^Requests\/sec:/ { printf "%s %.1f\n", $2, busy }' \
        "$scratch/wrk-time" "$scratch/wrk"
}

# Requests per second by our client, and percent of its CPU.
by_ours() {
    taskset -c "$client_cpu" "$program" load "$url" --connections "$CONNECTIONS" --seconds "$seconds" --json |
        sed -E 's/.*"answered":([0-9]+).*"elapsed_ns":([0-9]+).*"client_cpu_ns":([0-9]+).*/\1 \2 \3/' |
        awk '{ printf "%.2f %.1f\n", $1 * 1e9 / $2, 100 * $3 / $2 }'
}

# One line per round: both rates, their ratio, our CPU and wrk's. That it is called where a failure is looked at turns
# errexit off in it.
measure() {
    local round
    for ((round = 0; round < rounds; round++)); do
        { by_wrk && by_ours && by_ours && by_wrk; } | paste -sd ' ' |
            awk 'NF != 8 { exit 1 }
                { w = ($1 + $7) / 2; o = ($3 + $5) / 2; print w, o, o / w, ($4 + $6) / 2, ($2 + $8) / 2; lines++ }
                END { exit lines != 1 }' || return 1
    done
}

# A row of the table; its last word says whether they agree.
row() {
    awk -v shape="$1" -v busy="$BUSY_PERCENT" -v apart="$APART_PERCENT" '
        function median(of, n, i, j, t) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && of[j - 1] > of[j]; j--) { t = of[j]; of[j] = of[j - 1]; of[j - 1] = t }
            return n % 2 ? of[(n + 1) / 2] : (of[n / 2] + of[n / 2 + 1]) / 2
        }
        { wrk[NR] = $1; ours[NR] = $2; ratio[NR] = $3; cpu[NR] = $4; wrk_cpu[NR] = $5 }
        END {
            middle = median(ratio, NR)
            share = median(cpu, NR)
            wrk_share = median(wrk_cpu, NR)
            off = middle > 1 ? middle - 1 : 1 - middle
            says = share >= busy ? "client-is-the-limit" : wrk_share >= busy ? "wrk-is-the-limit" : \
                100 * off <= apart ? "agree" : "APART"
            printf "%-22s %9.0f %9.0f   %5.3f (%5.3f to %5.3f) %6.0f %% %6.0f %%   %s\n", shape,
                median(wrk, NR), median(ours, NR), middle, ratio[1], ratio[NR], share, wrk_share, says
        }' "$scratch/rounds"
}

while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --rounds | --seconds)
        whole "$1" "${2:-}"
        declare "${1#--}=$2"
        shift
        ;;
    --shapes)
        shapes=${2:-}
        shift
        ;;
    -*) misused "there is no option $1" ;;
    *) program=$1 ;;
    esac
    shift
done
[ -n "$shapes" ] || misused '--shapes wants names'

command -v wrk >/dev/null || unavailable 'there is no wrk: apt-get install wrk'
command -v taskset >/dev/null || unavailable 'there is no taskset: apt-get install util-linux'
mapfile -t cpus < <(two_cpus)
[ "${#cpus[@]}" -ge 2 ] || unavailable 'it takes two CPUs: one for the server, one for the client'
readonly client_cpu=${cpus[0]} server_cpu=${cpus[1]}
if [ -z "$program" ]; then
    root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
    program=$(readlink -m "${CARGO_TARGET_DIR:-$root/target}")/release/process-vs-thread
    [ -x "$program" ] || (cd "$root" && cargo build --release --locked --bins) || fail 'it cannot be built'
fi
[ -x "$program" ] || misused "there is no program $program"
scratch=$(mktemp -d)

printf '%-22s %9s %9s   %-22s %8s %8s\n' server wrk/s ours/s 'ours over wrk' 'our CPU' 'wrk CPU'
agree=0 apart=0
for shape in $shapes; do
    start_server "$shape"
    measure >"$scratch/rounds" || fail "a round with $shape failed"
    stop_server
    row "$shape" | tee "$scratch/row"
    case $(cat "$scratch/row") in
    *APART) apart=$((apart + 1)) ;;
    *agree) agree=$((agree + 1)) ;;
    esac
done
[ "$apart" = 0 ] || fail "the two are apart with $apart of the servers"
[ "$agree" != 0 ] || unavailable 'a client was the limit with every server: nothing is decided'
