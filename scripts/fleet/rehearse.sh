#!/usr/bin/env bash
# shellcheck disable=SC2317
# Rehearses the playbook with eight hosts on this machine, four of which have an accident, and checks what comes of it.
set -euo pipefail

usage() {
    cat <<'HELP'
Usage: scripts/fleet/rehearse.sh [PROGRAM [FOLDER]]

Each host is a set of namespaces with an SSH server. They vanish with this script, as does its network; nothing is
changed outside.

  first, second   share a physical host: they must not run at the same time
  ordinary        logs in as a user without rights
  dies            loses its network and its processes in mid-run
  hangs           is told to measure everything, with a limit of seconds
  partial         is told to measure everything and to end after some seconds
  refuses         its SSH server lets nobody in
  foreign         gets a program that is not for it

  PROGRAM         a static build [target/x86_64-unknown-linux-musl/release/process-vs-thread]
  FOLDER          keeps the results there

Wants root, ansible-playbook, sshd, ip and jq. Exit status: 0, 1 something is not as it must be, 2 usage, 77 this machine
cannot rehearse.
HELP
}

readonly UNAVAILABLE=77 NETWORK=10.213.7 HOSTS=(first second ordinary dies hangs partial refuses foreign)
case ${1-} in
-h | --help)
    usage
    exit
    ;;
-*)
    usage >&2
    exit 2
    ;;
esac
unavailable() {
    echo "rehearse.sh: $*" >&2
    exit "$UNAVAILABLE"
}

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath -m "${1:-$here/../../target/x86_64-unknown-linux-musl/release/process-vs-thread}")
if [ -z "${REHEARSING-}" ]; then
    [ "$(id -u)" = 0 ] || unavailable 'namespaces with a network want root'
    for tool in ansible-playbook ip jq ssh-keygen unshare; do
        command -v "$tool" >/dev/null || unavailable "there is no $tool"
    done
    [ -x /usr/sbin/sshd ] || unavailable 'there is no sshd'
    [ -x "$program" ] || unavailable "there is no $program: cargo build --release --target x86_64-unknown-linux-musl"
    unshare --net --mount true || unavailable 'namespaces are refused'
    REHEARSING=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi

# Not under /tmp: each host has one of its own.
scratch=$(mktemp -d -p /var/tmp)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$scratch"
export HOME=$scratch

# What a host says when its namespaces are made: what is its own, and then its SSH server.
host() {
    local name=$1 own=$scratch/$1
    hostname "$name"
    mount --bind "$own/tmp" /tmp
    [ ! -e /etc/machine-id ] || mount --bind "$own/machine-id" /etc/machine-id
    exec /usr/sbin/sshd -D -f "$own/sshd_config" -E "$own/sshd.log"
}

make_host() {
    local name=$1 address=$2 own=$scratch/$1 allowed='root ordinary'
    [ "$name" != refuses ] || allowed=nobody-at-all
    mkdir -p "$own/tmp"
    chmod 1777 "$own/tmp"
    od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$own/machine-id"
    ssh-keygen -q -t ed25519 -N '' -f "$own/key"
    echo "$address $(cat "$own/key.pub")" >>"$scratch/known_hosts"
    cat >"$own/sshd_config" <<SSHD
ListenAddress $address
HostKey $own/key
PidFile none
AuthorizedKeysFile $scratch/key.pub
StrictModes no
UsePAM no
AllowUsers $allowed
Subsystem sftp internal-sftp
SSHD
    ip netns add "$name"
    ip link add "$name" type veth peer name eth0 netns "$name"
    ip link set "$name" master fleet up
    ip -n "$name" address add "$address/24" dev eth0
    ip -n "$name" link set eth0 up
    ip -n "$name" link set lo up
    ip netns exec "$name" unshare --uts --pid --fork --kill-child --mount-proc \
        bash -euc "$(declare -f host); scratch=$scratch host $name" &
}

# The command lines of runs on a host.
running() {
    ip netns pids "$1" | while read -r pid; do
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep '^./process-vs-thread run ' || true
    done
}

# Once the run is under way: first the network, so that nobody is told, then everything that runs there.
kill_host() {
    until [ -n "$(running "$1")" ]; do
        sleep 0.2
    done
    sleep 2
    ip link del "$1"
    # shellcheck disable=SC2046 # Several.
    kill -KILL $(ip netns pids "$1")
    echo "rehearse.sh: $1 is dead" >&2
}

