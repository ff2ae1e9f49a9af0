/** Why the work on a job was stopped from outside. */
export class Stopped extends Error {
  readonly isLost: boolean;

  constructor(isLost: boolean) {
    super(isLost ? 'the job is no longer ours' : 'the process ends');
    this.isLost = isLost;
  }
}
