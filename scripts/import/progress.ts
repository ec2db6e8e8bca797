// Shows how far a phase is: one line that is drawn again on a terminal, a line every few seconds in a pipe.

export interface Progress {
  /** Counts further items as done. */
  advance(by?: number): void;
  /** Draws the last state and ends the line. */
  end(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 24;
const TERMINAL_MS = 100;
const PIPE_MS = 5_000;

/** Starts a bar over `total` items; `done` of them are already there. */
export function startProgress(label: string, total: number, screen: Screen = process.stderr, done = 0): Progress {
  const started = Date.now();
  const before = done;
  let drawn = 0;

  function draw(last: boolean): void {
    const now = Date.now();
    if (!last && now - drawn < (screen.isTTY ? TERMINAL_MS : PIPE_MS)) return;
    drawn = now;
    const line = progressLine({ label, total, done, fresh: done - before, elapsed: now - started });
    screen.write(screen.isTTY ? `\r\u001b[K${line}${last ? '\n' : ''}` : `${line}\n`);
  }

  draw(screen.isTTY === true);
  return {
    advance(by = 1) {
      done += by;
      draw(false);
    },
    end: () => draw(true),
  };
}

/** Such as `orders    ██████████░░░░░░  60 %  12,571 of 20,951  210/s  40 s left`. `fresh` items took `elapsed` milliseconds. */
export function progressLine(state: { label: string; total: number; done: number; fresh: number; elapsed: number }): string {
  const { label, total, done, fresh, elapsed } = state;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * WIDTH);
  const rate = elapsed === 0 ? 0 : (fresh * 1000) / elapsed;
  const left = done >= total ? `${seconds(elapsed)} s` : rate > 0 ? `${seconds(((total - done) / rate) * 1000)} s left` : '';
  const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${label.padEnd(10)} ${bar} ${percent}  ${grouped(done)} of ${grouped(total)}  ${grouped(Math.round(rate))}/s  ${left}`.trimEnd();
}

/** 1030589201 → `1,030,589,201`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-GB');
}

function seconds(ms: number): string {
  return grouped(Math.round(ms / 1000));
}
