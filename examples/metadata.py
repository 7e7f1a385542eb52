#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the faces of every frame and where the tip of each nose is (point 30 of ibug-68).

metadata.py "filesrc location=film.mp4 ! decodebin ! fkpdetect ! fakesink name=sink"
"""
import sys

import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstFkp', '1.0')
from gi.repository import Gst, GstFkp  # noqa: E402

NOSE = 30


def on_frame(_pad, info):
    meta = GstFkp.buffer_get_meta(info.get_buffer())
    n = meta.get_n_faces() if meta else 0
    print(f'{n} faces')
    for i in range(n):
        face = meta.get_face(i)  # to keep it longer than its buffer: face.copy()
        nose = face.get_point(NOSE)
        print(f'  face {face.id}: {meta.get_scheme().get_point_name(NOSE)} at {nose.x:.1f}, {nose.y:.1f}, confidence {nose.confidence:.2f}')
    return Gst.PadProbeReturn.OK


if len(sys.argv) != 2:
    sys.exit(__doc__)
Gst.init(None)
pipeline = Gst.parse_launch(sys.argv[1])
pipeline.get_by_name('sink').get_static_pad('sink').add_probe(Gst.PadProbeType.BUFFER, on_frame)
pipeline.set_state(Gst.State.PLAYING)
end = pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
pipeline.set_state(Gst.State.NULL)
if end.type == Gst.MessageType.ERROR:
    sys.exit(end.parse_error()[0].message)
