import type { State } from "../types";
import { Icon, type IconName } from "./icon";

const STATE_ICONS: Record<State, IconName> = {
  requested: "wait",
  embedding: "play",
  reconstructing: "play",
  selecting: "play",
  inverting: "play",
  paused: "pause",
  done: "check",
  failed: "cross",
  cancelled: "stop",
  erased: "close",
};

export function StateBadge({ state }: { state: State }) {
  return (
    <span class={`state state-${state}`}>
      <Icon name={STATE_ICONS[state]} /> {state}
    </span>
  );
}

/** From A (nothing was shown) to E; a dash before there is one. */
export function Grade({ grade, large = false }: { grade: string | null | undefined; large?: boolean }) {
  if (!grade || !/^[A-E]$/.test(grade)) {
    return (
      <span class={large ? "grade large none" : "grade none"}>
        <span aria-hidden="true">–</span>
        <span class="hidden">not graded</span>
      </span>
    );
  }
  return (
    <span class={`grade grade-${grade}${large ? " large" : ""}`}>
      <span class="hidden">Grade </span>
      {grade}
    </span>
  );
}

export function Bar({ done, total, label, tone = "" }: { done: number; total: number; label: string; tone?: string }) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div class={`bar ${tone}`} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={Math.max(1, total)} aria-valuenow={Math.min(done, Math.max(1, total))}>
      <div style={{ width: `${100 * share}%` }} />
    </div>
  );
}

export function Failure({ error }: { error: Error | null }) {
  return error ? (
    <p class="notice bad" role="alert">
      {error.message}
    </p>
  ) : null;
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what} …
    </p>
  );
}
