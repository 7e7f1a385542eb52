#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# installed.sh BUILD PREFIX LIBDIR EXAMPLES PYTHON: installs into an empty folder and uses what lies there, and nothing else of the tree.
set -euo pipefail
build=$1 prefix=$2 libdir=$3 examples=$4 python=$5
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >/dev/null
# Moved, too: nothing may depend on where it was meant to lie.
mv "$root$prefix" "$root/moved"
unset FKP_MODEL_PATH LD_LIBRARY_PATH GST_PLUGIN_PATH PKG_CONFIG_PATH GI_TYPELIB_PATH
export GST_REGISTRY=$root/registry.bin
export GST_PLUGIN_PATH=$root/moved/$libdir/gstreamer-1.0 PKG_CONFIG_PATH=$root/moved/$libdir/pkgconfig

for element in fkpdetect fkpoverlay fkppublish; do
  gst-inspect-1.0 $element >"$root/$element.txt" || { echo "gst-inspect-1.0 $element fails"; exit 1; }
done

# A program's own copies of the templates that the libraries use inside must not replace theirs.
foreign=$(nm -DC --defined-only "$root/moved/$libdir"/libfkp*.so | grep -E '^[0-9a-f]+ ' | grep -vE '^[0-9a-f]+ . (typeinfo (name )?for |vtable for |guard variable for )?fkp::' || true)
[ -z "$foreign" ] || { echo "the libraries export what is not theirs:"; echo "$foreign" | head; exit 1; }

film="videotestsrc num-buffers=5 ! video/x-raw,width=160,height=120"
# shellcheck disable=SC2086
gst-launch-1.0 -q $film ! fkpdetect ! fkppublish method=file location="$root/out.jsonl" ! fkpoverlay ! fakesink
[ "$(wc -l <"$root/out.jsonl")" = 5 ] || { echo "5 frames make $(wc -l <"$root/out.jsonl") lines"; exit 1; }

# Ordinary programs look for libraries where they were told to at their build.
found=-Wl,-rpath,$root/moved/$libdir
# shellcheck disable=SC2046
cc "$examples/metadata.c" -o "$root/metadata" $(pkg-config --cflags --libs gstfkp-1.0) "$found"
[ "$("$root/metadata" "$film ! fkpdetect ! fakesink name=sink" | grep -c '0 faces')" = 5 ] || { echo "the C program sees no metadata"; exit 1; }

typelibs=$root/moved/$libdir/girepository-1.0
if [ -d "$typelibs" ] && "$python" -c 'import gi; gi.require_version("Gst", "1.0")' 2>/dev/null; then
  [ "$(GI_TYPELIB_PATH=$typelibs LD_LIBRARY_PATH=$root/moved/$libdir "$python" "$examples/metadata.py" "$film ! fkpdetect ! fakesink name=sink" |
    grep -c '0 faces')" = 5 ] || { echo "the Python program sees no metadata"; exit 1; }
fi

# shellcheck disable=SC2046
c++ -std=c++17 "$examples/faces.cpp" -o "$root/faces" $(pkg-config --cflags --libs fkp opencv4) "$found"
gst-launch-1.0 -q videotestsrc num-buffers=1 ! pngenc ! filesink location="$root/picture.png"
[ "$("$root/faces" "$root/picture.png")" = "$root/picture.png: 0 faces" ] || { echo "the C++ program fails"; exit 1; }
status=0
"$root/faces" "$root/absent.png" 2>"$root/error.txt" || status=$?
{ [ $status = 1 ] && grep -q 'absent.png: cannot be read' "$root/error.txt"; } || { echo "the C++ program does not name a missing picture"; exit 1; }

gst-launch-1.0 -q $film ! x264enc ! mp4mux ! filesink location="$root/film.mp4"
"$root/moved/bin/fkp-annotate" "$root/film.mp4" -o "$root/out.mp4" >/dev/null

DOOR_PASSWORD=x "$root/moved/bin/fkp-rtsp" --check "$examples/cameras.toml" >/dev/null

bash -c "source '$root/moved/share/bash-completion/completions/fkp-train.bash' && complete -p fkp-train" >/dev/null ||
  { echo "bash does not complete fkp-train"; exit 1; }
