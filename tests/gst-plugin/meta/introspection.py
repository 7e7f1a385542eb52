# SPDX-License-Identifier: LGPL-2.1-or-later
"""The metadata as a Python program sees it."""
import json
import unittest

try:
    import gi
except ImportError:
    raise unittest.SkipTest('needs python3-gi')
try:
    gi.require_version('Gst', '1.0')
except ValueError:
    raise unittest.SkipTest('needs gir1.2-gstreamer-1.0')
gi.require_version('GstFkp', '1.0')
from gi.repository import GLib, Gst, GstFkp  # noqa: E402

TRIANGLE = {'name': 'triangle-3', 'points': ['right', 'left', 'low'], 'outlines': [{'points': [0, 1, 2], 'closed': True}]}
CAPS = 'video/x-raw,format=GRAY8,width=16,height=12,framerate=25/1'


def point(x, y, confidence):
    made = GstFkp.Point()
    made.x, made.y, made.confidence = x, y, confidence
    return made


def marked_buffer():
    """A frame of 16×12 with one face."""
    buffer = Gst.Buffer.new_wrapped(bytes(16 * 12))
    meta = GstFkp.buffer_add_meta(buffer, GstFkp.Scheme.new_from_json(json.dumps(TRIANGLE)), 16, 12)
    meta.add_face(7, 1.5, 2, 8, 8, 0.75, True, [point(1.5, 2, 0.5), point(9.5, 2, 0.25), point(5.5, 10, 1)])
    return buffer


class PadProbe(unittest.TestCase):
    def faces_behind(self, elements, buffer):
        """What a probe at the end of a pipeline reads of that buffer."""
        seen = []

        def on_frame(_pad, info):
            meta = GstFkp.buffer_get_meta(info.get_buffer())
            seen.append(meta and (meta.width, meta.height, [meta.get_face(i).copy() for i in range(meta.get_n_faces())]))
            return Gst.PadProbeReturn.OK

        pipeline = Gst.parse_launch(f'appsrc name=source format=time caps={CAPS} ! {elements} ! fakesink name=sink')
        pipeline.get_by_name('sink').get_static_pad('sink').add_probe(Gst.PadProbeType.BUFFER, on_frame)
        pipeline.set_state(Gst.State.PLAYING)
        source = pipeline.get_by_name('source')
        source.emit('push-buffer', buffer)
        source.emit('end-of-stream')
        message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        pipeline.set_state(Gst.State.NULL)
        self.assertEqual(message.type, Gst.MessageType.EOS)
        self.assertEqual(len(seen), 1)
        return seen[0]

    def test_reads_faces_and_points(self):
        width, height, faces = self.faces_behind('queue', marked_buffer())
        self.assertEqual((width, height, len(faces)), (16, 12, 1))
        face = faces[0]
        self.assertEqual((face.id, face.x, face.y, face.width, face.height, face.score, face.held), (7, 1.5, 2, 8, 8, 0.75, True))
        self.assertEqual([(p.x, p.y, p.confidence) for p in map(face.get_point, range(face.n_points))],
                         [(1.5, 2, 0.5), (9.5, 2, 0.25), (5.5, 10, 1)])

    def test_reads_points_of_a_scaled_picture(self):
        width, height, faces = self.faces_behind('videoscale ! video/x-raw,width=32,height=24', marked_buffer())
        self.assertEqual((width, height), (32, 24))
        self.assertEqual((faces[0].get_point(0).x, faces[0].get_point(0).y), (3.5, 4.5))

    def test_can_register_the_metadata_before_any_comes(self):
        self.assertEqual(GstFkp.Meta.get_info().api, GstFkp.meta_api_get_type())

    def test_finds_no_metadata_where_there_is_none(self):
        self.assertIsNone(self.faces_behind('queue', Gst.Buffer.new_wrapped(bytes(16 * 12))))


class Scheme(unittest.TestCase):
    def test_names_points_and_outlines(self):
        buffer = marked_buffer()
        scheme = GstFkp.buffer_get_meta(buffer).get_scheme()
        self.assertEqual(scheme.get_name(), 'triangle-3')
        self.assertEqual([scheme.get_point_name(i) for i in range(scheme.get_n_points())], ['right', 'left', 'low'])
        self.assertEqual(scheme.get_outline(0), ([0, 1, 2], True))

    def test_is_written_as_it_was_read(self):
        written = json.loads(GstFkp.Scheme.new_from_json(json.dumps(TRIANGLE)).to_json())
        self.assertEqual({key: written[key] for key in TRIANGLE}, TRIANGLE)

    def test_says_what_is_wrong(self):
        with self.assertRaisesRegex(GLib.Error, 'no points'):
            GstFkp.Scheme.new_from_json('{"name": "none", "points": []}')


Gst.init(None)
