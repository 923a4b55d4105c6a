import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { type Chosen, images, missing, NOTHING, submit, unsupported } from "../files";
import { useLoad, useSettled, useTitle } from "../hooks";
import { Bar, Failure } from "../parts/badges";
import { FileButton } from "../parts/file-button";
import { Icon } from "../parts/icon";
import { href } from "../router";
import type { Lint, Ref } from "../types";
import { plural } from "../words";

const EXAMPLE = `apiVersion: palimpsest/v1
name: my head
backbone: dino-vitb16
target:
  head: head.safetensors
  normaliser: normaliser.safetensors
knowledge:                # for counting afterwards; the attack never sees it
  members: members.safetensors
  controls: controls.safetensors
reconstruct: { preset: fast, seconds: 60, seed: 7 }
invert: { top: 8, steps: 600 }
`;

export function SubmitPage() {
  useTitle("New audit");
  const [text, setText] = useState(EXAMPLE);
  const settled = useSettled(text, 300);
  const lint = useLoad<Lint>((signal) => api.lint(settled, signal), [settled]);
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [busy, setBusy] = useState<{ what: string; done: number; total: number } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const editor = useRef<HTMLTextAreaElement>(null);
  const key = useRef(crypto.randomUUID?.() ?? String(Math.random()).slice(2));
  useEffect(() => {
    key.current = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  }, [text, chosen]);

  const problems = lint.value?.problems ?? [];
  const spec = problems.length === 0 ? (lint.value?.spec ?? null) : null;
  const refusal = spec ? unsupported(spec) : null;
  const wants = spec && !refusal ? missing(spec, chosen) : [];
  const ready = spec !== null && refusal === null && wants.length === 0 && settled === text;

  const goTo = (line: number): void => {
    const area = editor.current;
    if (area && line > 0) {
      const lines = text.split("\n");
      const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      area.focus();
      area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    }
  };
  const send = (): void => {
    if (!spec || busy) {
      return;
    }
    setError(null);
    setBusy({ what: "", done: 0, total: 1 });
    submit(text, spec, chosen, key.current, (what, done, total) => setBusy({ what, done, total }))
      .then((audit) => {
        location.hash = href(["audits", audit.id]);
      })
      .catch((failure: Error) => {
        setError(failure);
        setBusy(null);
      });
  };
  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>New audit</h1>
          <p class="sub">One file says it all: paste it, or open it.</p>
        </div>
        <div class="actions">
          <FileButton
            label="Open audit.yaml"
            accept=".yaml,.yml,.json"
            chosen={(files) =>
              void files[0]
                ?.text()
                .then(setText)
                .catch((failure: Error) => setError(failure))
            }
          />
        </div>
      </div>
      <div class="submit">
        <section class="card spec" aria-label="Spec">
          <label for="spec" class="hidden">
            The spec as YAML
          </label>
          <Editor text={text} setText={setText} editor={editor} bad={new Map(problems.map((problem) => [problem.line, problem.text]))} />
        </section>
        <div class="beside">
          <section class="card" aria-label="Problems">
            <h2>Problems</h2>
            <Failure error={lint.error} />
            <ul class="problems" aria-live="polite">
              {problems.map((problem, i) => (
                <li key={i}>
                  <button type="button" class="link" onClick={() => goTo(problem.line)}>
                    {problem.line > 0 ? `line ${problem.line}` : "file"}
                  </button>{" "}
                  {problem.path ? <code>{problem.path}</code> : null} {problem.text}
                </li>
              ))}
              {lint.value && problems.length === 0 ? (
                <li class="fine">
                  <Icon name="check" /> None
                </li>
              ) : null}
            </ul>
          </section>
          {spec && refusal ? <p class="notice">{refusal}</p> : null}
          {spec && !refusal ? (
            <section class="card" aria-label="Files">
              <h2>Files that it names</h2>
              <BackboneChoice named={spec.backbone} chosen={chosen} set={setChosen} />
              {spec.target.head ? <FileChoice label="head" named={spec.target.head} file={chosen.head} set={(head) => setChosen({ ...chosen, head })} /> : null}
              {spec.target.normaliser ? <FileChoice label="normaliser" named={spec.target.normaliser} file={chosen.normaliser} set={(normaliser) => setChosen({ ...chosen, normaliser })} /> : null}
              {spec.knowledge?.members ? <FileChoice label="members" named={spec.knowledge.members} file={chosen.members} set={(members) => setChosen({ ...chosen, members })} /> : null}
              {spec.knowledge?.controls ? <FileChoice label="controls" named={spec.knowledge.controls} file={chosen.controls} set={(controls) => setChosen({ ...chosen, controls })} /> : null}
              {spec.target.train ? (
                <div class="file">
                  <span>
                    <strong>dataset</strong> <code>{spec.target.train.dataset}</code>
                    <br />
                    <span class="sub">{chosen.dataset ? said(chosen.dataset, spec.target.train.classes) : "a folder with one sub-folder of images a class; every second image is held out"}</span>
                  </span>
                  <FileButton label="Choose the dataset's folder" folder chosen={(dataset) => setChosen({ ...chosen, dataset })} />
                </div>
              ) : null}
            </section>
          ) : null}
          <Failure error={error} />
          {busy ? (
            <div class="card" role="status">
              <p>Sending {busy.what} …</p>
              <Bar done={busy.done} total={busy.total} label="sending" />
            </div>
          ) : null}
          <button type="button" class="button primary big" disabled={!ready || busy !== null} onClick={send}>
            <Icon name="upload" /> Submit
          </button>
          {wants.length > 0 ? <p class="hint">Still to choose: {wants.join(", ")}.</p> : null}
        </div>
      </div>
    </div>
  );
}

