import { serveTrpc } from '#server/rest/trpc.ts';

export const dynamic = 'force-dynamic';

export { serveTrpc as GET, serveTrpc as POST };
