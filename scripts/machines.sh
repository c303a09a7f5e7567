#!/usr/bin/env bash
# Machines of other kinds than this one, emulated: QEMU boots one of Debian's kernels and a static process-vs-thread. What
# each is and what must come out there is one file in scripts/machines/. Times are virtual there and judge nothing.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: scripts/machines.sh COMMAND

  list              The machines, and what each is
  setup             Fetches QEMU, kernels and a cross compiler into the cache; quick when they are there
  run NAME [ARG..]  Boots a machine and runs process-vs-thread there [what check measures]; its exit status
  check [NAME..]    Measures on these machines [all] and asserts what must come out; ends in OK, SKIPPED or FAILED
  keep [NAME..]     Puts what check measured under reports/, with its page
  compare           The kept records' verdicts and facts side by side

check and run do what they need of setup, and build. Nothing is installed and nothing wants root.

Exit status: 0 done, 1 failed, 2 usage, 77 cannot be set up on this machine; run: the program's.

  PROCESS_VS_THREAD_MACHINES         cache folder [${XDG_CACHE_HOME:-~/.cache}/process-vs-thread/machines]
  PROCESS_VS_THREAD_DEBIAN_MIRROR    where to fetch from [this machine's own Debian mirror, else deb.debian.org]
  PROCESS_VS_THREAD_GUEST_TIMEOUT_S  patience with a machine [900]
TEXT
}

# Part of the stamp: raise it when what is unpacked changes.
readonly RECIPE=2
readonly UNAVAILABLE=77
# What is measured on each machine; its file may name more.
readonly MEASURED='^(probe/|memory/(thread|fork)$|creation/(fork|aa-.*)$|switching/(futex|aa-.*)$|count/pipe/)'
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cache=${PROCESS_VS_THREAD_MACHINES:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/process-vs-thread/machines}
readonly root cache
readonly machines=$root/scripts/machines tools=$cache/tools
target=$(readlink -m "${CARGO_TARGET_DIR:-$root/target}")
readonly measured=$target/machines

scratch='' # for one call of this script
guest=''   # process id of the `timeout` around a running QEMU
ended=''   # exit status of the program in the guest
verdict='' # set where the last line is to be OK, SKIPPED or FAILED

say() { printf 'machines: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}
unavailable() {
    say "cannot be set up here: $*"
    exit "$UNAVAILABLE"
}
misused() {
    say "$* (--help says more)"
    exit 2
}
need() {
    local word
    for word in "$@"; do
        command -v "$word" >/dev/null || unavailable "there is no $word"
    done
}

# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"

leave() {
    local status=$?
    trap - EXIT
    if [ -n "$guest" ]; then
        kill "$guest" 2>/dev/null || true
        wait "$guest" 2>/dev/null || true
    fi
    rm -rf "${scratch:-/nonexistent}" "${partial:-/nonexistent}"
    if [ -n "$verdict" ]; then
        case $status in
        0) echo "machines: OK" ;;
        "$UNAVAILABLE") echo "machines: SKIPPED (see above)" ;;
        *) echo "machines: FAILED" ;;
        esac
    fi
    exit "$status"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- What a machine is ---

names() { (cd "$machines" && ls -- *.machine) | sed 's/\.machine$//'; }

# setting NAME KEY: what a machine's file says of it; nothing where it says nothing. Several lines are joined.
setting() { sed -n "s/^$2 \+//p" "$machines/$1.machine"; }

# What an architecture needs: ways to build, to boot, and the machine that QEMU makes of it.
architecture() {
    case $1 in
    x86_64) triple=x86_64-unknown-linux-musl linker=rust-lld console=ttyS0 board=pc ;;
    aarch64) triple=aarch64-unknown-linux-musl linker=rust-lld console=ttyAMA0 board=virt ;;
    # Rust has no static C library for it: Debian's.
    riscv64) triple=riscv64gc-unknown-linux-gnu linker=$tools/riscv64-gcc console=ttyS0 board=virt ;;
    *) fail "no machine of the architecture '$1' can be made" ;;
    esac
}

# pinned NAME: the cached file of one line of the table of packages, in $file.
pinned() {
    local line sha path member
    line=$(grep "^$1 " "$machines/packages") || fail "scripts/machines/packages has no $1"
    read -r _ sha path member <<<"$line"
    pinned_file "$sha" "$path" "$member"
}

