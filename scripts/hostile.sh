#!/usr/bin/env bash
# shellcheck disable=SC2317
# Tries the program where the system, the caller or the input is hostile. See --help.
set -uo pipefail

usage() {
    cat <<'HELP'
Usage: scripts/hostile.sh [--quick] [--seed N] [--program PROGRAM] [KIND...]

Tries the program under hostile conditions and prints what failed, then a table by kind.

  namespaces   each kind of namespace, as process 1, without /proc or with a part of it
  seccomp      each of many system calls refused, with EPERM and with ENOSYS
  limits       each resource limit, from nothing to little
  streams      standard streams that are closed, full, broken or of the wrong kind
  folders      folders that are read-only, missing, full, files, links, too long or gone
  signals      each ending or stopping signal at several moments, ignored and blocked ones
  records      mutated records, given to show, report, compare, export and explain
  requests     mutated requests, sent to each server

Every case must end with one of the statuses that it may have, without a panic, in time, and leave no process behind.
As root, namespaces, limits, streams, folders and signals are tried as nobody too. What the system cannot set up is
counted as skipped.

  --quick      fewer of each, as nobody rather than as root; some two minutes
  --seed N     of the mutations [1]
  --program    what is tried [target/release/process-vs-thread]

Wants a C compiler, perl, setpriv, prlimit and unshare (util-linux). Exit status: 0, 1 if any case failed, 2 usage, 77 if
this machine cannot try it.
HELP
}

here=$(cd "$(dirname "$0")" && pwd)
program=$here/../target/release/process-vs-thread seed=1 quick='' kinds=()
readonly ALL=(namespaces seccomp limits streams folders signals records requests)
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage && exit ;;
    --quick) quick=1 ;;
    --seed) seed=${2-} && shift ;;
    --program) program=${2-} && shift ;;
    *)
        [[ " ${ALL[*]} " == *" $1 "* ]] || { usage >&2 && exit 2; }
        kinds+=("$1")
        ;;
    esac
    shift
