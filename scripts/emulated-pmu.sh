#!/usr/bin/env bash
# A machine with a PMU where there is none: QEMU's riscv64 `virt` machine, whose SBI firmware offers Linux counters
# for cycles, instructions and TLB misses. Its TLB is emptied at every switch of process and at no switch of thread,
# which makes it the positive control of the counting path. Its time is virtual: no figure of its is a performance.
set -euo pipefail

usage() {
    cat <<'END'
Usage: scripts/emulated-pmu.sh COMMAND

  check            Counts in the guest and asserts what must be seen there; ends in OK, SKIPPED or FAILED
  record FILE      Counts ping-pongs and rings with `process-vs-thread run` in the guest, its record goes to FILE
  run PROG [ARG..] Boots the guest with one static riscv64 program; its exit status is the program's
  build            Builds the guest's process-vs-thread: static, release, without Criterion
  setup            Fetches QEMU, firmware, kernel and cross compiler into the cache; quick when they are there
  status           Says what is there; status 77 where something is missing

check and record do what they need of build and setup. Nothing is installed and only `build` may want root: where
neither rustup nor the compiler at hand has the target, it uses Debian 13's compiler in a chroot.
As a runner for cargo: CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_RUNNER="scripts/emulated-pmu.sh run"

Exit status: 0 done, 1 failed, 2 usage, 77 cannot be set up on this machine; run: the program's.

  PROCESS_VS_THREAD_EMULATED_PMU     cache folder [${XDG_CACHE_HOME:-~/.cache}/process-vs-thread/emulated-pmu]
  PROCESS_VS_THREAD_DEBIAN_MIRROR    where to fetch from [this machine's own Debian mirror, else deb.debian.org]
  PROCESS_VS_THREAD_GUEST_TIMEOUT_S  patience with the guest [600]
END
}

# Part of the stamp: raise it when what is unpacked changes.
readonly RECIPE=1
readonly TARGET=riscv64gc-unknown-linux-gnu
# Two actors: the guest's TLB keeps nothing across a switch of process, so more would show no more.
readonly GUEST_RUN=(run --quick --only 'count/(pipe/(thread|process)|ring/(thread|process) x2) .*same-core' --out -)
readonly UNAVAILABLE=77
readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cache=${PROCESS_VS_THREAD_EMULATED_PMU:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/process-vs-thread/emulated-pmu}
readonly root cache
readonly tools=$cache/tools debian=$cache/debian-rust
target=$(readlink -m "${CARGO_TARGET_DIR:-$root/target}")
program=$target/$TARGET/release/process-vs-thread

scratch='' # for one call of this script
partial='' # what is being unpacked
keyring='' # Debian's keys
guest=''   # process id of the `timeout` around a running QEMU
ended=''   # exit status of the program in the guest
verdict='' # set where the last line is to be OK, SKIPPED or FAILED

say() { printf 'emulated-pmu: %s\n' "$*" >&2; }
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
        0) echo "emulated PMU: OK" ;;
        "$UNAVAILABLE") echo "emulated PMU: SKIPPED (see above)" ;;
        *) echo "emulated PMU: FAILED" ;;
        esac
    fi
    exit "$status"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

need() {
    local word
    for word in "$@"; do
        command -v "$word" >/dev/null || unavailable "there is no $word"
    done
}

# --- Setup: Debian's packages, unpacked and not installed ---

# The release of this machine if it is a Debian whose libraries the unpacked programs can use.
codename() {
    # shellcheck source=/dev/null
    (. /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || true
}

mirror() {
    local url=${PROCESS_VS_THREAD_DEBIAN_MIRROR:-}
    if [ -z "$url" ] && [ -n "$(codename)" ]; then
        url=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null |
            sed -nE '/^#/d; s!.*(https?://[^ ]+/debian)/?( .*)?$!\1!p' | sed 1q)
    fi
    echo "${url:-http://deb.debian.org/debian}"
}

# apt_world NAME STATUS "ARCHITECTURE..." SUITE...: lets the apt commands that follow live in a world of their own, with
# the packages of STATUS installed. This machine's hooks stay out, its proxies stay.
apt_world() {
    local name=$1 status=$2 architectures world=$partial/apt-$1 suite
    read -ra architectures <<<"$3"
    shift 3
    mkdir -p "$world"/{state/lists,cache/archives}/partial "$world/none"
    cp "$status" "$world/state/status"
    for suite in "$@"; do
        echo "deb [signed-by=$keyring] $(mirror) $suite main"
    done >"$world/sources.list"
    {
        apt-config dump | grep -E '^Acquire::(http|https)::' || true
        cat <<END
Dir::State "$world/state";
Dir::State::status "$world/state/status";
Dir::Cache "$world/cache";
Dir::Etc::parts "$world/none";
Dir::Etc::sourcelist "$world/sources.list";
Dir::Etc::sourceparts "$world/none";
Dir::Etc::preferences "$world/none/preferences";
Dir::Etc::preferencesparts "$world/none";
APT::Architecture "${architectures[0]}";
APT::Architectures { $(printf '"%s"; ' "${architectures[@]}")};
APT::Sandbox::User "$(id -un)";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Debug::NoLocking "true";
END
    } >"$world/apt.conf"
    export APT_CONFIG=$world/apt.conf
    say "asking $(mirror) for packages ($name)"
    apt-get -qq update >&2 || unavailable "the packages of $(mirror) cannot be listed (no network?)"
}