# --- Setup and build ---

setup_tools() {
    [ "$(cat "$tools/recipe" 2>/dev/null)" != "$RECIPE" ] || return 0
    local suites
    begin_unpacking
    # QEMU 10: 7.2 flushes on the kernel's user copies, so that threads look like processes, and counts the kernel
    # where it was excluded.
    case $(codename) in
    '' | bookworm) suites=(bookworm bookworm-backports) ;;
    *) suites=("$(codename)") ;;
    esac
    apt_world "${suites[@]}"
    fetch_all -t "${suites[-1]}" qemu-system-x86 qemu-system-arm qemu-system-riscv opensbi
    fetch_all gcc-riscv64-linux-gnu libc6-dev-riscv64-cross cpio
    unpack_into "$partial/tools"
    write_compiler "$partial/tools/riscv64-gcc"
    echo "$RECIPE" >"$partial/tools/recipe"
    rm -rf "$tools"
    mv "$partial/tools" "$tools"
    rm -rf "$partial"
    partial=''
    say "set up in $cache, $(du -sh "$cache" | cut -f1)"
}

# The cross compiler as one file, which is what cargo wants of a linker. It finds its tree from where it lies.
write_compiler() {
    {
        echo '#!/usr/bin/env bash'
        declare -f in_tree
        cat <<'TEXT'
tree=$(dirname "$(readlink -f "$0")")
own=$tree/usr/riscv64-linux-gnu
in_tree "$tree" riscv64-linux-gnu-gcc -B"$own/lib" -isystem "$own/include" "$@"
TEXT
    } >"$1"
    chmod 755 "$1"
}

setup() {
    local packages package
    setup_tools
    mapfile -t packages < <(grep -o '^[^# ]*' "$machines/packages")
    for package in "${packages[@]}"; do
        pinned "$package"
    done
}

# build: a static process-vs-thread for the architecture, its name in $program.
build() {
    program=$target/$triple/release/process-vs-thread
    need cargo
    local libraries
    libraries=$(cd "$root" && rustc --print target-libdir --target "$triple")
    compgen -G "$libraries/libstd-*.rlib" >/dev/null || (cd "$root" && rustup target add "$triple" >&2) ||
        unavailable "Rust's standard library for $triple is missing (rustup target add $triple)"
    # Little is optimised: it takes a third of the time, and time is virtual in the guest.
    # RUSTFLAGS, if set, hides the flags of a target: so the flag goes there. With --target it spares build scripts.
    (
        cd "$root"
        unset CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR=$target RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static -C linker=$linker" \
            cargo build --release --locked --target "$triple" --lib --bins >&2
    )
}

# --- A machine ---

