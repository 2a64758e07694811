const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A horizontal bar of `width` columns, filled by a share from 0 to 1 to an eighth of a column. */
export function bar(share: number, width: number): { readonly full: string; readonly empty: string } {
  const eighths = Math.round(within(share) * width * 8);
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return { full, empty: '░'.repeat(width - Math.ceil(eighths / 8)) };
}

/** One column of a sparkline, as high as a share from 0 to 1. */
export function column(share: number): string {
  return HEIGHTS[Math.round(within(share) * (HEIGHTS.length - 1))] ?? '';
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
