/** A form with one large file, and then a field whose value the tool refuses. */
export type Upload = {
  headers: Record<string, string>;
  /** The body in pieces; the large ones are one and the same buffer. */
  body: () => AsyncGenerator<Buffer>;
};

const boundary = '----------------------------bench0123456789';
const pieceBytes = 256 * 1024;
const jpegStart = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00]);

/**
 * An upload that is read to its last byte and then refused: the file begins like a JPEG, and the
 * width, which comes after it, is out of range. So the tool itself never runs.
 */
export function createUpload(fileBytes: number): Upload {
  const head = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.jpg"\r\n` +
      'content-type: image/jpeg\r\n\r\n',
  );
  const tail = Buffer.from(
    `\r\n--${boundary}\r\ncontent-disposition: form-data; name="width"\r\n\r\n0\r\n--${boundary}--\r\n`,
  );
  const piece = Buffer.alloc(pieceBytes, 0x5a);
  async function* body() {
    yield head;
    yield jpegStart;
    for (let left = fileBytes - jpegStart.length; left > 0; left -= piece.length)
      yield left < piece.length ? piece.subarray(0, left) : piece;
    yield tail;
  }
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + fileBytes + tail.length),
    },
    body,
  };
}
