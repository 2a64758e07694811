import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { parseSync, Visitor } from 'oxc-parser';

/** One module of the project asks for another, or for a package. */
export interface Import {
  /** Path of the importing module from the root of the project. */
  readonly from: string;
  /** Path from the root of the project, or the name of a package. */
  readonly to: string;
}

/** Every import, re-export, dynamic import and `import('...')` type of a module; Node's own modules left out. */
export function readImports(from: string): Import[] {
  const { program, errors } = parseSync(from, readFileSync(from, 'utf8'));
  if (errors[0] !== undefined) throw new Error(`${from}: ${errors[0].message}`);
  const specifiers: string[] = [];
  const add = (source: { type: string } | null): void => {
    if (source !== null && 'value' in source && typeof source.value === 'string')
      specifiers.push(source.value);
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
  }).visit(program);
  return specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => ({
      from,
      to: specifier.startsWith('.') ? join(dirname(from), specifier) : packageOf(specifier),
    }));
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
