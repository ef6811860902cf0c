#!/bin/sh
# SPDX-License-Identifier: MIT
# gallery.sh - measures this machine and puts its page, with pictures of it, into docs/gallery/NAME.
#
#   sh scripts/gallery.sh NAME [option of heed-bench --report...]
#   RESULT=result.json sh scripts/gallery.sh NAME     a result that was measured before, or elsewhere
#   sh scripts/gallery.sh                             only draws all pages anew
#
# NAME becomes part of addresses: small letters, digits, hyphens, such as epyc-zen3.
# Installs what is missing (Debian, Ubuntu); chromium, which takes the pictures, only if it is there.
. "$(dirname "$0")/lib.sh"

gallery=$root/docs/gallery
name=${1:-}
case $name in
*[!a-z0-9-]* | -*) fail "NAME: small letters, digits and hyphens, not '$name'" ;;
esac
[ $# -eq 0 ] || shift

need python3 python3-jinja2 python3-matplotlib python3-scipy
python=python3
"$python" -c 'import jinja2, matplotlib, scipy' 2>/dev/null || python=/usr/bin/python3

report() {
    "$python" -B "$root/bench/heed-report" "$@"
}

measure() {
    need_to_build g++ pkg-config python3 libbenchmark-dev libcjson-dev
    build "$root/build/gallery" -DHEED_BUILD_TESTS=OFF -DHEED_BUILD_EXAMPLES=OFF
    say "measuring; leave the machine alone"
    "$root/build/gallery/bench/heed-bench" --report "$root/build/gallery/result" "$@"
    RESULT=$root/build/gallery/result/result.json
}

# photograph page picture [option...]: what the first screens look like.
photograph() {
    page=$1
    picture=$2
    shift 2
    profile=$(mktemp -d)
    step "taking $picture" chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --user-data-dir="$profile" --window-size=1200,1900 "$@" --screenshot="$picture" "file://$page"
    rm -rf "$profile"
}

draw() {
    report "$@"
    if command -v chromium >/dev/null; then
        photograph "$folder/report.html" "$folder/light.png" --blink-settings=preferredColorScheme=1
        photograph "$folder/report.html" "$folder/dark.png" --blink-settings=preferredColorScheme=0
    else
        say "no chromium here: the pictures of $folder stay as they are"
    fi
}

# The page holds its result, so that nothing else needs keeping.
if [ -n "$name" ]; then
    [ -n "${RESULT:-}" ] || measure "$@"
    mkdir -p "$gallery/$name"
    folder=$gallery/$name
    draw "$RESULT" -o "$folder/report.html"
else
    for folder in "$gallery"/*/; do
        folder=${folder%/}
        [ ! -f "$folder/report.html" ] || draw --from-html "$folder/report.html" -o "$folder/report.html"
    done
fi

# The index, and one page for all, if there are several.
index=$gallery/README.md
{
    echo "# Gallery"
    echo
    echo "What \`heed-bench --report\` measured and \`heed-report\` drew. Each page is one file that loads"
    echo "nothing; GitHub shows its source, so download it and open it. \`sh scripts/gallery.sh NAME\` adds"
    echo "the machine that it runs on."
} >"$index.new"
set --
for folder in "$gallery"/*/; do
    folder=${folder%/}
    [ -f "$folder/report.html" ] || continue
    entry=${folder##*/}
    set -- "$@" --from-html "$folder/report.html"
    title=$(sed -n 's:^<title>\(.*\)</title>$:\1:p' "$folder/report.html" | head -n 1)
    printf '\n## %s\n\n[The page](%s/report.html)\n' "$title" "$entry" >>"$index.new"
    for picture in light dark; do
        [ ! -f "$folder/$picture.png" ] ||
            printf '\n![The first screens, %s](%s/%s.png)\n' "$picture" "$entry" "$picture" >>"$index.new"
    done
done
[ $# -gt 0 ] || fail "nothing in $gallery yet: give a NAME"
if [ $# -gt 2 ]; then
    report "$@" -o "$gallery/all.html"
    printf '\n[All of them side by side](all.html)\n' >>"$index.new"
fi
mv "$index.new" "$index"
say "done: $index"
