/** A number for reading: at most four significant digits. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** 349150000 → "349 M", three digits; used for work, where the magnitude is what matters. */
export function formatMagnitude(count: number): string {
  const unit = [
    { size: 1e12, name: ' T' },
    { size: 1e9, name: ' G' },
    { size: 1e6, name: ' M' },
    { size: 1e3, name: ' k' },
  ].find(({ size }) => count >= size);
  return unit === undefined ? String(count) : `${Number((count / unit.size).toPrecision(3))}${unit.name}`;
}

/** 4951560 → "4.95 MB" */
export function formatBytes(bytes: number): string {
  const magnitude = formatMagnitude(bytes);
  return magnitude.includes(' ') ? `${magnitude}B` : `${magnitude} B`;
}

/** A time for reading: "under a second", "about 12 s", "about 5 min", "about 3 h". */
export function formatTime(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 99.5) return `about ${Math.round(seconds)} s`;
  if (seconds < 5970) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Number((seconds / 3600).toPrecision(2))} h`;
}
