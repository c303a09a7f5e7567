#!/usr/bin/env bash
# Does `process-vs-thread predict` say what real programs' forks take? Redis tells its own; those of PostgreSQL's
# postmaster and of Apache's prefork parent are timed by strace. Each is held against the prediction for its process, and
# against a lab of its shape measured in the same minute.
set -euo pipefail

usage() {
    cat <<'END'
Usage: scripts/predict-study.sh [--forks N] [--redis "MEGABYTES ..."] [--no-check] [PROGRAM [RUN]]

Starts each program that is installed on 127.0.0.1, in a folder of its own that is removed, and prints a row for it: the
median of N forks, and what was predicted of one fork after the other and of the first after a rest.

  --forks N      forks of each program [5]
  --redis LIST   megabytes of small keys [0 100 300 1200]
  --no-check     do not measure labs of the same shape
  PROGRAM        [target/release/process-vs-thread]
  RUN            the record to predict by [last]

Debian's packages: redis-server, postgresql, apache2, strace, jq. Exit status: 0, 1 something failed, 2 usage, 77 none of
the programs is installed.
END
}

readonly UNAVAILABLE=77 REST_S=1
# Bytes that a key of 64 bytes takes in Redis, its entry and the allocator's share included.
readonly KEY_BYTES=160

forks=5 sizes="0 100 300 1200" check=(--check)
while [[ ${1-} == -* ]]; do
    case $1 in
        --forks) forks=${2:?}; shift 2 ;;
        --redis) sizes=${2?}; shift 2 ;;
        --no-check) check=(); shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done