done
[[ $seed =~ ^[0-9]+$ ]] || { usage >&2 && exit 2; }
[ ${#kinds[@]} -gt 0 ] || kinds=("${ALL[@]}")
for tool in cc perl setpriv prlimit unshare timeout; do
    command -v "$tool" >/dev/null || { echo "hostile.sh: there is no $tool" >&2 && exit 77; }
done
[ -x "$program" ] || { echo "hostile.sh: there is no $program: cargo build --release" >&2 && exit 77; }

# A copy of its own: whoever runs it is a process of a case, and nobody else's.
scratch=$(mktemp -d -p /var/tmp hostile.XXXXXX)
trap 'chmod -R u+rwX "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$scratch"
cp "$program" "$scratch/process-vs-thread"
cc -O1 -o "$scratch/deny-call" "$here/deny-call.c" || exit 77
export it=$scratch/process-vs-thread
export record_json=$scratch/record.json
# The smallest of those that are kept.
find "$here/../reports" -name record.json.gz -printf '%s %p\n' | sort -n | head -n 1 | cut -d' ' -f2- |
    xargs -d '\n' gzip -dc >"$record_json"
export PROCESS_VS_THREAD_OUT=$scratch/none HOME=$scratch/none LC_ALL=C

# What a case measures: a probe, a pair, a counted arm.
export MEASURE='run --quick --time 2s --only ^(probe/protect/read-child|switching/pipe|count/baseline/getppid) --out'
# Longer than any case takes, even where many others compete for the CPUs.
readonly PATIENCE=120

declare -A tried failed skipped
kind='' number=0 as=()

# Who runs the program of this script.
running() {
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$scratch/*" 2>/dev/null | cut -d/ -f3
}

left_running() {
    local pids try
    for ((try = 0; try < 50; try++)); do
        pids=$(running)
        [ -n "$pids" ] || return 1
        sleep 0.1
    done
    # shellcheck disable=SC2086 # Several.
    kill -KILL $pids 2>/dev/null
    return 0
}

# try NAME STATUSES COMMAND...: a case, in a folder of its own. Status 77 of the command says that it cannot be set up.
try() {
    local name=$1 allowed=$2 status=0 wrong=() folder=$scratch/case
    local panics='panicked at|RUST_BACKTRACE|overflowed its stack|memory allocation of'
    # Where too little is left to load the program, its runtime may say so.
    [[ " $allowed " != *' 134 '* ]] || panics='panicked at'
    shift 2
    number=$((number + 1))
    mkdir -p "$folder" && chmod 777 "$folder"
    # The braces: no word of the shell on how the command ended.
    { (
        cd "$folder" || exit 77
        exec timeout -k 5 "$PATIENCE" ${as[@]+"${as[@]}"} "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    ); } 2>/dev/null || status=$?
    if [ "$status" = 77 ]; then
        skipped[$kind]=$((${skipped[$kind]-0} + 1))
    else
        tried[$kind]=$((${tried[$kind]-0} + 1))
        case $status in
        124) wrong+=('it hangs') ;;
        *) [[ " $allowed " == *" $status "* ]] || wrong+=("status $status, not one of $allowed") ;;
        esac
        ! grep -qaE "$panics" "$scratch/err" || wrong+=('it panicked')
    fi
    ! left_running || wrong+=('a process was left')
    if [ ${#wrong[@]} -gt 0 ]; then
        failed[$kind]=$((${failed[$kind]-0} + 1))
        printf 'FAILED %s %s: %s\n' "$kind" "$name" "$(IFS=';' && echo "${wrong[*]}")"
        head -c 2000 "$scratch/err" | tail -n 6 | sed 's/^/    /'
    fi
    chmod -R u+rwX "$folder" 2>/dev/null
    rm -rf "$folder"
}

# The same by a line of shell, in which $it is the program and $MEASURE what it measures.
# shellcheck disable=SC2016
by_shell() { try "$1" "$2" bash -c "$3"; }

# Fewer where it is to be quick: every one of so many.
some() {
    local every=$1 at=0 word
    shift
    for word in "$@"; do
        if [ -z "$quick" ] || ((at++ % every == 0)); then echo "$word"; fi
    done
}

# As root, then as nobody; or as who one is. Where it is to be quick, root is nobody.
as_each() {
    as=()
    if [ "$(id -u)" != 0 ]; then
        "$@"
        return
    fi
    [ -n "$quick" ] || "$@"
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    "$@"
    as=()
}

try_namespaces() {
    as_each some_namespaces
    [ "$(id -u)" = 0 ] || return 0
    for way in 'umount -l /proc' 'umount -l /sys' 'mount -t tmpfs tmpfs /sys/fs/cgroup' \
        'mount -o remount,ro,bind /proc' 'mount -t tmpfs -o ro tmpfs /tmp' 'mount -t tmpfs tmpfs /dev' 'hostname x'; do
        prepared '--mount --uts --net' "$way"
    done
    for way in subset=pid hidepid=2 ro; do
        prepared '--mount --pid --fork' "mount -t proc -o $way proc /proc"
    done
}

# In new namespaces, of which something is changed.
# shellcheck disable=SC2016
prepared() {
    local command
    for command in "$MEASURE reports" doctor; do
        [ -z "$quick" ] || [ "$command" != doctor ] || continue
        PREPARE=$2 COMMAND=$command by_shell "$2, ${command%% *}" '0 1 3' "unshare $1 true || exit 77
            exec unshare $1 bash -c 'eval \"\$PREPARE\" || exit 77; exec \$it \$COMMAND'"
    done
}

# shellcheck disable=SC2016
some_namespaces() {
    local kind_of flags
    flags='--map-root-user'
    [ ${#as[@]} -gt 0 ] || flags=''
    for kind_of in $(some 3 --user --map-root-user --mount --uts --ipc --net --cgroup --time '--pid+--fork' \
        '--pid+--fork+--mount-proc' '--pid+--fork+--kill-child+--mount-proc+--net+--ipc+--uts' '--mount+--net+--pid+--fork'); do
        by_shell "$kind_of" '0 1 3' "unshare $flags ${kind_of//+/ } true || exit 77
            exec unshare $flags ${kind_of//+/ } \$it \$MEASURE reports"
    done
    # Process 1 has no default for a signal.
    by_shell 'TERM to process 1' '0 1 3 143' "unshare $flags --pid --fork --mount-proc true || exit 77
        unshare $flags --pid --fork --mount-proc \$it \$MEASURE reports & sleep 1
        pkill -TERM -P \$! ; wait \$!"
}

numbers_of() {
    printf '#include <sys/syscall.h>\n%s\n' "$(printf 'SYS_%s\n' "$@")" | cc -E -P - | tail -n $#
}

try_seccomp() {
    local call error its
    # Without poll, pread64, mmap and their like no program of Rust or of the C library starts.
    local calls=(perf_event_open clone3 vfork sched_setaffinity sched_getaffinity sched_setscheduler sched_getscheduler
        sched_setattr sched_yield setpriority getpriority prctl process_vm_readv pidfd_open memfd_create ptrace seccomp
        membarrier rseq epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 socket socketpair bind listen connect accept4
        setsockopt getsockopt getsockname pipe2 dup3 fcntl ppoll getrandom statx newfstatat statfs fstatfs readlink
        readlinkat getcwd prlimit64 getrusage times uname sysinfo clock_gettime clock_nanosleep nanosleep clock_getres wait4
        waitid kill tgkill setpgid setsid getpgid geteuid getgroups capget madvise mlock mincore mremap msync userfaultfd
        inotify_init1 timerfd_create signalfd4 rt_sigaction rt_sigprocmask rt_sigtimedwait sigaltstack getdents64 mkdir
        mkdirat rename renameat2 unlink unlinkat rmdir ftruncate fsync fdatasync lseek pwrite64 pwritev writev
        fallocate umask chmod shutdown sendto recvfrom sendmsg recvmsg gettid getppid ioctl mount umount2 unshare setns
        arch_prctl set_robust_list futex_waitv io_uring_setup close_range)
    mapfile -t calls < <(some 16 "${calls[@]}")
    for call in "${calls[@]}"; do
        its=$(numbers_of "$call")
        [[ $its =~ ^[0-9]+$ ]] || continue
        for error in $(some 2 1 38); do
            # shellcheck disable=SC2086
            try "$call errno $error" "$(statuses_without "$call")" "$scratch/deny-call" "$error" "$its" "$it" \
                $MEASURE reports
        done
    done
}

# Without some calls neither the C library's loader nor Rust's runtime gets as far as the program.
statuses_without() {
    case $1 in
    newfstatat | arch_prctl | rt_sigaction) echo '0 1 3 127 134' ;;
    *) echo '0 1 3' ;;
    esac
}

try_limits() { as_each some_limits; }

some_limits() {
    local limit value command
    local values=(as:60000000 as:100000000 as:300000000 as:1000000000 core:0 cpu:1 cpu:3 data:1000000 data:10000000
        data:100000000 fsize:0 fsize:1000 fsize:100000 locks:0 memlock:0 memlock:65536 msgqueue:0 nice:0 nofile:3 nofile:5
        nofile:8 nofile:12 nofile:20 nofile:40 nproc:0 nproc:1 nproc:3 nproc:10 rss:0 rtprio:0 rttime:1000 rttime:100000
        sigpending:0 sigpending:1 stack:65536 stack:200000 stack:1000000 stack:unlimited)
    for limit in $(some 4 "${values[@]}"); do
        value=${limit#*:}
        for command in "$MEASURE reports" doctor; do
            [ -z "$quick" ] || [ "$command" != doctor ] || continue
            # The kernel ends what is over its time, and a program that cannot even be loaded says so itself.
            # shellcheck disable=SC2086
            try "$limit ${command%% *}" "$(statuses_under "$limit")" prlimit "--${limit%%:*}=$value" "$it" $command
        done
    done
}

statuses_under() {
    case $1 in
    cpu:* | rttime:*) echo '0 1 3 137 152' ;;
    as:[0-9][0-9]000000 | data:1000000 | stack:65536) echo '0 1 3 127 134 139' ;;
    nofile:[0-9]) echo '0 1 3 127 134' ;;
    *) echo '0 1 3' ;;
    esac
}

try_streams() { as_each some_streams; }

# shellcheck disable=SC2016
some_streams() {
    local command redirection
    local commands=("$MEASURE reports" doctor list "show $record_json" "report - --page page.html" 'export --schema'
        "compare $record_json $record_json" "explain B1 $record_json" --help 'show nothing')
    local redirections=('<&-' '>&-' '2>&-' '<&- >&- 2>&-' '>/dev/full' '2>/dev/full' '>/dev/full 2>&1' '</dev/zero' '</'
        '> >(:)' '2> >(:)' '0>/dev/null' '1</dev/null' '2</dev/null' '</dev/tty')
    for command in "${commands[@]}"; do
        while read -r redirection; do
            by_shell "${command%% *} $redirection" '0 1 2 3' "exec \$it ${command//"$MEASURE"/\$MEASURE} $redirection"
        done < <(some 4 "${redirections[@]}")
    done
}

try_folders() { as_each some_folders; }

# shellcheck disable=SC2016
some_folders() {
    local way long
    long=$(printf 'x%.0s' {1..300})
    local ways=('mkdir a && chmod 555 a; out=a' 'out=a/b/c/d' 'touch a; out=a' 'touch a; out=a/b' 'ln -s nowhere a; out=a'
        'ln -s a a; out=a' "out=$long" "out=\$(printf '$long/%.0s' {1..20})" 'out=' 'out=/proc' 'out=/sys' 'out=/dev/null'
        'out=/dev/full' 'mkdir a && cd a && rmdir ../a; out=b' 'umask 777; out=a' 'umask 400; out=a'
        'export HOME= TMPDIR=/nowhere; out=/nowhere/x' 'export TMPDIR=/dev/null; touch a; out=a' 'mkfifo a; out=a'
        'mkdir -p a/b; chmod 000 a; out=a/b' 'unset HOME PATH; out=a' 'cd /; out=/proc/self/fd' 'out=-' "out=\$'a\\nb\\e[2J'"
        "out=\$'\\xff\\xfe'")
    while read -r way; do
        by_shell "$way" '0 1 2 3' "$way; exec \$it \$MEASURE \"\$out\""
    done < <(some 4 "${ways[@]}")
    [ "$(id -u)" = 0 ] && [ ${#as[@]} = 0 ] || return 0
    by_shell 'a full disk' '0 1' 'unshare --mount bash -c "mkdir a && mount -t tmpfs -o size=64k tmpfs a || exit 77
        exec \$it \$MEASURE a"'
    by_shell 'no inode left' '0 1' 'unshare --mount bash -c "mkdir a && mount -t tmpfs -o nr_inodes=2 tmpfs a || exit 77
        exec \$it \$MEASURE a"'
    by_shell 'a disk that becomes read-only' '0 1' 'unshare --mount bash -c "mkdir a && mount -t tmpfs tmpfs a || exit 77
        (sleep 1; mount -o remount,ro a) & \$it \$MEASURE a; s=\$?; wait; exit \$s"'
}

try_signals() { as_each some_signals; }

# shellcheck disable=SC2016
some_signals() {
    local signal moment command
    for signal in $(some 5 INT TERM HUP QUIT USR1 USR2 PIPE ALRM KILL ABRT SEGV BUS FPE VTALRM XCPU XFSZ TSTP STOP WINCH CHLD \
        IO PWR URG CONT); do
        for moment in $(some 2 0.05 0.4 1.5); do
            by_shell "$signal after $moment s" "$(statuses_of "$signal")" "\$it \$MEASURE reports & p=\$!; sleep $moment
                kill -$signal \$p; sleep 0.3; kill -CONT \$p 2>/dev/null; wait \$p"
        done
    done
    # To all of its group, as a terminal does; twice; and to those that serve and load.
    for signal in INT TERM HUP; do
        by_shell "$signal to the group" "$(statuses_of "$signal")" "set -m; \$it \$MEASURE reports & p=\$!; sleep 1
            kill -$signal -- -\$p; wait \$p"
        by_shell "$signal twice" "$(statuses_of "$signal")" "\$it \$MEASURE reports & p=\$!; sleep 0.5
            kill -$signal \$p; kill -$signal \$p; sleep 0.1; kill -$signal \$p 2>/dev/null; wait \$p"
        while read -r command; do
            by_shell "$signal to $command" "$(statuses_of "$signal")" "\$it $command & p=\$!; sleep 0.5
                kill -$signal \$p; wait \$p"
        done < <(some 4 'serve prefork' 'serve epoll' 'serve thread-pool' 'load http://127.0.0.1:9/ --seconds 2' doctor)
    done
    while read -r command; do
        by_shell "$command" '0 1 3 124' "$command"
    done < <(some 3 \
        "trap '' INT TERM HUP PIPE CHLD USR1 USR2; exec \$it \$MEASURE reports" \
        "trap '' CHLD; exec \$it \$MEASURE reports" \
        "perl -MPOSIX -e 'POSIX::sigprocmask(SIG_BLOCK, POSIX::SigSet->new(1..31)); exec @ARGV' \$it \$MEASURE reports" \
        "(sleep 0.7; kill -KILL \$(pgrep -x process-vs-thr -P \$\$) 2>/dev/null) & \$it \$MEASURE reports; wait; exit 0" \
        "nice -n 19 \$it \$MEASURE reports" \
        "chrt -i 0 true || exit 77; exec chrt -i 0 \$it \$MEASURE reports")
}

statuses_of() {
    local own
    own=$((128 + $(kill -l "$1")))
    # It may have ended before, or not have begun to listen.
    echo "0 1 3 $own"
}

# A record with one or a few mutations, of the seed and the number.
mutate() {
    perl -e '
        my ($seed, $file) = @ARGV; srand($seed); local $/; open(my $f, "<", $file) or die; my $text = <$f>;
        my @bad = ("null", "-1", "1e999", "18446744073709551616", "NaN", "\"\"", "[]", "{}", "true", "1e-320", "[[[[[]]]]]",
            "\"\\u001b[2J\"", "\"" . ("x" x 100000) . "\"", "-0.0", "\"<script>\"", "\"../../etc/passwd\"");
        for (1 .. 1 + int rand 3) {
            my $way = int rand 8; my $at = int rand length $text;
            if ($way == 0) { substr($text, $at, 1) = chr int rand 256 }
            elsif ($way == 1) { $text = substr($text, 0, $at) }
            elsif ($way == 2) { substr($text, $at, 0) = substr($text, int rand length $text, int rand 2000) }
            elsif ($way == 3) { substr($text, $at, int rand 500) = "" }
            elsif ($way < 6) {
                my @values; while ($text =~ /[:,\[](?=-?\d|"|true|false|null)/g) { push @values, pos $text }
                next unless @values; my $v = $values[rand @values]; pos($text) = $v;
                if ($text =~ /\G("(?:[^"\\]|\\.)*"|[-\d.eE+]+|\w+)/g) { substr($text, $v, length $1) = $bad[rand @bad] }
            }
            elsif ($way == 6) { substr($text, $at, 0) = "[" x (10 ** (1 + int rand 5)) }
            else { my @names = ($text =~ /"(\w+)":/g); my $n = $names[rand @names] // next; $text =~ s/"$n":/"$n.":/ }
        }
        print $text' "$1" "$record_json"
}

# shellcheck disable=SC2016
try_records() {
    local at file=$scratch/mutated.json count=130 command
    [ -z "$quick" ] || count=6
    local commands=("show $file" "show $file --all --json" "report $file --page page.html" "compare $file $record_json"
        "compare $record_json $file --html page.html" "export $file --format csv" "export $file --format bmf"
        "export $file --redact" "explain B1 $file" "predict --memory 64MiB $file")
    for ((at = 0; at < count; at++)); do
        mutate "$((seed * 100000 + at))" >"$file"
        chmod 644 "$file"
        # Each of them half of the time.
        for command in "${commands[@]}"; do
            ((at % 2 == ${#command} % 2)) || continue
            # Ten seconds of a CPU and a gigabyte.
            by_shell "$((seed * 100000 + at)): ${command//$scratch\//}" '0 1 2' \
                "ulimit -t 10 -v 1000000 -f 100000; exec \$it $command"
        done
    done
    head -c 100000000 /dev/zero | gzip -9 >"$file.gz"
    by_shell 'a packed record of zeros' '1' "ulimit -t 20 -v 1000000; exec \$it show $file.gz"
    by_shell 'a packed record that ends early' '1' \
        "gzip -c $record_json | head -c 3000 >a.gz; ulimit -t 10 -v 1000000; exec \$it show a.gz"
}

# Sends so many mutated requests, and then one that is none: it must be answered.
assault() {
    perl -MIO::Socket::INET -e '
        my ($seed, $port, $count) = @ARGV; srand($seed); $SIG{PIPE} = "IGNORE"; $SIG{ALRM} = sub { die "no answer\n" };
        my @parts = ("GET / HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "GET", " ", "/", "HTTP/1.0\r\n", "HTTP/9.9\r\n", "\n", "\0",
            "Content-Length: 99999999999999999999\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n",
            "A: " . ("x" x 70000) . "\r\n", "\xff\xfe", ("H: y\r\n") x 1, ("H: y\r\n" x 300), "POST /crash HTTP/1.1\r\n", "GET /%00%ff HTTP/1.1\r\n",
            "Connection: close\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00");
        my $open = sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 20) };
        for (1 .. $count) {
            my $socket = $open->() or die "no connection: $!\n";
            my $text = join "", map { $parts[rand @parts] } 1 .. 1 + int rand 8;
            if (rand() < 0.5) { substr($text, int rand length $text, 1) = chr int rand 256 }
            syswrite $socket, $text;
            shutdown($socket, 1) if rand() < 0.5;
            if (rand() < 0.3) { $socket->blocking(0); sysread $socket, my $some, 1000 }
            close $socket;
        }
        alarm 30; my $socket = $open->() or die "no connection: $!\n";
        syswrite $socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"; sysread $socket, my $answer, 1000;
        $answer =~ m{^HTTP/1\.1 200} or die "answered: $answer\n"' "$@"
}
export -f assault

# shellcheck disable=SC2016
try_requests() {
    local model at rounds=4 count=500
    [ -z "$quick" ] || { rounds=1 && count=100; }
    for model in prefork thread-pool thread-per-connection epoll epoll-per-core; do
        for ((at = 0; at < rounds; at++)); do
            by_shell "$model, seed $((seed + at))" '0' "coproc \$it serve $model --workers 8; p=\$COPROC_PID
                read -r url _ <&\${COPROC[0]}; port=\${url##*:}; assault $((seed + at)) \${port%/} $count; a=\$?
                kill -TERM \$p || exit 1; wait \$p; s=\$?; [ \$a = 0 ] && [ \$s = 0 ] || [ \$a:\$s = 0:143 ]"
        done
    done
}

for kind in "${kinds[@]}"; do
    began=$SECONDS
    "try_$kind"
    printf '%-11s %4d tried  %3d skipped  %3d failed  %4d s\n' "$kind" "${tried[$kind]-0}" "${skipped[$kind]-0}" \
        "${failed[$kind]-0}" $((SECONDS - began))
done

kind='what is left'
# A group is named after the process that made it, which may be another run that is under way.
while read -r group; do
    owner=${group##*process-vs-thread-}
    [ -d "/proc/${owner%%-*}" ] || { echo "FAILED a control group is left: $group" && failed[$kind]=1; }
done < <(find /sys/fs/cgroup -type d -name 'process-vs-thread-*' 2>/dev/null)
total=0
for count in ${failed[@]+"${failed[@]}"}; do
    total=$((total + count))
done
echo "$number cases, $total failed (seed $seed)"
[ "$total" = 0 ]
