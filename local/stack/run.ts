import { join } from 'node:path';
import { convertSample, sampleOf } from './samples.ts';
import { findRunningStack, root, type StackFile, startStack } from './stack.ts';

/** Starts the stack, shows that it works, and waits for Ctrl-C. */
export async function runUntilStopped({ isDevelopment }: { isDevelopment: boolean }) {
  const running = await findRunningStack();
  if (running) {
    process.stdout.write('The stack is running already.\n');
    await introduce(running);
    return;
  }
  const stack = await startStack({ isDevelopment });
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    process.stdout.write('\nstopping …\n');
    await stack.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  await introduce(stack.file);
}

async function introduce({ addresses, admin, api_key, demo, url }: StackFile) {
  const sample = sampleOf('html-to-pdf');
  const first = await convertSample({ url, apiKey: api_key, sample, folder: join(root, '.data') });
  process.stdout.write(
    [
      '',
      `  NebulaAPI     ${url}`,
      `  Playground    ${url}/playground`,
      `  Reference     ${url}/docs/api`,
      ...(addresses.mail ? [`  Mails         ${addresses.mail}`] : []),
      `  Demo login    ${demo.email}  ${demo.password}`,
      `  Admin login   ${admin.email}  ${admin.password}`,
      `  API key       ${api_key}`,
      `  First result  ${first.path} (${first.milliseconds} ms)`,
      '',
      '  Try it:',
      `  curl -H 'Authorization: Bearer ${api_key}' -F file=@${sample.file} ${url}/api/v1/tools/html-to-pdf -o invoice.pdf`,
      '',
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  );
}