(($# <= 2)) || { usage >&2; exit 2; }
program=${1:-target/release/process-vs-thread}
run=${2:-last}
command -v jq >/dev/null || { echo "jq is missing" >&2; exit "$UNAVAILABLE"; }

folder=$(mktemp -d)
started=()
clean() {
    # The latest first: what traces goes before what is traced.
    for ((at = ${#started[@]} - 1; at >= 0; at--)); do
        kill "${started[at]}" 2>/dev/null || continue
        for _ in {1..50}; do
            kill -0 "${started[at]}" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "${started[at]}" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    return 1
}

median() { sort -n | awk '{ all[NR] = $1 } END { if (NR) print all[int((NR + 1) / 2)], all[1], all[NR] }'; }

heading() {
    echo "| program | private memory | mappings, with own pages | fork took, µs (median, range) | predicted, µs: again | after a rest, scattered | a lab now, µs: again | after a rest, scattered |"
    echo "|---|---:|---:|---:|---:|---:|---:|---:|"
}

# A row: the program's name, the file of its forks' microseconds, the prediction as JSON.
row() {
    local name=$1 times=$2 predicted=$3 took
    took=$(median <"$times")
    [[ -n $took ]] || { echo "$name: no fork was seen" >&2; return 1; }
    jq -r --arg name "$name" --arg took "$took" '
        def us: if . == null then "–" else . / 1000 | round | tostring end;
        ($took | split(" ") | "\(.[0]) (\(.[1])–\(.[2]))") as $shown
        | (.process.base_bytes + .process.huge_bytes) as $bytes
        | [ $name, "\($bytes / 1048576 * 10 | round / 10) MiB",
            "\(.process.mappings + .process.clean_mappings), \(.process.mappings)", $shown,
            (.forks[] | .call_ns.predicted.estimate | us),
            (.checked[0].call_ns | us), (.checked[1].call_ns | us) ]
        | "| " + join(" | ") + " |"' "$predicted"
}

# What is predicted of a process, as JSON into a file; without a lab beside it where none could be measured.
predicted() {
    "$program" predict --pid "$1" --json "${check[@]}" "$run" >"$2" 2>"$folder/said" && return
    tail -n 1 "$folder/said" >&2
    "$program" predict --pid "$1" --json "$run" >"$2"
}

redis() {
    local port pid size call=(redis-cli -h 127.0.0.1) children
    port=$(free_port)
    call+=(-p "$port")
    redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$folder" --daemonize no \
        --enable-debug-command yes --stop-writes-on-bgsave-error no >"$folder/redis.log" 2>&1 &
    pid=$!
    started+=("$pid")
    for _ in {1..100}; do "${call[@]}" ping >/dev/null 2>&1 && break; sleep 0.1; done
    for size in $sizes; do
        "${call[@]}" flushall sync >/dev/null
        "${call[@]}" debug populate $((size * 1000000 / KEY_BYTES)) key 64 >/dev/null
        : >"$folder/redis"
        for ((fork = 0; fork < forks; fork++)); do
            sleep "$REST_S"
            "${call[@]}" bgsave >/dev/null
            "${call[@]}" info stats | sed -n 's/latest_fork_usec:\([0-9]*\).*/\1/p' >>"$folder/redis"
            # The time of the fork is known: what it would save need not be written.
            read -r -a children <"/proc/$pid/task/$pid/children" || true
            ((${#children[@]} == 0)) || kill -KILL "${children[@]}" 2>/dev/null || true
            while [[ $("${call[@]}" info persistence) == *rdb_bgsave_in_progress:1* ]]; do sleep 0.1; done
        done
        predicted "$pid" "$folder/redis.json"
        row "Redis, $size MB of keys" "$folder/redis" "$folder/redis.json"
    done
}

# Times the forks of a process while a function makes it fork; microseconds into a file. A call that is traced without its
# children takes in the tracer's clock what it takes untraced, within a few microseconds.
traced() {
    local pid=$1 into=$2 tracer
    shift 2
    strace -q -T -e trace=clone,clone3,fork,vfork -e signal=none -p "$pid" -o "$folder/trace" 2>/dev/null &
    tracer=$!
    started+=("$tracer")
    sleep 1
    "$@"
    kill "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    sed -n 's/.*<\([0-9]*\)\.\([0-9]*\)>$/\1\2/p' "$folder/trace" | sed 's/^0*//' >"$into"
}

postgres() {
    local bin port data="$folder/postgres" as=()
    bin=$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort | tail -n 1)
    [[ -n $bin ]] || return 0
    port=$(free_port)
    mkdir "$data"
    if ((EUID == 0)); then
        as=(runuser -u postgres --)
        chmod 711 "$folder"
        chown postgres "$data"
    fi
    "${as[@]}" "$bin/initdb" -D "$data/base" -A trust >"$folder/initdb.log" 2>&1
    "${as[@]}" "$bin/pg_ctl" -D "$data/base" -w -l "$data/log" \
        -o "-p $port -h 127.0.0.1 -k $data" start >/dev/null
    postmaster=$(head -n 1 "$data/base/postmaster.pid")
    started+=("$postmaster")
    # shellcheck disable=SC2317  # called by `traced`
    connect() {
        for ((fork = 0; fork < forks; fork++)); do
            "${as[@]}" "$bin/psql" -h 127.0.0.1 -p "$port" -d postgres -c 'select 1' >/dev/null
            sleep "$REST_S"
        done
    }
    traced "$postmaster" "$folder/backends" connect
    predicted "$postmaster" "$folder/postgres.json"
    row "PostgreSQL, a backend" "$folder/backends" "$folder/postgres.json"
}

apache() {
    local port modules=/usr/lib/apache2/modules master
    port=$(free_port)
    cat >"$folder/apache.conf" <<END
ServerRoot "$folder"
PidFile "$folder/apache.pid"
ErrorLog "$folder/apache.log"
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule mime_module $modules/mod_mime.so
Listen 127.0.0.1:$port
ServerName localhost
StartServers 2
MinSpareServers 2
MaxSpareServers 4
END
    echo "TypesConfig /etc/mime.types" >>"$folder/apache.conf"
    # When it ends, Apache ends its process group: not this script.
    setsid apache2 -f "$folder/apache.conf" -DFOREGROUND >"$folder/apache.out" 2>&1 &
    master=$!
    started+=("$master")
    sleep 2
    # shellcheck disable=SC2317  # called by `traced`
    replace() {
        local child
        for ((fork = 0; fork < forks; fork++)); do
            child=$(cut -d ' ' -f 1 "/proc/$master/task/$master/children")
            kill -KILL "$child"
            sleep $((2 * REST_S))
        done
    }
    traced "$master" "$folder/workers" replace
    predicted "$master" "$folder/apache.json"
    row "Apache, a prefork worker" "$folder/workers" "$folder/apache.json"
}

any=no
heading
for name in redis:redis-server postgres:runuser apache:apache2; do
    command -v "${name#*:}" >/dev/null || { echo "${name%%:*} is not installed" >&2; continue; }
    [[ $name == redis:* ]] || command -v strace >/dev/null || { echo "strace is missing" >&2; continue; }
    any=yes
    "${name%%:*}"
done
[[ $any == yes ]] || exit "$UNAVAILABLE"
