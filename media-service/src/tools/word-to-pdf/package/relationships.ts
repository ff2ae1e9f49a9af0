import { posix } from 'node:path';
import { readXml } from '../parse/xml.ts';
import type { DocxPackage } from './open-package.ts';

/** Where a part points to; an external target is an address, an internal one the name of a part. */
export type Relationship = { type: string; target: string; isExternal: boolean };

export type Relationships = ReadonlyMap<string, Relationship>;

/** The relationships of a part, by id; empty where it has none. */
export async function readRelationships(file: DocxPackage, part: string): Promise<Relationships> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const relationships = new Map<string, Relationship>();
  const text = await file.readText(name);
  if (text === undefined) return relationships;
  for (const { attributes, name: kind } of readXml(text).children) {
    const { Id: id, Target: target, TargetMode: mode, Type: type } = attributes;
    if (kind !== 'rel:Relationship' || id === undefined || target === undefined) continue;
    const isExternal = mode === 'External';
    relationships.set(id, {
      type: (type ?? '').split('/').at(-1) ?? '',
      target: isExternal ? target : partName(folder, target),
      isExternal,
    });
  }
  return relationships;
}

/** The first internal part of a kind, such as `styles`. */
export function findPart(relationships: Relationships, type: string): string | undefined {
  for (const each of relationships.values())
    if (each.type === type && !each.isExternal) return each.target;
  return undefined;
}

/** A name inside the package; whatever leads outside becomes a name that no part has. */
function partName(folder: string, target: string): string {
  const path = target.startsWith('/') ? target : `/${folder}/${target}`;
  return posix.normalize(path).replace(/^\/+/, '');
}
