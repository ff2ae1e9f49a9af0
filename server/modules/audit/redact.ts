const secretName = /secret|password|hash|token|authorization|cookie/i;
const fullKey = /nb_(live|test)_[0-9A-Za-z]{38}|whsec_[0-9A-Za-z+/=]{20,}/g;

/** Facts without secrets: by the name of a field, and by what a text looks like. */
export function redact(facts: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(facts).filter(([name]) => !secretName.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, redactValue(value)]));
}

/** A text in which no full key is left. */
export function redactText(text: string): string {
  return text.replace(fullKey, (key) => `${key.slice(0, key.lastIndexOf('_') + 1)}…`);
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactValue);
  return typeof value === 'object' && value !== null
    ? redact(value as Record<string, unknown>)
    : value;
}