mount -t tmpfs tmpfs /run
mkdir /run/sshd
cp /etc/passwd "$scratch/passwd"
echo "ordinary:x:4242:4242::$scratch/ordinary/tmp:/bin/sh" >>"$scratch/passwd"
mount --bind "$scratch/passwd" /etc/passwd
ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"
echo 'not a program' >"$scratch/foreign-program"
ip link set lo up
ip link add fleet type bridge
ip address add "$NETWORK.1/24" dev fleet
ip link set fleet up

cat >"$scratch/inventory.yml" <<INVENTORY
all:
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: $scratch/key
    ansible_ssh_common_args: -F none -o UserKnownHostsFile=$scratch/known_hosts
    ansible_remote_tmp: /tmp/.ansible
    ansible_python_interpreter: /usr/bin/python3
    fleet_program: $program
    fleet_run: --quick switching
  hosts:
INVENTORY
at=10
for name in "${HOSTS[@]}"; do
    at=$((at + 1))
    make_host "$name" "$NETWORK.$at"
    vars="ansible_host: $NETWORK.$at"
    case $name in
    first | second) vars+=', physical: shared' ;;
    ordinary) vars+=', ansible_user: ordinary' ;;
    dies) vars+=', fleet_run: --quick switching tlb' ;;
    hangs) vars+=', fleet_run: "", fleet_limit_s: 5' ;;
    partial) vars+=', fleet_run: --time 15s' ;;
    foreign) vars+=", fleet_program: $scratch/foreign-program" ;;
    esac
    echo "    $name: {$vars}" >>"$scratch/inventory.yml"
done
kill_host dies &

status=0
ansible-playbook --forks "${#HOSTS[@]}" --inventory "$scratch/inventory.yml" \
    --extra-vars "fleet_results=$scratch/results fleet_comparer=$program" "$here/fleet.yml" || status=$?
results=$(echo "$scratch"/results/*)
if [ -n "${2-}" ]; then
    mkdir -p "$2"
    cp -r "$results" "$2"
fi

wrong=0
must() {
    if "${@:2}"; then
        echo "ok: $1"
    else
        echo "WRONG: $1" >&2
        wrong=1
    fi
}
run_of() { zcat "$results/$1.record.json.gz" | jq -r "$2"; }
begun() { run_of "$1" '.run.started_utc | fromdate'; }
ended() { run_of "$1" '(.run.started_utc | fromdate) + .run.duration_s | floor'; }
says() { grep -qE "^$1: $2" "$results/missing.txt"; }
on_page() { grep -qE "$1" "$results/index.html"; }
left() { [ "$(find "$scratch/$1/tmp" -name 'process-vs-thread.*' | wc -l)" = 0 ]; }

must 'the playbook says that it is not whole' [ "$status" = 2 ]
for name in first second ordinary partial; do
    must "the page has $name" on_page "<code>[^<]*-$name</code>"
    must "nothing is left on $name" left "$name"
done
must 'dies has no record, and the reason is there' says dies 'no record. measuring: .+'
must 'hangs has no record, and the reason is there' says hangs 'no record. measuring: .*[Tt]imed out'
must 'refuses has no record, and the reason is there' says refuses 'no record. reaching it: .*Permission denied'
must 'foreign has no record, and the reason is there' says foreign 'no record. asking doctor: .+'
for name in dies hangs refuses foreign; do
    must "the page says that $name is missing" on_page "<li>$name: no record"
done
must 'partial has a record, and that it is a part only is there' says partial 'a part only. The run ended early: time-up'
must 'the page says so too' on_page '<li>partial: a part only'
for name in first second ordinary; do
    must "$name is whole" [ "$(grep -c "^$name: a part only" "$results/missing.txt")" = 0 ]
done
must 'what hangs was ended' [ -z "$(running hangs)" ]
must 'ordinary is less precise, and says so' says ordinary 'less precisely .*switching'
must 'for want of rights' grep -q 'SCHED_FIFO is refused' "$results/ordinary.doctor.json"
must 'which first has' [ "$(grep -c 'SCHED_FIFO is refused' "$results/first.doctor.json")" = 0 ]
must 'second waits for first, which shares its host' [ "$(begun second)" -ge "$(ended first)" ]
must 'ordinary, on a host of its own, does not' [ "$(begun ordinary)" -lt "$(begun second)" ]
exit "$wrong"
