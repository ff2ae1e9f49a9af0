/** The most pixels that a picture may have, coming or going; checked before memory is taken. */
export const maxPixels = 50_000_000;
