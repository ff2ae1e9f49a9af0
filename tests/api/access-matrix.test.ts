import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Ask,
  answers,
  askRest,
  askTrpc,
  fixtures,
  inputs,
  type Procedure,
  procedures,
} from '../support/access.ts';
import { callerKinds, castFor, castStrangers, expectedFor } from '../support/access-cast.ts';
import { moveElsewhere, type Reply } from '../support/callers.ts';

let strangers: Awaited<ReturnType<typeof castStrangers>>;
beforeAll(async () => {
  strangers = await castStrangers();
});
// Callers without a name are counted by their address.
beforeEach(() => moveElsewhere());

const overRest = procedures.filter(({ meta }) => meta.openapi);

describe('every procedure', () => {
  test.each(procedures)('$name says who may call it', ({ meta }) => {
    const { access } = meta;
    const isScope = typeof access === 'object' && /^[a-z]+:[a-z0-9-]+$/.test(access.scope);
    expect(['public', 'person', 'admin'].includes(String(access)) || isScope).toBe(true);
  });

  test.each(procedures)('$name says whose its id is, and there is one to try', (procedure) => {
    const { fields, meta } = procedure;
    const { owns } = meta;
    expect(owns === undefined).toBe(!fields.includes('id'));
    if (owns !== undefined) expect(Object.keys(fixtures)).toContain(owns);
  });

  test('is in the matrix, and the matrix names no other', () => {
    // Each over both transports, where it has them.
    const cells = (procedures.length + overRest.length) * callerKinds.length;
    expect(cells).toBeGreaterThanOrEqual(1_500);
    const names = procedures.map(({ name }) => name);
    for (const name of [...Object.keys(inputs), ...Object.keys(answers)])
      expect(names).toContain(name);
  });
});

describe.each<[string, Ask, Procedure[]]>([
  ['REST', askRest, overRest],
  ['tRPC', askTrpc, procedures],
])('over %s', (transport, ask, listed) => {
  /** What is made of the owner's for one call. */
  const inputFor = async ({ meta, name }: Procedure, ownerId: string) => {
    const make = meta.owns === undefined ? undefined : fixtures[meta.owns];
    return { ...inputs[name], ...(make ? { id: await make(ownerId) } : {}) };
  };
  /** tRPC has 400 for an input that does not fit. */
  const isIn = (status: number, expected: number | undefined) => {
    if (expected === undefined) return status >= 200 && status < 300;
    return status === expected || (transport === 'tRPC' && expected === 422 && status === 400);
  };

  test.each(listed)('$name lets in whom it says and nobody else', async (procedure) => {
    const { callers, ownerId } = await castFor(procedure, strangers);
    let input: Record<string, unknown> | undefined;
    for (const kind of callerKinds) {
      const expected = expectedFor(kind, procedure);
      // What a refused call has named is there for the next one; nothing has happened to it.
      input ??= await inputFor(procedure, ownerId);
      const reply = await ask(procedure, callers[kind], input);
      if (expected === 'in') input = undefined;
      const what = `${kind}: ${reply.status} ${reply.text.slice(0, 200)}`;
      if (expected === 'in') expect(isIn(reply.status, answers[procedure.name]), what).toBe(true);
      else expect(reply.status, what).toBe(expected);
    }
  });

  const owning = listed.filter(({ meta }) => meta.owns !== undefined && meta.access !== 'admin');
  test.each(owning)(
    '$name tells what is foreign from what is missing to nobody',
    async (procedure) => {
      const { meta } = procedure;
      const { callers, ownerId } = await castFor(procedure, strangers);
      const foreign = await inputFor(procedure, ownerId);
      const missing = { ...foreign, id: String(foreign.id).replace(/.{8}$/, '00000000') };
      for (const as of [strangers['other session'], strangers.otherKey, callers['admin session']]) {
        const refusal = meta.access === 'person' && as === strangers.otherKey ? 403 : 404;
        const replies = [await ask(procedure, as, foreign), await ask(procedure, as, missing)];
        expect(replies.map(({ status }) => status)).toEqual([refusal, refusal]);
        const [one, two] = replies.map(detailOf);
        expect(one).toBe(two);
      }
      // Nothing has happened to it.
      const owned = await ask(procedure, callers['owner session'], foreign);
      expect(isIn(owned.status, answers[procedure.name]), owned.text).toBe(true);
    },
  );
});

const detailOf = ({ json }: Reply): string => json.detail ?? json.error.message;
