import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, onSignedOut } from "./api";
import { useLoad } from "./hooks";
import { AuditPage } from "./pages/audit";
import { AuditsPage } from "./pages/audits";
import { BackbonesPage } from "./pages/backbones";
import { ComparePage } from "./pages/compare";
import { GalleryPage } from "./pages/gallery";
import { LettersPage } from "./pages/letters";
import { SignIn } from "./pages/sign-in";
import { StudyPage } from "./pages/study";
import { SubmitPage } from "./pages/submit";
import { Icon, type IconName } from "./parts/icon";
import { Toasts } from "./parts/toasts";
import { type Route, useRoute } from "./router";
import { type Theme, useTheme } from "./theme";

/** A link as `palimpsest up` prints it carries the token in the fragment, which browsers do not send. */
function tokenOfLink(): string | null {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match?.[1]) {
    return null;
  }
  history.replaceState(null, "", location.pathname + "#/");
  return decodeURIComponent(match[1]);
}

const linkToken = tokenOfLink();

export function App() {
  const route = useRoute();
  const [signedIn, setSignedIn] = useState(linkToken === null);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    onSignedOut(() => setAsked(true));
    if (linkToken !== null) {
      api
        .signIn(linkToken)
        .catch(() => setAsked(true))
        .finally(() => setSignedIn(true));
    }
  }, []);
  if (!signedIn) {
    return null;
  }
  return asked ? (
    <SignIn done={() => setAsked(false)} />
  ) : (
    <Shell route={route} signOut={() => void api.signOut().finally(() => setAsked(true))}>
      <Page route={route} />
    </Shell>
  );
}

function Page({ route }: { route: Route }) {
  const [first = "audits", id, sub] = route.path;
  switch (first) {
    case "audits":
      if (!id) {
        return <AuditsPage route={route} />;
      }
      return sub === "gallery" ? <GalleryPage key={id} id={id} route={route} /> : <AuditPage key={id} id={id} />;
    case "submit":
      return <SubmitPage />;
    case "compare":
      return <ComparePage route={route} />;
    case "study":
      return <StudyPage />;
    case "backbones":
      return <BackbonesPage />;
    case "dead-letters":
      return <LettersPage route={route} />;
    default:
      return (
        <div class="page">
          <h1>There is no such page</h1>
          <p>
            Go on to the <a href="#/">audits</a>.
          </p>
        </div>
      );
  }
}

function Shell({ route, signOut, children }: { route: Route; signOut: () => void; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const first = route.path[0] ?? "audits";
  const open = useLoad((signal) => api.letters({ state: "open", limit: 1 }, signal), [], 15_000);
  const place = route.path.slice(0, 3).join("/");
  const before = useRef(place);
  useEffect(() => {
    // Readers of the page hear where they are after following a link, as they would on a page of its own.
    if (before.current !== place) {
      before.current = place;
      main.current?.focus();
      window.scrollTo(0, 0);
    }
  }, [place]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <div class="shell">
        <header class="rail">
          <a class="brand" href="#/">
            <Mark />
            <span>Palimpsest</span>
          </a>
          <a class="button primary new" href="#/submit" aria-current={first === "submit" ? "page" : undefined}>
            <Icon name="plus" /> New audit
          </a>
          <nav aria-label="Console">
            <NavLink to="#/audits" icon="list" active={first === "audits"}>
              Audits
            </NavLink>
            <NavLink to="#/compare" icon="compare" active={first === "compare"}>
              Compare
            </NavLink>
            <NavLink to="#/study" icon="study" active={first === "study"}>
              Study
            </NavLink>
            <NavLink to="#/backbones" icon="layers" active={first === "backbones"}>
              Backbones
            </NavLink>
            <NavLink to="#/dead-letters" icon="letter" active={first === "dead-letters"}>
              Dead letters
              {open.value && open.value.total > 0 ? (
                <span class="count" aria-label={`${open.value.total} open`}>
                  {open.value.total}
                </span>
              ) : null}
            </NavLink>
          </nav>
          <div class="rail-end">
            <ThemeChoice />
            <button type="button" class="quiet" onClick={signOut}>
              <Icon name="exit" /> <span>Sign out</span>
            </button>
          </div>
        </header>
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <Toasts />
    </>
  );
}

function NavLink({ to, icon, active, children }: { to: string; icon: IconName; active: boolean; children: ComponentChildren }) {
  return (
    <a class="nav" href={to} aria-current={active ? "page" : undefined}>
      <Icon name={icon} /> {children}
    </a>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  const next: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
  const icon: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };
  return (
    <button type="button" class="quiet" onClick={() => setTheme(next[theme])}>
      <Icon name={icon[theme]} /> <span>Theme: {theme}</span>
    </button>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round">
        <path d="M8 10h16M8 16h10M8 22h13" opacity=".45" />
        <path d="M12 25V7h5.5a5 5 0 0 1 0 10H12" />
      </g>
    </svg>
  );
}
