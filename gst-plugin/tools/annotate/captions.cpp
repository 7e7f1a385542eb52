// SPDX-License-Identifier: LGPL-2.1-or-later
#include "captions.h"

#include <cstring>
#include <utility>

#include "gst_ptr.h"
#include "guarded.h"
#include "tally.h"

namespace fkp {
namespace {

struct Parsed {
  std::string text;
  bool keep_tags;
  int depth = 0;  // 1: in the outermost element
};

void on_text(GMarkupParseContext*, const gchar* text, gsize length, gpointer parsed, GError**) {
  static_cast<Parsed*>(parsed)->text.append(text, length);
}

void on_start(GMarkupParseContext*, const gchar* name, const gchar**, const gchar**, gpointer user_data, GError**) {
  auto* parsed = static_cast<Parsed*>(user_data);
  if (parsed->depth++ > 0 && parsed->keep_tags) parsed->text += std::string("<") + name + ">";
}

void on_end(GMarkupParseContext*, const gchar* name, gpointer user_data, GError**) {
  auto* parsed = static_cast<Parsed*>(user_data);
  if (--parsed->depth > 0 && parsed->keep_tags) parsed->text += std::string("</") + name + ">";
}

/// Of captions that are no proper markup, as those that a person wrote: an & by itself, a tag that nothing closes.
std::string without_usual_tags(const std::string& text) {
  static GRegex* const tag =
      g_regex_new("</?(i|b|u|s|font|span)(\\s[^<>]*)?>", static_cast<GRegexCompileFlags>(G_REGEX_CASELESS | G_REGEX_OPTIMIZE), {}, nullptr);
  const GstPtr<gchar> plain(g_regex_replace_literal(tag, text.data(), static_cast<gssize>(text.size()), 0, "", {}, nullptr));
  std::string decoded = plain ? plain.get() : text;
  for (const auto& [entity, character] : {std::pair("&lt;", "<"), {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}})
    for (std::size_t at = 0; (at = decoded.find(entity, at)) != std::string::npos; at++)
      decoded.replace(at, std::strlen(entity), character);
  return decoded;
}

}  // namespace

std::string text_of_markup(const std::string& markup, bool keep_tags) {
  static const GMarkupParser parser = {on_start, on_end, on_text, nullptr, nullptr};
  Parsed parsed{"", keep_tags};
  g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, static_cast<GMarkupParseFlags>(0), &parsed, nullptr);
  const std::string whole = "<text>" + markup + "</text>";
  const bool good = g_markup_parse_context_parse(context, whole.data(), static_cast<gssize>(whole.size()), nullptr) &&
                    g_markup_parse_context_end_parse(context, nullptr);
  return good ? parsed.text : keep_tags ? markup : without_usual_tags(markup);
}

Captions::Captions(GstElement* setter, bool keep_tags, bool from_start) : setter_(setter), keep_tags_(keep_tags), begun_(!from_start) {
  const GstPtr<GstPad> pad(gst_element_get_static_pad(setter, "src"));
  const auto what = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  gst_pad_add_probe(pad.get(), what, passes, this, nullptr);
}

GstPadProbeReturn Captions::passes(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
  auto* self = static_cast<Captions*>(user_data);
  const bool is_text = GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER;
  if (!is_text && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_GAP) return GST_PAD_PROBE_OK;
  const bool good = guarded(self->setter_, [&] {
    self->begin(pad, is_text ? GST_PAD_PROBE_INFO_BUFFER(info) : nullptr);
    if (is_text) self->clean(info);
  });
  return good ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/// Starts the track with an empty caption if the first one comes later. `first` is the first caption; null if the stream begins with a
/// gap. If a track begins late, mp4mux writes a length for it that makes players cut its last caption short.
void Captions::begin(GstPad* pad, GstBuffer* first) {
  if (begun_) return;
  begun_ = true;
  GstSegment segment;
  if (!segment_of(pad, &segment)) return;
  const GstClockTime start = segment.start;
  if (first && (!GST_BUFFER_PTS_IS_VALID(first) || GST_BUFFER_PTS(first) <= start)) return;
  GstBuffer* empty = gst_buffer_new();
  GST_BUFFER_PTS(empty) = start;
  GST_BUFFER_DURATION(empty) = first ? GST_BUFFER_PTS(first) - start : GST_MSECOND;  // the gap follows
  gst_pad_push(pad, empty);
}

void Captions::clean(GstPadProbeInfo* info) {
  if (!markup_known_) {
    const GstPtr<GstPad> pad(gst_element_get_static_pad(setter_, "sink"));
    const GstPtr<GstCaps> caps(gst_pad_get_current_caps(pad.get()));
    markup_ = caps && g_strcmp0(gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "format"), "pango-markup") == 0;
    markup_known_ = true;
  }
  if (!markup_) return;
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return;
  const std::string markup(reinterpret_cast<const char*>(map.data), map.size);
  gst_buffer_unmap(buffer, &map);
  const std::string text = text_of_markup(markup, keep_tags_);
  if (text == markup) return;
  GstBuffer* cleaned = gst_buffer_new_memdup(text.data(), text.size());
  gst_buffer_copy_into(cleaned, buffer, static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_METADATA), 0, -1);
  gst_buffer_unref(buffer);
  GST_PAD_PROBE_INFO_DATA(info) = cleaned;
}

}  // namespace fkp
