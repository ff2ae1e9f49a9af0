import type { Annotations, PageField } from './annotations.ts';
import type { FidelityReport } from './fidelity.ts';
import { openRun, type Writer } from './part-writer.ts';

type Field = { code: string; isResult: boolean; hasResult: boolean };

/** Fields whose result mammoth hands on as text; these show something without one. */
const needResult = /^\s*(EQ|SYMBOL|INCLUDEPICTURE|INCLUDETEXT|DATE|TIME|AUTHOR|TITLE|FILENAME)\b/i;

/** Follows fields: page numbers become marks, and links stay for mammoth. */
export function createFields(writer: Writer, annotations: Annotations, report: FidelityReport) {
  const stack: Field[] = [];
  let isCode = false;
  let owed: PageField[] = [];

  const finish = (field: Field | undefined) => {
    if (!field || field.hasResult) return;
    const kind = pageField(field.code);
    if (kind) owed.push(kind);
    else if (needResult.test(field.code)) report.add('field');
  };

  return {
    open: (name: string, attributes: Record<string, string>): boolean => {
      if (name === 'w:instrText' || name === 'w:delInstrText') {
        isCode = true;
        writer.raw('<w:instrText>');
        return true;
      }
      if (name === 'w:fldSimple') {
        stack.push({ code: attributes['w:instr'] ?? '', isResult: true, hasResult: false });
        return true;
      }
      if (name !== 'w:fldChar') return false;
      const type = attributes['w:fldCharType'] ?? '';
      const field = stack.at(-1);
      if (type === 'begin') stack.push({ code: '', isResult: false, hasResult: false });
      else if (type === 'separate' && field) field.isResult = true;
      else if (type === 'end') finish(stack.pop());
      writer.open('w:fldChar', { 'w:fldCharType': type }, ['w:fldCharType']);
      writer.raw('</w:fldChar>');
      return true;
    },
    close: (name: string): boolean => {
      if (name === 'w:instrText' || name === 'w:delInstrText') {
        isCode = false;
        writer.raw('</w:instrText>');
        return true;
      }
      if (name === 'w:fldSimple') {
        finish(stack.pop());
        writeOwed();
        return true;
      }
      return name === 'w:fldChar';
    },
    text: (piece: string) => {
      const field = stack.at(-1);
      if (!isCode || !field) return;
      field.code += piece;
      writer.text(piece);
    },
    /** Called for each text; the first one of a page field shows the number. */
    markRun: (index: number | undefined) => {
      const field = stack.at(-1);
      const run = annotations.runs[index ?? -1];
      if (!field?.isResult || !run) return;
      const kind = pageField(field.code);
      if (kind && field.hasResult) run.isRest = true;
      else if (kind) run.field = kind;
      field.hasResult = true;
    },
    /** A field without a result gets one in a run of its own, which must not stand inside another. */
    closeRun: () => writeOwed(),
  };

  function writeOwed() {
    for (const field of owed) {
      annotations.runs.push({ field });
      writer.raw(`${openRun(annotations.runs.length - 1)}<w:t>1</w:t></w:r>`);
    }
    owed = [];
  }
}

function pageField(code: string): PageField | undefined {
  const name = /^\s*(PAGE|NUMPAGES|SECTIONPAGES)\b/i.exec(code)?.[1]?.toUpperCase();
  return name as PageField | undefined;
}
