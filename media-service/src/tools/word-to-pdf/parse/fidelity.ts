/** What a document may have and the PDF has not; the text is what the report says of it. */
export const features = {
  text_box: 'text boxes: their text follows the paragraph they belong to',
  shape: 'drawn shapes',
  group: 'groups of shapes',
  chart: 'charts',
  smart_art: 'SmartArt diagrams',
  equation: 'equations: their text is kept in one line',
  columns: 'sections with several columns: their text is in one column',
  comment: 'comments',
  tracked_change: 'tracked changes: insertions are shown as accepted, deletions are left out',
  embedded_object: 'embedded objects',
  embedded_document: 'documents embedded as another format',
  control: 'ActiveX controls',
  macro: 'macros',
  digital_signature: 'digital signatures',
  external_image: 'linked images: nothing outside of the file is read',
  floating_image: 'floating images: they stand in the text instead of beside it',
  floating_table: 'floating tables: they stand in the text instead of beside it',
  frame: 'text frames: their text is in the flow',
  drop_cap: 'drop caps',
  word_art: 'WordArt and watermarks',
  ink: 'ink',
  video: 'videos',
  ruby: 'phonetic guides',
  vertical_text: 'vertical text: it runs horizontally',
  page_border: 'page borders',
  page_background: 'page backgrounds',
  line_numbers: 'line numbers',
  text_effect: 'text effects such as shadow, outline or glow',
  emphasis_mark: 'emphasis marks',
  text_border: 'borders around text',
  character_scale: 'stretched characters',
  diagonal_border: 'diagonal borders of cells',
  symbol: 'symbols without a character of Unicode',
  field: 'fields without a stored result',
  metafile: 'images in a format of Windows (EMF, WMF)',
} as const;

export type Feature = keyof typeof features;

/** Counts of what is not converted. */
export type FidelityReport = {
  add: (feature: Feature, count?: number) => void;
  list: () => { feature: Feature; count: number; text: string }[];
};

export function createFidelityReport(): FidelityReport {
  const counts = new Map<Feature, number>();
  return {
    add: (feature, count = 1) => counts.set(feature, (counts.get(feature) ?? 0) + count),
    list: () =>
      [...counts]
        .filter(([, count]) => count > 0)
        .map(([feature, count]) => ({ feature, count, text: features[feature] }))
        .sort((a, b) => (a.feature < b.feature ? -1 : 1)),
  };
}
