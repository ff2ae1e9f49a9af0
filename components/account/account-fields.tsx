import { Field, Input } from '../ui/field.tsx';

export function EmailField() {
  return (
    <Field htmlFor="email" label="E-mail">
      <Input
        id="email"
        name="email"
        type="email"
        autoComplete="username"
        required
        maxLength={254}
      />
    </Field>
  );
}

export function NewPasswordField({ label = 'Password' }: { label?: string }) {
  return (
    <Field htmlFor="new-password" label={label} hint="At least 8 characters, at most 72 bytes.">
      <Input
        id="new-password"
        name="password"
        type="password"
        autoComplete="new-password"
        aria-describedby="new-password-note"
        required
        minLength={8}
        maxLength={72}
      />
    </Field>
  );
}