# Fetches packages and all that they want and this world lacks.
fetch_all() {
    apt-get -qq -y --no-install-recommends --download-only install "$@" >&2 || unavailable "cannot fetch $*"
}

# Fetches packages alone.
fetch() {
    (cd "${APT_CONFIG%/*}/cache/archives" && apt-get -qq download "$@" >&2) || unavailable "cannot fetch $*"
}

# Unpacks into a folder what was fetched.
unpack_into() {
    local package
    mkdir -p "$1"
    for package in "${APT_CONFIG%/*}"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$1" --keep-directory-symlink --no-same-owner
    done
    rm -rf "${APT_CONFIG%/*}"
    unset APT_CONFIG
}

# Debian's keys: this machine's, or from its own distribution's package of them.
find_keyring() {
    keyring=$DEBIAN_KEYS
    [ ! -r "$keyring" ] || return 0
    mkdir -p "$partial/keys"
    (cd "$partial/keys" && apt-get -qq download debian-archive-keyring >&2 && dpkg-deb -x ./*.deb .) ||
        unavailable "Debian's keys are missing (package debian-archive-keyring)"
    keyring=$partial/keys$DEBIAN_KEYS
}

begin_unpacking() {
    need apt-get apt-config dpkg-deb dpkg tar sed awk readlink mktemp timeout
    mkdir -p "$cache" 2>/dev/null || unavailable "the cache $cache cannot be written to"
    # What a killed call left there.
    find "$cache" -maxdepth 1 -name 'partial.*' -mmin +120 -exec rm -rf {} +
    partial=$(mktemp -d "$cache/partial.XXXXXX")
    find_keyring
}

publish() { # FROM TO: complete or not there
    echo "$RECIPE" >"$1/recipe"
    rm -rf "$2"
    mv "$1" "$2"
    rm -rf "$partial"
    partial=''
}

is_set_up() { [ "$(cat "$1/recipe" 2>/dev/null)" = "$RECIPE" ]; }

setup() {
    is_set_up "$tools" && return
    local here suites
    begin_unpacking
    here=$(dpkg --print-architecture)
    # QEMU 10: 7.2 flushes on the kernel's user copies, so that threads look like processes, and counts the kernel
    # where it was excluded.
    case $(codename) in
    '' | bookworm) suites=(bookworm bookworm-backports) ;;
    *) suites=("$(codename)") ;;
    esac
    apt_world tools /var/lib/dpkg/status "$here" "${suites[@]}"
    fetch_all -t "${suites[-1]}" qemu-system-riscv opensbi
    fetch_all gcc-riscv64-linux-gnu libc6-dev-riscv64-cross cpio
    unpack_into "$partial/tools"
    apt_world kernel /dev/null riscv64 trixie
    fetch debian-installer-13-netboot-riscv64
    unpack_into "$partial/kernel"
    find "$partial/kernel" -type f -path '*/riscv64/linux' -exec mv {} "$partial/tools/linux" \;
    [ -s "$partial/tools/linux" ] || fail "the kernel's package has no kernel where it used to be"
    write_compiler "$partial/tools/riscv64-gcc"
    write_init "$partial/init.c"
    "$partial/tools/riscv64-gcc" -O2 -Wall -static -o "$partial/tools/init" "$partial/init.c"
    publish "$partial/tools" "$tools"
    say "set up in $cache, $(du -sh "$cache" | cut -f1)"
}

# in_tools TREE COMMAND...: a program from the unpacked packages, with their libraries before this machine's.
in_tools() {
    local tree=$1 libraries
    shift
    libraries=$(uname -m)-linux-gnu
    LD_LIBRARY_PATH=$tree/usr/lib/$libraries:$tree/lib/$libraries PATH=$tree/usr/bin:$tree/bin:$PATH "$@"
}

# The cross compiler as one file, which is what cargo wants of a linker. It finds its tree from where it lies.
write_compiler() {
    {
        echo '#!/usr/bin/env bash'
        declare -f in_tools
        cat <<'END'
tree=$(dirname "$(readlink -f "$0")")
own=$tree/usr/riscv64-linux-gnu
in_tools "$tree" riscv64-linux-gnu-gcc -B"$own/lib" -isystem "$own/include" "$@"
END
    } >"$1"
    chmod 755 "$1"
}

write_init() {
    cat >"$1" <<'END'
/* Process 1 of the guest: mounts what a program expects, runs one, and switches the machine off. What the program
   says comes through a pipe, so that it sees no terminal. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char words[65536], *arguments[256], some[65536];

static void mounted(const char *what, const char *where) {
    mkdir(where, 0755);
    if (mount(what, where, what, 0, NULL)) perror(where);
}

static void read_arguments(void) {
    int file = open("/arguments", O_RDONLY);
    ssize_t length = file < 0 ? 0 : read(file, words, sizeof words - 1);
    int count = 0;
    for (char *word = words; word < words + length && count < 255; word += strlen(word) + 1)
        arguments[count++] = word;
    close(file);
}

static void start(const int *ends) {
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    close(ends[0]);
    close(ends[1]);
    setsid();
    execv(arguments[0], arguments);
    perror(arguments[0]);
    _exit(127);
}

int main(void) {
    mounted("proc", "/proc");
    mounted("sysfs", "/sys");
    mounted("devtmpfs", "/dev");
    mounted("tmpfs", "/tmp");
    mounted("tmpfs", "/dev/shm");
    setenv("PATH", "/bin", 1);
    setenv("HOME", "/tmp", 1);
    if (chdir("/tmp")) perror("/tmp");
    read_arguments();

    int ends[2], status = 0;
    if (pipe(ends)) perror("pipe");
    pid_t program = fork();
    if (program == 0) start(ends);
    close(ends[1]);
    for (ssize_t length; (length = read(ends[0], some, sizeof some)) > 0;)
        for (ssize_t done = 0, now; done < length; done += now)
            if ((now = write(1, some + done, length - done)) < 0) break;
    while (waitpid(program, &status, 0) < 0 && errno == EINTR) continue;
    printf("\nGUEST-EXIT=%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    return 0;
}
END
}

# --- Build ---

compiler_has_target() {
    local libraries
    libraries=$(cd "$root" && rustc --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
    compgen -G "$libraries/libstd-*.rlib" >/dev/null
}

build() {
    setup
    local words=(build --release --locked --target "$TARGET" --lib --bins)
    if command -v cargo >/dev/null && ! compiler_has_target && command -v rustup >/dev/null; then
        (cd "$root" && rustup target add "$TARGET" >&2) ||
            say "rustup cannot fetch the target; trying Debian's compiler"
    fi
    if command -v cargo >/dev/null && compiler_has_target; then
        # RUSTFLAGS, if set, hides the flags of a target: so the flag goes there. With --target it spares build scripts.
        (
            cd "$root"
            unset CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
            CARGO_TARGET_DIR=$target RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static" \
                CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER=$tools/riscv64-gcc cargo "${words[@]}" >&2
        )
    else
        debian_cargo "${words[@]}" --ignore-rust-version
    fi
    [ -x "$program" ] || fail "cargo built no $program"
}

setup_debian_rust() {
    is_set_up "$debian" && return
    begin_unpacking
    local here
    here=$(dpkg --print-architecture)
    apt_world debian-rust /dev/null "$here riscv64" trixie
    fetch_all base-files bash coreutils ca-certificates rustc cargo gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
    fetch libstd-rust-dev:riscv64
    unpack_into "$partial/debian-rust"
    # What installing gcc would have done.
    ln -s gcc "$partial/debian-rust/usr/bin/cc"
    publish "$partial/debian-rust" "$debian"
}

# Debian 13's cargo in a chroot, in a mount namespace that ends with it; crates come from and stay in the usual place.
debian_cargo() {
    local why="neither cargo nor rustup has the target $TARGET here, and Debian's compiler needs"
    [ "$(id -u)" = 0 ] || unavailable "$why root for its chroot; \`rustup target add $TARGET\` needs none"
    need unshare chroot
    unshare -m true 2>/dev/null || unavailable "$why a mount namespace, which is refused"
    setup_debian_rust
    local registry=${CARGO_HOME:-$HOME/.cargo}/registry
    mkdir -p "$target" "$registry" "$debian"/{build,target,proc,dev,registry}
    # The shell in the namespace expands these, not this one.
    # shellcheck disable=SC2016
    unshare -m bash -euc '
        new=$1 registry=$4
        mount --bind "$2" "$new/build"
        mount --bind "$3" "$new/target"
        mount --bind "$registry" "$new/registry"
        mount -t proc proc "$new/proc"
        mount --rbind /dev "$new/dev"
        for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
            mkdir -p "$new${file%/*}"
            [ ! -r "$file" ] || cp -L "$file" "$new$file"
        done
        shift 4
        cd "$new"
        exec chroot . /usr/bin/env -C /build "$@"
    ' build "$debian" "$root" "$target" "$registry" \
        env -u CARGO_ENCODED_RUSTFLAGS HOME=/root PATH=/usr/bin:/bin CARGO_HOME=/ CARGO_TARGET_DIR=/target \
        RUSTFLAGS="-C target-feature=+crt-static" \
        CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER=riscv64-linux-gnu-gcc \
        cargo "$@" >&2
}

# --- The guest ---

# boot PROG [ARG...]: boots and runs PROG; leaves what it said in $scratch/said and its exit status in $ended.
boot() {
    local prog=$1 name disk=$scratch/disk patience=${PROCESS_VS_THREAD_GUEST_TIMEOUT_S:-600} status=0
    shift
    [ -f "$prog" ] || misused "there is no program $prog"
    name=/bin/$(basename "$prog")
    rm -rf "$disk"
    mkdir -p "$disk/bin"
    cp "$tools/init" "$disk/init"
    cp "$prog" "$disk$name"
    chmod 755 "$disk" "$disk/bin" "$disk/init" "$disk$name"
    printf '%s\0' "$name" "$@" >"$disk/arguments"
    (cd "$disk" && find . | in_tools "$tools" cpio -o -H newc --quiet) >"$scratch/initrd"
    # -icount: time is instructions executed, so that a busy host changes no count.
    # exec: so that the process to stop is `timeout` itself, which passes the signal on, and no shell around it.
    in_tools "$tools" exec timeout -k 5 "$patience" qemu-system-riscv64 -L "$tools/usr/share/qemu" \
        -M virt -cpu rv64,sscofpmf=true -smp 1 -m 512M -icount shift=0 -nographic -nic none -no-reboot \
        -kernel "$tools/linux" -initrd "$scratch/initrd" \
        -append "console=ttyS0 quiet loglevel=0 panic=-1 norandmaps" </dev/null >"$scratch/console" 2>&1 &
    guest=$!
    wait "$guest" || status=$?
    guest=''
    # After the firmware's banner comes the program; the console has put a carriage return into every line.
    tr -d '\r' <"$scratch/console" | sed '1,/^Boot HART MEDELEG/d; /^GUEST-EXIT=/,$d' >"$scratch/said"
    ended=$(tr -d '\r' <"$scratch/console" | sed -n 's/^GUEST-EXIT=//p' | tail -n 1)
    if [ -z "$ended" ]; then
        tail -n 15 "$scratch/console" >&2
        [ "$status" != 124 ] || fail "the guest was not done in $patience s and was stopped"
        fail "the guest did not come to its end (QEMU: status $status)"
    fi
}

run() {
    [ $# -ge 1 ] || misused "run wants a program"
    setup
    scratch=$(mktemp -d)
    boot "$@"
    cat "$scratch/said"
    exit "$ended"
}

record() {
    [ $# = 1 ] || misused "record wants one file"
    [ -d "$(dirname "$1")" ] || misused "there is no folder for $1"
    build
    [ -n "$scratch" ] || scratch=$(mktemp -d)
    local lines
    say "the guest counts (10 s to a minute)"
    boot "$program" "${GUEST_RUN[@]}"
    grep '^{"schema":' "$scratch/said" >"$scratch/record.json" || true
    lines=$(wc -l <"$scratch/record.json")
    if [ "$ended" != 0 ] || [ "$lines" != 1 ]; then
        tail -n 15 "$scratch/said" | cut -c 1-400 >&2
        fail "the guest's run ended with status $ended and $lines records"
    fi
    cp "$scratch/record.json" "$1"
}

check() {
    verdict=wanted
    command -v cargo >/dev/null || unavailable "there is no cargo for the assertions"
    scratch=$(mktemp -d)
    record "$scratch/checked.json"
    (cd "$root" && PROCESS_VS_THREAD_GUEST_RECORD=$scratch/checked.json \
        cargo test --locked --test emulated_pmu -- --nocapture)
}

status() {
    local code=0 set_up="set up" built=built
    is_set_up "$tools" || { code=$UNAVAILABLE && set_up="not set up"; }
    [ -x "$program" ] || { code=$UNAVAILABLE && built="not built"; }
    echo "tools in $cache: $set_up"
    echo "guest program $program: $built"
    return "$code"
}

word=${1:---help}
shift || true
case $word in
check | setup | build | status)
    [ $# = 0 ] || misused "$word takes nothing"
    "$word"
    ;;
record | run) "$word" "$@" ;;
-h | --help | help) usage ;;
*) misused "there is no command '$word'" ;;
esac