function said(files: File[], classes: string[]): string {
  const all = images(files, classes);
  return `${plural(all.length, "image")} in ${plural(new Set(all.map((image) => image.label)).size, "class", "classes")}, ${all.filter((image) => image.part === "member").length} to train on`;
}

function Editor({ text, setText, editor, bad }: { text: string; setText: (text: string) => void; editor: { current: HTMLTextAreaElement | null }; bad: Map<number, string> }) {
  const lines = text.split("\n");
  return (
    <div class="editor">
      <ol aria-hidden="true">
        {lines.map((_, i) => (
          <li key={i} class={bad.has(i + 1) ? "bad" : ""}>
            {i + 1}
          </li>
        ))}
      </ol>
      <textarea id="spec" ref={editor} spellcheck={false} autocapitalize="off" wrap="off" rows={Math.max(16, lines.length + 1)} value={text} aria-invalid={bad.size > 0} onInput={(event) => setText(event.currentTarget.value)} />
    </div>
  );
}

function FileChoice({ label, named, file, set }: { label: string; named: string; file: File | null; set: (file: File | null) => void }) {
  return (
    <div class="file">
      <span>
        <strong>{label}</strong> <code>{named}</code>
        {file ? <span class="sub"> {file.name}</span> : null}
      </span>
      <FileButton label={`Choose ${label}`} accept=".safetensors" chosen={(files) => set(files[0] ?? null)} />
    </div>
  );
}

function BackboneChoice({ named, chosen, set }: { named: string; chosen: Chosen; set: (chosen: Chosen) => void }) {
  const known = useLoad((signal) => api.backbones(signal), []);
  const files = Array.isArray(chosen.backbone) ? chosen.backbone : null;
  return (
    <div class="file">
      <span>
        <strong>backbone</strong> <code>{named}</code>
        {files ? <span class="sub"> {plural(files.length, "file")}</span> : null}
      </span>
      <span class="actions">
        {known.value && known.value.length > 0 ? (
          <label>
            <span class="hidden">Backbone that the gateway knows</span>
            <select
              onChange={(event) => {
                const backbone = known.value?.[event.currentTarget.selectedIndex - 1];
                const refs: Record<string, Ref> = {};
                backbone?.files.forEach((file) => {
                  refs[file.name] = { key: `backbones/sha256/${file.sha256}`, sha256: file.sha256, bytes: file.bytes };
                });
                set({ ...chosen, backbone: backbone ? refs : null });
              }}
            >
              <option>known ones …</option>
              {known.value.map((backbone) => (
                <option key={backbone.files.map((file) => file.sha256).join()}>{backbone.name}</option>
              ))}
            </select>
          </label>
        ) : null}
        <FileButton label="Choose the backbone's folder" folder chosen={(backbone) => set({ ...chosen, backbone })} />
      </span>
    </div>
  );
}
