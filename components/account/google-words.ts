const words: Record<string, string> = {
  google_address_taken:
    'This address has an account with a password. Sign in with that, then link Google in the settings.',
  google_already_linked: 'This Google account, or yours here, is linked already.',
  google_other_person:
    'The address of this Google account was linked by somebody else. Sign in with your password.',
  google_suspended: 'This account is suspended. Write to the support.',
  google_unverified: 'Google has not confirmed the address of this account.',
};

/** What to say after a way by Google that led nowhere; the code comes from the address of the page. */
export const googleWords = (code: string): string =>
  Object.hasOwn(words, code)
    ? (words[code] ?? '')
    : 'Signing in with Google did not work. Try again.';
