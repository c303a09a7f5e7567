#!/bin/bash
# Do the printed intervals hold for a rerun? Measures what decides the claims RUNS times, one run
# right after the other, and counts in how many pairs of runs the estimate of one lies in the
# interval of the other: as printed, and as printed if the other runs were earlier ones.
#
# usage: scripts/coverage.sh [RUNS [FOLDER]]     (8 runs take some 15 minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-8}
folder=${2:-$(mktemp -d)}
case $runs in
    '' | *[!0-9]* | 0 | 1)
        echo "coverage.sh: '$runs' is no number of runs: at least 2" >&2
        exit 2
        ;;
esac
cargo build --release --quiet --example coverage
cargo bench --quiet --no-run --bench verdict
for run in $(seq "$runs"); do
    echo "run $run of $runs" >&2
    PROCESS_VS_THREAD_OUT=$folder/$run cargo bench --quiet --bench verdict >"$folder/$run.log" 2>&1
done
target/release/examples/coverage "$folder"/*/*/record.json.gz
echo "the records: $folder" >&2
