import type { PageField } from '../parse/annotations.ts';
import type { Picture } from '../parse/model.ts';
import type { Fonts } from './fonts.ts';

/** What laying out a document needs. */
export type LayoutContext = {
  fonts: Fonts;
  defaultTab: number;
  /** Size of a picture in points where the document does not say it. */
  pictureSize: (picture: Picture) => { width: number; height: number };
  /** The number behind a field; undefined while the pages are not known. */
  fieldValue?: (field: PageField) => string;
  hasBookmarks: boolean;
};
