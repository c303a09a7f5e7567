#!/usr/bin/env bash
# Looks at a page of a run in headless Chromium: sideways overflow, height in screens, size of what is tapped, pages
# when printed; and, as axe-core sees it, whether everybody can read it, in light and dark. Usage:
# scripts/page-check.sh PAGE. Exit status 77 where there is no Chromium. What of axe-core cannot be fetched is skipped.
set -euo pipefail

# https://github.com/dequelabs/axe-core, as npm's registry has it, by its content.
readonly AXE=axe-core-4.14.1
readonly AXE_SHA256=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745

page=$(realpath "${1:?usage: scripts/page-check.sh PAGE}")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
    echo 'skipped: Chromium is not installed (Debian: apt-get install chromium)'
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(--headless --no-sandbox --disable-gpu --hide-scrollbars)

# The page itself runs no script: a copy of it measures itself. Chromium's own window is never narrower than 500
# pixels, so the copy lies in a frame of the width that is asked for.
measure='<script>
addEventListener("load", () => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > innerWidth + 1 && !one.closest(".scroll") && !one.closest("svg");
  });
  const taps = [...document.querySelectorAll("summary, nav a")].filter(one => one.offsetHeight > 0);
  const least = Math.min(...taps.map(one => one.getBoundingClientRect().height));
  parent.postMessage({
    overflow: root.scrollWidth - innerWidth,
    wide: wide.slice(0, 3).map(one => one.tagName + "." + one.className).join(" "),
    height: root.scrollHeight,
    least: Math.round(least),
  }, "*");
});
</script>'
{ cat "$page"; printf '%s' "$measure"; } >"$work/copy.html"

failed=0
for size in 1440x900x12 768x1024x99 360x740x35; do
    IFS=x read -r width height most <<<"$size"
    cat >"$work/frame.html" <<HTML
<body style="margin:0"><iframe src="copy.html" width="$width" height="$height" style="border:0"></iframe><pre></pre>
<script>addEventListener("message", event => {
  const found = event.data;
  document.querySelector("pre").textContent =
    "overflow=" + found.overflow + " least=" + found.least + " height=" + found.height + " wide=" + found.wide + ".";
});</script>
HTML
    said=$("$browser" "${options[@]}" --allow-file-access-from-files --window-size=1500,1100 --virtual-time-budget=4000 \
        --dump-dom "file://$work/frame.html" 2>/dev/null | grep -o 'overflow=.*\.' | head -1)
    pixels=${said##*height=}
    pixels=${pixels%% *}
    screens=$(((pixels + height - 1) / height))
    printf '%5s px: %s screens (at most %s), %s\n' "$width" "$screens" "$most" "$said"
    if [ "$screens" -gt "$most" ] || ! grep -q 'overflow=-\?0 ' <<<"$said"; then
        failed=1
    fi
done

"$browser" "${options[@]}" --no-pdf-header-footer --print-to-pdf="$work/page.pdf" "file://$page" 2>/dev/null
sheets=$(grep -ac '/Type /Page$' "$work/page.pdf" || true)
printf '  print: %s pages (at most 12)\n' "$sheets"
if [ "$sheets" -gt 12 ]; then
    failed=1
fi

axe=${XDG_CACHE_HOME:-${HOME:-$work}/.cache}/process-vs-thread/$AXE.tgz
if [ ! -f "$axe" ] && mkdir -p "${axe%/*}" && curl -fsSL --max-time 60 -o "$work/axe.tgz" \
    "https://registry.npmjs.org/axe-core/-/$AXE.tgz"; then
    mv "$work/axe.tgz" "$axe"
fi
if [ -f "$axe" ] && ! sha256sum --check --status <<<"$AXE_SHA256  $axe"; then
    echo "  $axe is not what it should be: $AXE_SHA256; remove it and repeat"
    exit 1
fi
if [ ! -f "$axe" ]; then
    echo "  skipped: $AXE cannot be fetched here: who cannot see the page was not asked"
    exit "$failed"
fi
tar -xzOf "$axe" package/axe.min.js >"$work/axe.js"
ask='<script src="axe.js"></script><script>
addEventListener("load", async () => {
  const found = await axe.run();
  const pre = document.createElement("pre");
  const places = one => one.nodes.slice(0, 3).map(node => node.target).join(", ");
  pre.textContent = "axe: " + found.passes.length + " rules kept, " + found.violations.length + " broken in " +
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") +
    found.violations.map(one => "; " + one.id + ": " + one.help + " (" + places(one) + ")").join("") + " :axe";
  document.body.append(pre);
});
</script>'
for document in "$page" "${page%/*}/details.html"; do
    [ -f "$document" ] || continue
    { cat "$document"; printf '%s' "$ask"; } >"$work/asked.html"
    for scheme in light dark; do
        said=$("$browser" "${options[@]}" --allow-file-access-from-files --window-size=1440,900 \
            --blink-settings="preferredColorScheme=$([ $scheme = dark ]; echo $?)" --virtual-time-budget=60000 \
            --dump-dom "file://$work/asked.html" 2>/dev/null | grep -o 'axe: .* :axe' || true)
        printf '  %s: %s\n' "${document##*/}" "${said% :axe}"
        if ! grep -q "[1-9][0-9]* rules kept, 0 broken in $scheme" <<<"$said"; then
            failed=1
        fi
    done
done
exit "$failed"
