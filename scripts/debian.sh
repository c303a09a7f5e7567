# shellcheck shell=bash
# Debian's packages, unpacked into a cache and not installed, without root. Sourced by machines.sh, which has `say`, `fail`,
# `unavailable`, `need` and the folder `cache`.
: "${cache:?}"

readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
# What a mirror has dropped is fetched from here, by the hash of its content in any case.
readonly DEBIAN_SNAPSHOT=https://snapshot.debian.org/archive/debian/20261130T000000Z

partial='' # what is being unpacked
keyring='' # Debian's keys

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

# --- Packages pinned by their content ---

# pinned_file SHA256 PATH MEMBER: the file that is MEMBER (a pattern) of the package at PATH, its cached name in $file.
pinned_file() {
    local sha=$1 path=$2 member=$3 base
    file=${path##*/}
    file=$cache/pinned/${sha:0:16}-${file%.deb}
    if [ ! -f "$file" ]; then
        begin_unpacking
        for base in "$(mirror)" "$DEBIAN_SNAPSHOT"; do
            say "fetching $base/$path"
            ! /usr/lib/apt/apt-helper -qq -o "APT::Sandbox::User=$(id -un)" download-file "$base/$path" \
                "$partial/deb" "SHA256:$sha" >&2 || break
            rm -f "$partial/deb"
        done
        [ -f "$partial/deb" ] || unavailable "no archive has $path with the content $sha"
        dpkg-deb --fsys-tarfile "$partial/deb" | tar -x -C "$partial" --wildcards -O "./$member" >"$partial/member" ||
            fail "$path has no $member"
        mkdir -p "$cache/pinned"
        mv "$partial/member" "$file"
        rm -rf "$partial"
        partial=''
    fi
}

# --- Programs for this machine, with the libraries that they lack here ---

# apt_world SUITE...: lets the apt commands that follow live in a world of their own, in which is installed what is
# installed here. This machine's hooks stay out, its proxies stay.
apt_world() {
    local world=$partial/apt suite
    find_keyring
    mkdir -p "$world"/{state/lists,cache/archives}/partial "$world/none"
    cp /var/lib/dpkg/status "$world/state/status"
    for suite in "$@"; do
        echo "deb [signed-by=$keyring] $(mirror) $suite main"
    done >"$world/sources.list"
    {
        apt-config dump | grep -E '^Acquire::(http|https)::' || true
        cat <<APT
Dir::State "$world/state";
Dir::State::status "$world/state/status";
Dir::Cache "$world/cache";
Dir::Etc::parts "$world/none";
Dir::Etc::sourcelist "$world/sources.list";
Dir::Etc::sourceparts "$world/none";
Dir::Etc::preferences "$world/none/preferences";
Dir::Etc::preferencesparts "$world/none";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Sandbox::User "$(id -un)";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Debug::NoLocking "true";
APT
    } >"$world/apt.conf"
    export APT_CONFIG=$world/apt.conf
    say "asking $(mirror) for packages"
    apt-get -qq update >&2 || unavailable "the packages of $(mirror) cannot be listed (no network?)"
}

# Fetches packages and all that they want and this world lacks.
fetch_all() {
    apt-get -qq -y --no-install-recommends --download-only install "$@" >&2 || unavailable "cannot fetch $*"
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
}

# in_tree TREE COMMAND...: a program from unpacked packages, with their libraries before this machine's.
in_tree() {
    local tree=$1 libraries
    shift
    libraries=$(uname -m)-linux-gnu
    LD_LIBRARY_PATH=$tree/usr/lib/$libraries:$tree/lib/$libraries PATH=$tree/usr/bin:$tree/bin:$PATH "$@"
}
