import { api } from "../api";
import { useLoad, useNow, useTitle } from "../hooks";
import { Failure, Loading } from "../parts/badges";
import { ago, bytes, plural } from "../words";

export function BackbonesPage() {
  useTitle("Backbones");
  const { value, error } = useLoad((signal) => api.backbones(signal), [], 15_000);
  const now = useNow();
  return (
    <div class="page">
      <div class="head">
        <div>
          <h1>Backbones</h1>
          <p class="sub">The frozen foundation models that audited heads stand on, by the digests of their files.</p>
        </div>
      </div>
      <Failure error={error} />
      {!value && !error ? <Loading what="backbones" /> : null}
      {value?.length === 0 ? <p class="empty card">No audit has used a backbone yet.</p> : null}
      {value?.map((backbone) => (
        <article class="card backbone" key={backbone.name + backbone.files.map((file) => file.sha256).join()}>
          <div class="section-head">
            <h2>{backbone.name}</h2>
            <p class="sub">
              {backbone.family ? `${backbone.family} · ` : ""}
              {bytes(backbone.bytes)}
            </p>
          </div>
          <p>
            {plural(backbone.audits, "audit")}
            {backbone.leaking > 0 ? <span class="warn"> · {backbone.leaking} below grade A</span> : null}
            {backbone.lastUsed ? <span class="sub"> · last used {ago(backbone.lastUsed, now)}</span> : null}
          </p>
          <details>
            <summary>{plural(backbone.files.length, "file")}</summary>
            <dl class="facts">
              {backbone.files.map((file) => (
                <>
                  <dt>
                    {file.name} <span class="sub">{bytes(file.bytes)}</span>
                  </dt>
                  <dd>
                    <code>{file.sha256}</code>
                  </dd>
                </>
              ))}
            </dl>
          </details>
        </article>
      ))}
    </div>
  );
}