# boot NAME ARG...: boots and runs process-vs-thread there; leaves what it said in $scratch/said and its exit status in
# $ended.
boot() {
    local name=$1 arch disk=$scratch/disk patience=${PROCESS_VS_THREAD_GUEST_TIMEOUT_S:-900} status=0 options
    shift
    [ -f "$machines/$name.machine" ] || misused "there is no machine '$name'"
    arch=$(setting "$name" arch)
    read -ra options <<<"$(setting "$name" qemu)"
    setup_tools
    architecture "$arch"
    build
    rm -rf "$disk"
    mkdir -p "$disk/bin"
    cp "$machines/init" "$disk/init"
    pinned "busybox-$arch"
    cp "$file" "$disk/bin/busybox"
    ln -s busybox "$disk/bin/sh"
    cp "$program" "$disk/bin/process-vs-thread"
    setting "$name" before >"$disk/before"
    { echo '#!/bin/sh' && printf '%q ' exec process-vs-thread "$@"; } >"$disk/command"
    chmod 755 "$disk" "$disk"/{init,command,bin,bin/*}
    pinned "$(setting "$name" kernel)"
    (cd "$disk" && find . | in_tree "$tools" cpio -o -H newc -R 0:0 --quiet) >"$scratch/initrd"
    # exec: so that the process to stop is `timeout` itself, which passes the signal on, and no shell around it.
    in_tree "$tools" exec timeout -k 5 "$patience" "qemu-system-$arch" -L "$tools/usr/share/qemu" \
        -L "$tools/usr/share/seabios" -M "$board" "${options[@]}" -nographic -nic none -no-reboot \
        -kernel "$file" -initrd "$scratch/initrd" \
        -append "console=$console quiet loglevel=0 panic=-1 norandmaps $(setting "$name" boot)" \
        </dev/null >"$scratch/console" 2>&1 &
    guest=$!
    wait "$guest" || status=$?
    guest=''
    # After what firmware and kernel said; the console has put a carriage return into every line.
    tr -d '\r' <"$scratch/console" | sed '0,/GUEST-BEGINS$/d; /^GUEST-EXIT=/,$d' >"$scratch/said"
    ended=$(tr -d '\r' <"$scratch/console" | sed -n 's/^GUEST-EXIT=//p' | tail -n 1)
    if [ -z "$ended" ]; then
        tail -n 15 "$scratch/console" >&2
        [ "$status" != 124 ] || fail "$name was not done in $patience s and was stopped"
        fail "$name did not come to its end (QEMU: status $status)"
    fi
}

# --- Commands ---

list() {
    local name
    for name in $(names); do
        printf '%-12s %s\n' "$name" "$(sed -n '1s/^# //p' "$machines/$name.machine")"
    done
}

# measurement NAME: what is measured on a machine, into $measurement.
measurement() {
    local only=$MEASURED more
    more=$(setting "$1" only)
    measurement=(run --quick --name "$1" --out - --only "$only${more:+|$more}")
}

run() {
    [ $# -ge 1 ] || misused "run wants a machine"
    local name=$1
    shift
    [ $# -ge 1 ] || { measurement "$name" && set -- "${measurement[@]}"; }
    scratch=$(mktemp -d)
    boot "$name" "$@"
    cat "$scratch/said"
    exit "$ended"
}

# measure NAME: its record into $measured/NAME.json.
measure() {
    local name=$1 began=$SECONDS lines
    measurement "$name"
    rm -f "$measured/$name.json"
    boot "$name" "${measurement[@]}"
    grep '^{"schema":' "$scratch/said" >"$scratch/record.json" || true
    lines=$(wc -l <"$scratch/record.json")
    if [ "$ended" != 0 ] || [ "$lines" != 1 ]; then
        tail -n 15 "$scratch/said" | cut -c 1-400 >&2
        fail "the run on $name ended with status $ended and $lines records"
    fi
    mv "$scratch/record.json" "$measured/$name.json"
    say "$name was measured in $((SECONDS - began)) s"
}

check() {
    verdict=wanted
    local name records=''
    mkdir -p "$measured"
    scratch=$(mktemp -d)
    for name in "$@"; do
        measure "$name"
        records=$records${records:+:}$measured/$name.json
    done
    (cd "$root" && PROCESS_VS_THREAD_MEASURED=$records \
        cargo test --locked --test machines --test emulated_pmu -- --nocapture)
}

# report_of NAME: the folder of its kept record.
report_of() { compgen -G "$root/reports/*-qemu-$1"; }

host_program() { (cd "$root" && cargo run --quiet --release --locked --bin process-vs-thread -- "$@"); }

keep() {
    local name id
    for name in "$@"; do
        [ -f "$measured/$name.json" ] || misused "$name was not measured: scripts/machines.sh check $name"
        id=$(grep -o '"run":{"id":"[^"]*"' "$measured/$name.json" | cut -d'"' -f6)
        # The one that it takes the place of.
        report_of "$name" | xargs -r rm -rf
        mkdir -p "$root/reports/$id"
        gzip -9n <"$measured/$name.json" >"$root/reports/$id/record.json.gz"
        host_program report "$root/reports/$id/record.json.gz"
        rm -f "$root/reports/$id/details.html"
    done
}

compare() {
    local name records=()
    for name in $(names); do
        records+=("$(report_of "$name")")
    done
    host_program compare "${records[@]}"
}

word=${1:---help}
shift || true
case $word in
list | setup | compare)
    [ $# = 0 ] || misused "$word takes nothing"
    "$word"
    ;;
run) run "$@" ;;
check | keep)
    # Word by word: names have no spaces.
    # shellcheck disable=SC2046
    [ $# -ge 1 ] || set -- $(names)
    "$word" "$@"
    ;;
-h | --help | help) usage ;;
*) misused "there is no command '$word'" ;;
esac
