import { serveWeb } from '#server/rest/web.ts';

export const dynamic = 'force-dynamic';

export {
  serveWeb as DELETE,
  serveWeb as GET,
  serveWeb as HEAD,
  serveWeb as OPTIONS,
  serveWeb as PATCH,
  serveWeb as POST,
  serveWeb as PUT,
};
