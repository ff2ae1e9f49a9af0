import { rm, writeFile } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import type { InputFile } from '@nebula/contract/tool';
import { checkMethods } from '@nebula/contract/tools/image-match';
import type { Engines } from '../../engines/engines.ts';
import type { RunOutput } from '../../jobs/job.ts';
import { writeMark } from '../../test-mark/picture.ts';
import { type ComparedTarget, describeMatch, type PairAnswer } from './describe-match.ts';
import { blame, effectiveOptions, type MatchJob, type MatchOptions } from './match-job.ts';
import { type MatchImage, openMatchImage } from './open-match-image.ts';

/** Holds the first file against all others with OpenCV, one target after the other. */
export async function runImageMatch(job: MatchJob, engines: Engines): Promise<RunOutput> {
  const { options } = job;
  const [sourceFile, ...targetFiles] = expectFiles(job);
  expectOptions(options);
  const optionsEffective = effectiveOptions(options);
  const { methods } = optionsEffective;
  const source = await openMatchImage(job, engines, sourceFile, 'source');
  const resultPath = job.outputPath('json');
  const compared: ComparedTarget[] = [];
  for (const [index, file] of targetFiles.entries()) {
    const percent = Math.round((100 * index) / targetFiles.length);
    job.progress({
      percent,
      stage: 'comparing',
      message: `${index} of ${targetFiles.length} targets`,
    });
    compared.push(await compareTarget(job, engines, { source, file, index, methods }));
  }
  const result = describeMatch(options.threshold, methods, source, compared);
  await writeFile(resultPath, `${JSON.stringify(result, undefined, 2)}\n`);
  return {
    files: [
      { type: 'json', path: resultPath, label: 'match' },
      ...compared.flatMap(({ drawing }) => (drawing ? [drawing] : [])),
    ],
    engine: { name: 'opencv', version: engines.vision.health().version },
    optionsEffective,
    result,
  };
}

type Files = [source: InputFile, ...targets: InputFile[]];

function expectFiles({ files }: MatchJob): Files {
  const [source, ...targets] = files;
  if (source && targets.length > 0) return [source, ...targets];
  const message = `Expected a source and at least one target; received ${files.length} files.`;
  throw new AppError('invalid_input', message, { param: source ? 'targets' : 'source' });
}

/** The media-service sees options alone, so the rule over several of them is asked here again. */
function expectOptions(options: MatchOptions): void {
  const [issue] = checkMethods(options);
  if (issue) throw new AppError('invalid_input', issue.message, { param: issue.path });
}

async function compareTarget(
  job: MatchJob,
  engines: Engines,
  {
    file,
    index,
    methods,
    source,
  }: { source: MatchImage; file: InputFile; index: number; methods: readonly string[] },
): Promise<ComparedTarget> {
  const { visual } = job.options;
  const param = `targets.${index}`;
  const target = await openMatchImage(job, engines, file, param);
  const path = visual === 'none' ? undefined : job.outputPath('png');
  const request = {
    op: 'match',
    source: { ...source.request, key: job.dir },
    target: target.request,
    methods,
    ...(path ? { visual, path, mark: job.isTest ? await writeMark(job) : undefined } : {}),
  };
  const answer = await engines.vision
    .request<PairAnswer>(request, job.signal)
    .catch((error: unknown) => {
      throw blame(error, param);
    });
  if (target.rawPath) await rm(target.rawPath, { force: true });
  warnOf(job, answer, param);
  const drawing = path && answer.visual ? { ...answer.visual, path } : undefined;
  return {
    ...answer,
    index,
    target,
    drawing: drawing && { type: 'png', label: `${visual}-${index}`, ...drawing },
  };
}

function warnOf(
  job: MatchJob,
  { homography, sourceHasAlpha, targetHasAlpha, visual }: PairAnswer,
  param: string,
) {
  const flattened = [
    ...(sourceHasAlpha && param === 'targets.0' ? ['source'] : []),
    ...(targetHasAlpha ? [param] : []),
  ];
  for (const name of flattened)
    job.warn('alpha_flattened', `Transparent parts of ${name} were compared as white.`, {
      param: name,
    });
  if (visual && !homography)
    job.warn('not_aligned', `The source was not found in ${param}; the drawing is not aligned.`, {
      param,
    });
}
