import { twMerge } from 'tailwind-merge';

/** Joins class names; later ones win over earlier ones that set the same thing. */
export function cn(...classes: (string | false | undefined)[]): string {
  return twMerge(classes.filter(Boolean).join(' '));
}
