import { maxFramePixels } from '@nebula/contract/tools/video-compress';

/** The kinds of file that ffmpeg may open. */
export type VideoType = 'mp4' | 'mov' | 'mkv' | 'webm' | 'avi' | 'flv' | 'mpg' | 'ts';

/** The demuxers that the content of each type may be given to; playlists are nowhere among them. */
const demuxers: Record<VideoType, string> = {
  mp4: 'mov',
  mov: 'mov',
  mkv: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  flv: 'flv',
  mpg: 'mpeg,mpegvideo',
  ts: 'mpegts',
};

const videoDecoders =
  'h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,mpeg1video,mpeg2video,msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,vc1,h263,flv,vp6,vp6f,vp6a,mjpeg,prores,dnxhd,theora,svq3,dvvideo,huffyuv,ffvhuff,ffv1,utvideo,png,qtrle,rawvideo';
const audioDecoders =
  'aac,aac_latm,mp3,mp3float,mp2,mp2float,ac3,eac3,dca,opus,vorbis,flac,alac,amrnb,amrwb,wmav1,wmav2,nellymoser,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_swf,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd';
/** Never mapped; only opened, because a file with subtitles could not be looked at otherwise. */
const subtitleDecoders =
  'mov_text,subrip,srt,ass,ssa,webvtt,text,dvdsub,dvbsub,pgssub,xsub,cc_dec,libzvbi_teletextdec';

const decoders = [videoDecoders, audioDecoders, subtitleDecoders].join(',');

/** More than any film has; a file of thousands is an attack. */
const maxStreams = 50;

/** Options that stand before every input: what may be opened, and how much of it. */
export function inputGuards(type: VideoType): string[] {
  return [
    ...['-protocol_whitelist', 'file'],
    ...['-format_whitelist', demuxers[type]],
    ...['-codec_whitelist', decoders],
    ...['-max_pixels', String(maxFramePixels)],
    ...['-max_streams', String(maxStreams)],
  ];
}

/** The only way in which a file is named to ffmpeg, so that no name is read as a protocol. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}
