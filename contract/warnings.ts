/**
 * The one table of warnings. A clamp, a substitution or a drop is never silent: it is one of these,
 * and `strict: true` turns it into an error.
 */
export const warningCodes = {
  resource_failed: 'A resource of the page could not be loaded; the output was made without it.',
  resource_blocked:
    'A resource of the page was refused: its address is not public, or it was blocked.',
  resource_limit: 'The page asked for more resources than one job may load; the rest was left out.',
  console_error: 'A script of the page reported an error.',
  wait_timed_out: 'The page did not reach the asked state in time; it was printed as it was.',
  not_enlarged: 'The asked size is larger than the image; it was kept, because enlarge is false.',
  first_frame_only: 'The input is animated; only its first frame was used.',
  color_converted: 'The colours were converted to sRGB.',
  not_aligned:
    'The pictures could not be laid over each other; the drawing shows them as they stand.',
  alpha_flattened: 'Transparent parts were filled with the background colour.',
  quality_reduced: 'The quality was lowered to meet max_bytes.',
  size_reduced: 'The size was lowered to stay within the limit.',
  not_converted:
    'The document has something that the PDF has not; feature says what, count how often.',
  font_substituted: 'A font of the document is not installed; another one was used.',
  missing_glyphs: 'Some characters are in none of the installed fonts; they were left out.',
  text_cut: 'There was no room for all of a text; the rest was left out.',
  image_unreadable: 'An image of the document could not be read; its place was left empty.',
  link_removed: 'A link leads to something other than http, https or mailto; its text was kept.',
  no_size_gain: 'The output is not smaller than the input.',
  not_upscaled:
    'The asked resolution is larger than the video; it was kept, because upscale is false.',
  resolution_reduced: 'The resolution was lowered, because the target is too small for it.',
  frame_rate_reduced: 'The input has more pictures per second than the output may have.',
  color_depth_reduced: 'The colours were reduced to 8 bits.',
  audio_bitrate_reduced: 'The bitrate of the sound was lowered to leave room for the picture.',
  audio_downmixed: 'The sound was mixed down to two channels.',
  streams_dropped: 'Tracks that the output cannot hold were left out.',
  input_damaged: 'Parts of the input could not be decoded; the output was made from the rest.',
  time_clamped: 'A time lies past the end of the video; the end was taken.',
  target_lowered: 'The asked size is larger than the input; the size of the input was aimed at.',
  quality_not_measured: 'The likeness to the source could not be measured.',
  resolution_limited:
    'A page would have too many pixels; it was rendered with fewer dots per inch.',
  option_ignored: 'An option does not apply to this output and had no effect.',
} as const;

export type WarningCode = keyof typeof warningCodes;

/** One warning of a run; `message` says what happened in this run. */
export type Warning = { code: WarningCode; message: string; [fact: string]: unknown };
