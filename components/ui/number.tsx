'use client';

import type { ComponentProps } from 'react';
import { Input } from './field.tsx';

type Props = Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'max' | 'min'> & {
  value?: number;
  onChange: (value: number | undefined) => void;
  min?: number;
  max?: number;
  isWhole: boolean;
  /** What holds when nothing is written; a slider needs it to know where it stands. */
  initial?: number;
};

/** A number, with a slider beside it where the range is short and has a default. */
export function NumberInput({ initial, isWhole, max, min, onChange, value, ...rest }: Props) {
  const hasSlider =
    initial !== undefined && min !== undefined && max !== undefined && max - min <= 1000;
  return (
    <div className="flex items-center gap-3">
      <Input
        {...rest}
        type="number"
        inputMode={isWhole ? 'numeric' : 'decimal'}
        step={isWhole ? 1 : 'any'}
        min={min}
        max={max}
        placeholder={placeholder({ initial, max, min })}
        value={value ?? ''}
        onChange={(event) =>
          onChange(event.target.value === '' ? undefined : Number(event.target.value))
        }
      />
      {hasSlider && (
        // The field beside it does the same by keyboard.
        <input
          type="range"
          aria-hidden
          tabIndex={-1}
          min={min}
          max={max}
          step={isWhole ? 1 : (max - min) / 100}
          value={value ?? initial}
          className="h-10 w-24 shrink-0 accent-(--accent)"
          onChange={(event) => onChange(Number(Number(event.target.value).toFixed(2)))}
        />
      )}
    </div>
  );
}

function placeholder({ initial, max, min }: Pick<Props, 'initial' | 'max' | 'min'>) {
  if (initial !== undefined) return String(initial);
  return min === undefined || max === undefined ? undefined : `${min}–${max}`;
}
