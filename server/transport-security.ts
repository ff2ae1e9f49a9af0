/** Browsers come back by https alone; sent by whatever is reached that way. */
export const transportSecurity: [name: string, value: string] = [
  'strict-transport-security',
  'max-age=63072000; includeSubDomains',
];
