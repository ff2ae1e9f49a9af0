import { marginsOf, paperOf } from './paper.ts';
import type { PdfOptions } from './run.ts';

/** Every option with the value that was used; of secrets, only that they were given. */
export function effectiveOptions(options: PdfOptions): Record<string, unknown> {
  const { basic_auth, cookies, encrypt, headers, html: _html, ...rest } = options;
  const { height, width } = paperOf(options);
  return {
    ...rest,
    width: inPoints(width),
    height: inPoints(height),
    margin: Object.fromEntries(
      Object.entries(marginsOf(options)).map(([side, inches]) => [side, inPoints(inches)]),
    ),
    cookies: cookies.map(({ value: _value, ...cookie }) => cookie),
    headers: Object.keys(headers),
    ...(basic_auth ? { basic_auth: { username: basic_auth.username } } : {}),
    ...(encrypt ? { encrypt: { allow: encrypt.allow, user: encrypt.user !== '' } } : {}),
  };
}

function inPoints(inches: number): string {
  return `${Math.round(inches * 7200) / 100}pt`;
}
