#!/usr/bin/env bash
# Looks at a page of a run in headless Chromium: sideways overflow, height in screens, size of what is tapped, pages
# when printed. Usage: scripts/page-check.sh PAGE. Exit status 77 where there is no Chromium.
set -euo pipefail

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
exit "$failed"
